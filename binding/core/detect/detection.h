#pragma once

#include <dlib/geometry/rectangle.h>
#include <dlib/image_processing/box_overlap_testing.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "image/image_view.h"

namespace fcn {

// A face's box in pixels, in the order of the original's tuples.
struct Box {
  std::int32_t top, right, bottom, left;
};

struct Detection {
  Box box;
  // The detector's score above its threshold; 0 or more, higher is surer.
  double score;
};

// The box of a rectangle that dlib found, clipped to the photo as face_recognition does it: dlib's right and
// bottom are the last pixel inside, the clipped box's may also be the photo's width and height.
inline Box clippedBox(const dlib::rectangle& rect, const ImageView& image) {
  return {static_cast<std::int32_t>(std::max(rect.top(), 0L)),
          static_cast<std::int32_t>(std::min(rect.right(), image.width)),
          static_cast<std::int32_t>(std::min(rect.bottom(), image.height)),
          static_cast<std::int32_t>(std::max(rect.left(), 0L))};
}

// A place that a detector takes for a face.
struct Candidate {
  double score;
  dlib::rectangle rect;  // on the enlarged photo
};

// Non-maximum suppression: the candidates that overlap none with a higher score that is kept, surest first,
// as boxes on the photo; of equal scores the earlier comes first.
std::vector<Detection> keepBest(std::vector<Candidate> candidates, const dlib::test_box_overlap& overlaps,
                                int upsample, const ImageView& photo);

inline dlib::rectangle toRectangle(const Box& box) {
  return dlib::rectangle(box.left, box.top, box.right, box.bottom);
}

}  // namespace fcn
