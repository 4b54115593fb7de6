#include "detection.h"

#include <dlib/image_transforms/image_pyramid.h>

namespace fcn {

std::vector<Detection> keepBest(std::vector<Candidate> candidates, const dlib::test_box_overlap& overlaps,
                                int upsample, const ImageView& photo) {
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Candidate& a, const Candidate& b) { return a.score > b.score; });
  const dlib::pyramid_down<2> half;
  std::vector<Candidate> kept;
  std::vector<Detection> faces;
  for (const Candidate& candidate : candidates) {
    const bool suppressed = std::any_of(kept.begin(), kept.end(), [&](const Candidate& better) {
      return overlaps(better.rect, candidate.rect);
    });
    if (suppressed) continue;
    kept.push_back(candidate);
    faces.push_back({clippedBox(half.rect_down(candidate.rect, upsample), photo), candidate.score});
  }
  return faces;
}

}  // namespace fcn
