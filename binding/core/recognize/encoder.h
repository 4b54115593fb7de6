#pragma once

#include <vector>

#include "base/instance_pool.h"
#include "nn/networks.h"

namespace fcn {

// Encodes aligned faces: faces of one person come out close together. May be used by many threads at once.
class FaceEncoder {
 public:
  explicit FaceEncoder(std::unique_ptr<EncoderNetwork> network);

  // The encodings of the chips, computed in float32.
  // - numJitters: 1 encodes the chip as it is; more encode that many randomly shifted, scaled, turned and
  //   mirrored copies (dlib::jitter_image) and average. The random numbers start afresh with each face, so a
  //   face's encoding does not depend on what was encoded before.
  // - throws Error(Aborted)
  std::vector<Encoding> encode(const std::vector<FaceChip>& chips, int numJitters, const Parallel& parallel);

 private:
  InstancePool<EncoderNetwork> networks_;
};

}  // namespace fcn
