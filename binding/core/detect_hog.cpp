#include "detect_hog.h"

#include <dlib/array2d.h>
#include <dlib/image_transforms.h>

#include <algorithm>

namespace fcn {

HogDetector::HogDetector() : detector_(dlib::get_frontal_face_detector()) {
  const Scanner& scanner = detector_.get_scanner();
  for (unsigned long i = 0; i < detector_.num_detectors(); ++i) {
    // The last weight is not a filter coefficient but the filter's threshold.
    const auto& weights = detector_.get_w(i);
    filters_.push_back({scanner.build_fhog_filterbank(weights), weights(scanner.get_num_dimensions())});
  }
}

std::vector<Detection> HogDetector::detect(const ImageView& image, int upsample,
                                           const CancelToken& cancel) const {
  const dlib::pyramid_down<2> half;
  std::vector<dlib::rect_detection> found;
  if (upsample == 0) {
    found = scan(image, cancel);
  } else {
    dlib::array2d<dlib::rgb_pixel> enlarged;
    dlib::pyramid_up(image, enlarged, half);
    for (int i = 1; i < upsample; ++i) {
      cancel.throwIfCancelled();
      dlib::pyramid_up(enlarged, half);
    }
    found = scan(enlarged, cancel);
  }

  std::vector<Detection> faces;
  for (const dlib::rect_detection& candidate : found) {
    faces.push_back(
        {clippedBox(half.rect_down(candidate.rect, upsample), image), candidate.detection_confidence});
  }
  return faces;
}

// All levels of the pyramid, then non-maximum suppression across levels and filters.
template <typename Image>
std::vector<dlib::rect_detection> HogDetector::scan(const Image& image, const CancelToken& cancel) const {
  const Scanner& scanner = detector_.get_scanner();
  const dlib::pyramid_down<6> pyramid;
  std::vector<dlib::rect_detection> candidates;

  cancel.throwIfCancelled();
  scanLevel(image, 0, candidates);

  dlib::array2d<dlib::rgb_pixel> level, smaller;
  dlib::rectangle size = pyramid.rect_down(dlib::get_rect(image));
  for (unsigned long index = 1;
       size.width() >= scanner.get_min_pyramid_layer_width() &&
       size.height() >= scanner.get_min_pyramid_layer_height() && index < scanner.get_max_pyramid_levels();
       ++index) {
    cancel.throwIfCancelled();
    if (index == 1) {
      pyramid(image, level);
    } else {
      pyramid(level, smaller);
      swap(level, smaller);
    }
    scanLevel(level, index, candidates);
    size = pyramid.rect_down(size);
  }

  std::stable_sort(candidates.rbegin(), candidates.rend());
  const dlib::test_box_overlap overlaps = detector_.get_overlap_tester();
  std::vector<dlib::rect_detection> kept;
  for (const dlib::rect_detection& candidate : candidates) {
    const bool suppressed = std::any_of(kept.begin(), kept.end(), [&](const dlib::rect_detection& better) {
      return overlaps(better.rect, candidate.rect);
    });
    if (!suppressed) kept.push_back(candidate);
  }
  return kept;
}

template <typename Image>
void HogDetector::scanLevel(const Image& level, unsigned long index,
                            std::vector<dlib::rect_detection>& found) const {
  const Scanner& scanner = detector_.get_scanner();
  const long cell = scanner.get_cell_size();
  const long rows = scanner.get_fhog_window_height();
  const long columns = scanner.get_fhog_window_width();
  const long padding = scanner.get_padding();
  const auto& extractor = scanner.get_feature_extractor();
  const dlib::pyramid_down<6> pyramid;

  dlib::array<dlib::array2d<float>> features;
  extractor(level, features, cell, rows, columns);

  dlib::array2d<float> scores;
  for (std::size_t filter = 0; filter < filters_.size(); ++filter) {
    const double threshold = filters_[filter].threshold;
    const dlib::rectangle area = dlib::impl::apply_filters_to_fhog(filters_[filter].bank, features, scores);
    for (long r = area.top(); r <= area.bottom(); ++r) {
      for (long c = area.left(); c <= area.right(); ++c) {
        if (!(scores[r][c] >= threshold)) continue;
        const dlib::rectangle window =
            dlib::centered_rect(dlib::point(c, r), columns - 2 * padding, rows - 2 * padding);
        dlib::rect_detection detection;
        detection.detection_confidence = scores[r][c] - threshold;
        detection.weight_index = filter;
        detection.rect = pyramid.rect_up(extractor.feats_to_image(window, cell, rows, columns), index);
        found.push_back(detection);
      }
    }
  }
}

}  // namespace fcn
