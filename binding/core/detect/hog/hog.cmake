# The filters of the HOG detector are inside dlib's source as compressed, base64-encoded text, whose decoding and singular
# value decompositions take half a second: a program does that once, here, instead of every process at its start.
#
# When compiling for another kind of processor, that program can't run unless CMAKE_CROSSCOMPILING_EMULATOR is set. Then
# set FACE_CLUSTER_HOG_FILTERS to the file that an ordinary build has left in its folder, frontal_face_filters.cpp: it is
# the same for all processors.
set(FACE_CLUSTER_HOG_FILTERS "" CACHE FILEPATH "A frontal_face_filters.cpp to use instead of generating one")
if(FACE_CLUSTER_HOG_FILTERS)
  set(frontal_face_filters ${FACE_CLUSTER_HOG_FILTERS})
elseif(CMAKE_CROSSCOMPILING AND NOT CMAKE_CROSSCOMPILING_EMULATOR)
  message(FATAL_ERROR "Cross compiling needs FACE_CLUSTER_HOG_FILTERS: the path of the frontal_face_filters.cpp that an \
ordinary build of the same source has written to its folder.")
else()
  set(frontal_face_filters ${PROJECT_BINARY_DIR}/frontal_face_filters.cpp)
  add_executable(generate_frontal_face_filters detect/hog/generate_frontal_face_filters.cpp)
  target_link_libraries(generate_frontal_face_filters PRIVATE face_cluster_dlib)
  add_custom_command(
    OUTPUT ${frontal_face_filters}
    COMMAND generate_frontal_face_filters ${frontal_face_filters}
    DEPENDS generate_frontal_face_filters
    COMMENT "Taking dlib's frontal face detector apart"
    VERBATIM)
endif()

target_sources(face_cluster_core PRIVATE ${frontal_face_filters})
