#pragma once

#include <dlib/image_processing/frontal_face_detector.h>

#include <vector>

#include "cancel_token.h"
#include "detection.h"

namespace fcn {

// dlib's frontal face detector: five linear filters (frontal, left, right, rotated left, rotated right) over
// a pyramid of HOG features. Gives what dlib::frontal_face_detector gives, but is const and so may be used by
// many threads at once, holds one pyramid level in memory at a time, and can be cancelled between levels.
class HogDetector {
 public:
  // Unpacks the detector that dlib carries in its source: about half a second.
  HogDetector();

  // Finds the faces, surest first.
  // - upsample: how often the photo is doubled in size first; faces of about 80 / 2^upsample pixels are
  // found.
  // - throws Error(Aborted)
  std::vector<Detection> detect(const ImageView& image, int upsample, const CancelToken& cancel) const;

 private:
  using Scanner = dlib::scan_fhog_pyramid<dlib::pyramid_down<6>>;

  struct Filter {
    Scanner::fhog_filterbank bank;
    double threshold;
  };

  template <typename Image>
  std::vector<dlib::rect_detection> scan(const Image& image, const CancelToken& cancel) const;
  template <typename Image>
  void scanLevel(const Image& level, unsigned long index, std::vector<dlib::rect_detection>& found) const;

  dlib::frontal_face_detector detector_;
  std::vector<Filter> filters_;
};

}  // namespace fcn
