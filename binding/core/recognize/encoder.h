#pragma once

#include <vector>

#include "base/instance_pool.h"
#include "nn/networks.h"

namespace fcn {

// What faces are encoded from: their chips, the chips' mirror images, or both.
struct ChipViews {
  bool plain = true;
  bool mirrored = false;
};

// One for each chip, in their order; none of a view that was not asked for.
struct ChipEncodings {
  std::vector<Encoding> plain, mirrored;
};

// Encodes aligned faces: faces of one person come out close together. May be used by many threads at once.
class FaceEncoder {
 public:
  explicit FaceEncoder(std::unique_ptr<EncoderNetwork> network);

  // The encodings of the chips and of their mirror images (left and right exchanged, nothing found anew),
  // computed in float32. All go through the network together, and no encoding depends on the others.
  // - numJitters: 1 encodes the chip as it is; more encode that many randomly shifted, scaled, turned and
  //   mirrored copies (dlib::jitter_image) and average. The random numbers start afresh with each face, so a
  //   face's encoding does not depend on what was encoded before. The mirrored encoding is the average over
  //   the mirror images of the same copies.
  // - throws Error(Aborted)
  ChipEncodings encode(const std::vector<FaceChip>& chips, int numJitters, ChipViews views,
                       const Parallel& parallel);

 private:
  InstancePool<EncoderNetwork> networks_;
};

}  // namespace fcn
