#pragma once

#include <dlib/geometry/rectangle.h>
#include <dlib/image_processing/box_overlap_testing.h>

#include <vector>

#include "detection.h"
#include "image/image_view.h"

namespace fcn {

// The box of a rectangle that dlib found, clipped to the photo as face_recognition does it: dlib's right and
// bottom are the last pixel inside, the clipped box's may also be the photo's width and height.
Box clippedBox(const dlib::rectangle& rect, const ImageView& photo);

// Where the box of a face on a reduced photo (see ReducedPhoto) lies on the photo itself: around the same
// part of it, rounded to whole pixels, and clipped as above.
Box boxOnFullPhoto(const Box& box, ImageSize reduced, ImageSize photo);

// A place that a detector takes for a face.
struct Candidate {
  double score;
  dlib::rectangle rect;  // on the enlarged photo
};

// Non-maximum suppression: the candidates that overlap none with a higher score that is kept, surest first,
// as boxes on the photo, clipped to it; of equal scores the earlier comes first.
std::vector<Detection> keepBest(std::vector<Candidate> candidates, const dlib::test_box_overlap& overlaps,
                                int upsample, const ImageView& photo);

}  // namespace fcn
