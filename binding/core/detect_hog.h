#pragma once

#include <cstddef>
#include <vector>

#include "cancel_token.h"
#include "detection.h"

namespace fcn {

// dlib's frontal face detector: five linear filters (frontal, left, right, tilted left, tilted right) over a
// pyramid of HOG features. Gives the boxes that dlib::frontal_face_detector gives, in its order, with scores
// that differ by rounding (about 1e-6), from our own vector code.
//
// Holds nothing: may be used by many threads at once. Keeps one pyramid level in memory at a time.
class HogDetector {
 public:
  // Finds the faces, surest first.
  // - upsample: how often the photo is doubled in size first; faces of about 80 / 2^upsample pixels are
  // found.
  // - cancel: polled every few milliseconds.
  // - throws Error(Aborted)
  std::vector<Detection> detect(const ImageView& image, int upsample, const CancelToken& cancel) const;

  // Bytes that detect() takes for a photo of that size, beside the photo.
  static std::size_t memory(long width, long height, int upsample);
};

}  // namespace fcn
