# face_cluster_blas: sgemm for dlib's convolutions, where there is one that adds no dependency at run time: on macOS
# the system's Accelerate, on Linux OpenBLAS's static library, which picks its instructions at run time. Without it
# dlib multiplies matrices itself: the same faces, several times slower.
option(FACE_CLUSTER_BLAS "Use a BLAS for the reference networks" ON)

if(FACE_CLUSTER_BLAS)
  add_library(face_cluster_blas INTERFACE)
  if(APPLE)
    target_link_libraries(face_cluster_blas INTERFACE "-framework Accelerate")
  else()
    find_library(FACE_CLUSTER_OPENBLAS NAMES libopenblas.a
      PATH_SUFFIXES openblas-pthread ${CMAKE_LIBRARY_ARCHITECTURE}/openblas-pthread)
    if(FACE_CLUSTER_OPENBLAS)
      target_link_libraries(face_cluster_blas INTERFACE ${FACE_CLUSTER_OPENBLAS})
      target_compile_definitions(face_cluster_blas INTERFACE FACE_CLUSTER_OPENBLAS)
    else()
      message(STATUS "No static OpenBLAS found (Debian: libopenblas-dev): the networks will run several times slower")
      set(FACE_CLUSTER_BLAS OFF)
    endif()
  endif()
endif()
