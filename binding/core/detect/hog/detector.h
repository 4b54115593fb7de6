#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/memory_range.h"
#include "base/thread_pool.h"
#include "detect/detection.h"
#include "image/image_view.h"

namespace fcn {

// dlib's frontal face detector: five linear filters (frontal, left, right, tilted left, tilted right) over a
// pyramid of HOG features. Gives the boxes that dlib::frontal_face_detector gives, in its order, with scores
// that differ by rounding (about 1e-6), from our own vector code.
//
// Holds nothing: may be used by many threads at once.
class HogDetector {
 public:
  // Finds the faces, surest first.
  // - upsample: how often the photo is doubled in size first; faces of about 80 / 2^upsample pixels are
  // found.
  // - bytes: about how much memory this may take beside the photo, see memory(). The result does not depend
  // on it, nor on the number of threads.
  // - parallel: polled for cancellation every few milliseconds.
  // - throws Error(Aborted)
  std::vector<Detection> detect(const ImageView& image, int upsample, std::size_t bytes,
                                const Parallel& parallel) const;

  // What is of use for a photo of that size; for less than `least`, that is taken.
  static MemoryRange memory(std::int64_t width, std::int64_t height, int upsample);
};

}  // namespace fcn
