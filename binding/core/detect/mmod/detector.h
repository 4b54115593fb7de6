#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "base/instance_pool.h"
#include "detect/candidates.h"
#include "image/enlarged_photo.h"
#include "nn/networks.h"
#include "plan.h"
#include "tiled_pyramid.h"

namespace fcn {

// dlib's max-margin CNN face detector: a fully convolutional network over an image that holds all levels of
// the photo's pyramid beside each other (the tiled pyramid). May be used by many threads at once.
class MmodDetector {
 public:
  // - keptBytes: what a photo took is kept for the next one up to that size.
  explicit MmodDetector(MmodModel model, std::size_t keptBytes = std::size_t{512} << 20);

  // Finds the faces, surest first.
  // - upsample: how often the photo is doubled in size first; faces of about 80 / 2^upsample pixels are
  // found.
  // - bytes: about how much memory this may take beside the photo, see memory(). The result does not depend
  // on it.
  // - throws Error(Aborted)
  std::vector<Detection> detect(const ImageView& image, int upsample, std::size_t bytes,
                                const Parallel& parallel);

  // What is of use for a photo of that size; for less than `least`, that is taken. Models are all of one
  // geometry: none need be loaded for this.
  static MemoryRange memory(std::int64_t width, std::int64_t height, int upsample);

  // See InstancePool, of what is kept for the next photos.
  void makeRoom(std::size_t bytes) { workspaces_.makeRoom(bytes); }

 private:
  // What is at work on one photo.
  struct Workspace {
    explicit Workspace(std::unique_ptr<MmodNetwork> net) : network(std::move(net)) {}
    std::unique_ptr<Workspace> clone() const { return std::make_unique<Workspace>(network->clone()); }

    std::unique_ptr<MmodNetwork> network;
    TiledPyramid::Buffers pyramid;
  };

  std::vector<Candidate> scan(const EnlargedPhoto& photo, std::size_t bytes, const Parallel& parallel);

  MmodModel model_;
  InstancePool<Workspace> workspaces_;
};

}  // namespace fcn
