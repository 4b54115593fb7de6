#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/buffer.h"
#include "base/instance_pool.h"
#include "base/memory_range.h"
#include "base/thread_pool.h"
#include "detect/candidates.h"
#include "detect/detection.h"
#include "image/enlarged_photo.h"
#include "image/image_view.h"

namespace fcn {

// dlib's frontal face detector: five linear filters (frontal, left, right, tilted left, tilted right) over a
// pyramid of HOG features. Gives the boxes that dlib::frontal_face_detector gives, in its order, with scores
// that differ by rounding (about 1e-6), from our own vector code. May be used by many threads at once.
class HogDetector {
 public:
  // - keptBytes: what a photo took is kept for the next one up to that size.
  explicit HogDetector(std::size_t keptBytes = std::size_t{512} << 20);

  // Finds the faces, surest first.
  // - upsample: how often the photo is doubled in size first; faces of about 80 / 2^upsample pixels are
  // found.
  // - bytes: about how much memory this may take beside the photo, see memory(). The result does not depend
  // on it, nor on the number of threads.
  // - parallel: polled for cancellation every few milliseconds.
  // - throws Error(Aborted)
  std::vector<Detection> detect(const ImageView& image, int upsample, std::size_t bytes,
                                const Parallel& parallel);

  // What is of use for a photo of that size; for less than `least`, that is taken.
  static MemoryRange memory(std::int64_t width, std::int64_t height, int upsample);

  // See InstancePool, of what is kept for the next photos.
  std::size_t idleBytes() { return workspaces_.idleBytes(); }
  void makeRoom(std::size_t bytes) { workspaces_.makeRoom(bytes); }

 private:
  // All that is computed of one photo lies in there. Getting so much memory from the system takes a quarter
  // of the time that is spent on the photo: it serves one after another.
  struct Workspace {
    std::unique_ptr<Workspace> clone() const { return std::make_unique<Workspace>(); }

    Buffer<std::uint8_t> memory;
  };

  std::vector<Candidate> scan(const EnlargedPhoto& photo, std::size_t bytes, const Parallel& parallel);

  InstancePool<Workspace> workspaces_;
};

}  // namespace fcn
