# face_cluster_highway: Google Highway, from a pinned source: vector code that is compiled for several instruction sets
# and picks one at run time. Only headers and the picking itself are needed.
# Not the system's package: its version differs from one system to the next, and with it what compilers make of it.
# Without a network, point FETCHCONTENT_SOURCE_DIR_HIGHWAY to an unpacked highway 1.0.3.
face_cluster_fetch(highway
  ARCHIVE highway_1.0.3.orig.tar.gz
  SHA256 566fc77315878473d9a6bd815f7de78c73734acdcb745c3dde8579560ac5440e
  CLIENT sh ${CMAKE_CURRENT_LIST_DIR}/debian-source.sh . highway 1.0.3
  RELEASE https://github.com/google/highway/archive/refs/tags/1.0.3.tar.gz
  RELEASE_SHA256 566fc77315878473d9a6bd815f7de78c73734acdcb745c3dde8579560ac5440e
)

add_library(face_cluster_highway STATIC
  ${highway_SOURCE_DIR}/hwy/per_target.cc
  ${highway_SOURCE_DIR}/hwy/targets.cc
)
target_include_directories(face_cluster_highway SYSTEM PUBLIC ${highway_SOURCE_DIR})
# Scalable vectors can't be kept in arrays, which the register tiles of our kernels are; NEON and the fixed-width x86 sets
# can.
target_compile_definitions(face_cluster_highway PUBLIC
  "HWY_DISABLED_TARGETS=(HWY_SVE|HWY_SVE2|HWY_SVE_256|HWY_SVE2_128|HWY_RVV)")
# On arm64 NEON is all that is left, and every such processor has it, so nothing is to be chosen there while a program runs.
# Highway would have GCC, and no other compiler, choose all the same: it compiles NEON for processors with AES only, so that a
# Raspberry Pi 4 counts as having no vectors, and a struct of vectors does not compile, as its constructor may run anywhere.
# This is Highway's own switch for systems that can't tell what a processor has; it means nothing on x86.
target_compile_definitions(face_cluster_highway PUBLIC TOOLCHAIN_MISS_SYS_AUXV_H)
