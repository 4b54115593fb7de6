# Pinned sources, each checked by SHA-256 before a byte of it is used.
#
# They come through the clients of the registries that keep them (pip, apt), since these know of the mirror or the proxy that
# stands between a machine and the network; where that client is missing or fails, from the release page of the project.
include(FetchContent)
if(POLICY CMP0135)
  # Files get the time of unpacking, so that a new version is compiled.
  cmake_policy(SET CMP0135 NEW)
endif()

# Shared by all builds of a checkout. Deleting it costs a download.
set(FACE_CLUSTER_DOWNLOADS ${PROJECT_SOURCE_DIR}/build/downloads CACHE PATH "Where fetched sources are kept")

# face_cluster_fetch(<name>
#   ARCHIVE <file name> SHA256 <of it> CLIENT <command that puts it into FACE_CLUSTER_DOWNLOADS> ...
#   RELEASE <url> RELEASE_SHA256 <of what is there>)
#
# Sets <name>_SOURCE_DIR to the unpacked source. Without a network, point FETCHCONTENT_SOURCE_DIR_<NAME> to it.
function(face_cluster_fetch name)
  cmake_parse_arguments(PARSE_ARGV 1 source "" "ARCHIVE;SHA256;RELEASE;RELEASE_SHA256" "CLIENT")
  string(TOUPPER ${name} upper)
  set(archive ${FACE_CLUSTER_DOWNLOADS}/${source_ARCHIVE})
  if(NOT FETCHCONTENT_SOURCE_DIR_${upper})
    face_cluster_is_intact(${archive} ${source_SHA256} intact)
    if(NOT intact)
      list(JOIN source_CLIENT " " command)
      message(STATUS "Getting ${source_ARCHIVE}: ${command}")
      file(MAKE_DIRECTORY ${FACE_CLUSTER_DOWNLOADS})
      execute_process(COMMAND ${source_CLIENT} WORKING_DIRECTORY ${FACE_CLUSTER_DOWNLOADS} RESULT_VARIABLE result
        OUTPUT_VARIABLE output ERROR_VARIABLE output TIMEOUT 600)
      face_cluster_is_intact(${archive} ${source_SHA256} intact)
      if(NOT intact)
        message(STATUS "That did not bring it (${result}): ${output}\nInstead: ${source_RELEASE}")
      endif()
    endif()
  endif()
  if(intact)
    set(location URL ${archive} URL_HASH SHA256=${source_SHA256})
  else()
    set(location URL ${source_RELEASE} URL_HASH SHA256=${source_RELEASE_SHA256} INACTIVITY_TIMEOUT 60)
  endif()
  # Only unpacked: their own CMake files would look for CUDA, FFmpeg, X11 and more. This folder doesn't exist.
  FetchContent_Declare(${name} ${location} SOURCE_SUBDIR none)
  FetchContent_MakeAvailable(${name})
  set(${name}_SOURCE_DIR ${${name}_SOURCE_DIR} PARENT_SCOPE)
endfunction()

function(face_cluster_is_intact archive sha256 result)
  set(${result} FALSE PARENT_SCOPE)
  if(EXISTS ${archive})
    file(SHA256 ${archive} found)
    if(found STREQUAL sha256)
      set(${result} TRUE PARENT_SCOPE)
    endif()
  endif()
endfunction()
