#include "candidates.h"

#include <dlib/image_transforms/image_pyramid.h>

#include <algorithm>
#include <cstdint>

namespace fcn {

Box clippedBox(const dlib::rectangle& rect, const ImageView& photo) {
  return {static_cast<std::int32_t>(std::max<std::int64_t>(rect.top(), 0)),
          static_cast<std::int32_t>(std::min<std::int64_t>(rect.right(), photo.width)),
          static_cast<std::int32_t>(std::min<std::int64_t>(rect.bottom(), photo.height)),
          static_cast<std::int32_t>(std::max<std::int64_t>(rect.left(), 0))};
}

Box boxOnFullPhoto(const Box& box, ImageSize reduced, ImageSize photo) {
  // From the edge before pixel `first` to the one behind pixel `last`, of which `from` take the place of
  // `to`.
  const auto first = [](std::int64_t pixel, std::int64_t from, std::int64_t to) {
    return static_cast<std::int32_t>((2 * pixel * to + from) / (2 * from));
  };
  const auto last = [&](std::int64_t pixel, std::int64_t from, std::int64_t to) {
    return std::min(first(pixel + 1, from, to) - 1, static_cast<std::int32_t>(to));
  };
  return {first(box.top, reduced.height, photo.height), last(box.right, reduced.width, photo.width),
          last(box.bottom, reduced.height, photo.height), first(box.left, reduced.width, photo.width)};
}

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
