#pragma once

#include <vector>

#include "detection.h"
#include "instance_pool.h"
#include "nn/networks.h"

namespace fcn {

// dlib's max-margin CNN face detector: a fully convolutional network over an image that holds all levels of
// the photo's pyramid beside each other (the tiled pyramid). May be used by many threads at once.
class MmodDetector {
 public:
  // - stripBytes: about how much memory the network may use for one photo; a larger photo is taken in strips.
  explicit MmodDetector(MmodModel model, std::size_t stripBytes = std::size_t{128} << 20);

  // Finds the faces, surest first.
  // - upsample: how often the photo is doubled in size first; faces of about 80 / 2^upsample pixels are
  // found.
  // - throws Error(Aborted)
  std::vector<Detection> detect(const ImageView& image, int upsample, const Parallel& parallel);

 private:
  struct Candidate {
    double score;
    dlib::rectangle rect;
  };

  long stripRows(long columns) const;
  std::vector<Candidate> scan(const dlib::matrix<dlib::rgb_pixel>& image, const Parallel& parallel);

  MmodModel model_;
  const std::size_t stripBytes_;
  InstancePool<MmodNetwork> networks_;
};

}  // namespace fcn
