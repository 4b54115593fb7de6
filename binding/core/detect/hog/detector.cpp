#include "detector.h"

#include <dlib/image_processing/box_overlap_testing.h>
#include <dlib/image_transforms/fhog.h>
#include <dlib/image_transforms/image_pyramid.h>

#include <algorithm>
#include <array>

#include "detect/candidates.h"
#include "features.h"
#include "filters.h"
#include "image/enlarged_photo.h"
#include "plan.h"
#include "pyramid.h"

namespace fcn {
namespace {

using Pyramid = dlib::pyramid_down<6>;

// Where the window with the top left feature (row, column) lies in the image that the pyramid is of.
dlib::rectangle windowBox(std::int64_t row, std::int64_t column, unsigned int level) {
  const dlib::point centre(column + kHogWindow / 2, row + kHogWindow / 2);
  const dlib::rectangle box = dlib::fhog_to_image(dlib::centered_rect(centre, kHogWindow, kHogWindow),
                                                  kHogCell, kHogWindow, kHogWindow);
  return Pyramid().rect_up(box, level);
}

using CandidatesOfViews = std::array<std::vector<Candidate>, kFaceViews>;

// What a thread needs for a strip, kept for its next.
struct StripMemory {
  PlanarImage pixels;
  HogFeatures features;
  FilterMemory filters;
};

// The candidates among some rows of a level's windows, of which there are so many. The next level is made of
// the pixels, which are in the cache.
CandidatesOfViews scanStrip(HogPyramid& pyramid, unsigned int level, RowRange windows, std::int64_t ofWindows,
                            const CancelToken& cancel, StripMemory& memory) {
  const std::int64_t height = pyramid.sizes()[level].height;
  const HogPyramid::Rows rows = pyramid.rows(hogPixelRows(windows, height), memory.pixels, cancel);
  // Each row is the upper one of a next level's in one strip only.
  const bool last = windows.last == ofWindows;
  pyramid.shrink(rows, {windows.first * kHogCell, last ? height : windows.last * kHogCell}, cancel);
  extractHogFeatures(*rows.pixels, rows.first, height, windows, memory.features, cancel);
  const FaceWindows faces = findFaceWindows(memory.features, memory.filters, cancel);
  CandidatesOfViews found;
  for (std::size_t view = 0; view < faces.size(); ++view) {
    for (const FaceWindow& face : faces[view]) {
      found[view].push_back({face.score, windowBox(windows.first + face.row, face.column, level)});
    }
  }
  return found;
}

// All levels of the pyramid, strip by strip.
std::vector<Candidate> scan(const EnlargedPhoto& photo, std::size_t bytes, const Parallel& parallel) {
  const HogPlan plan = planHog(hogPyramidSizes({photo.width(), photo.height()}), bytes);
  const auto stripsOf = [&](std::int64_t rows) { return (rows + plan.stripRows - 1) / plan.stripRows; };
  // The first level has the most.
  const auto most = static_cast<std::size_t>(stripsOf(hogWindows(photo.height())));
  std::vector<StripMemory> memory(std::min(plan.strips, most));
  HogPyramid pyramid(photo, plan.firstHeld);
  std::vector<Candidate> found;
  for (unsigned int level = 0; level < pyramid.sizes().size(); ++level) {
    pyramid.goTo(level);
    const std::int64_t rows = hogWindows(pyramid.sizes()[level].height);
    // Only of a photo that is too small for a second level.
    if (rows == 0 || hogWindows(pyramid.sizes()[level].width) == 0) continue;
    const auto strips = static_cast<std::size_t>(stripsOf(rows));
    const std::size_t atOnce = std::min(strips, memory.size());
    std::vector<CandidatesOfViews> ofStrips(strips);
    parallel.forEach(atOnce, [&](std::size_t start) {
      for (std::size_t strip = start; strip < strips; strip += atOnce) {
        const std::int64_t first = static_cast<std::int64_t>(strip) * plan.stripRows;
        ofStrips[strip] = scanStrip(pyramid, level, {first, std::min(first + plan.stripRows, rows)}, rows,
                                    parallel.cancelToken(), memory[start]);
      }
    });
    // dlib's order: view by view.
    for (std::size_t view = 0; view < kFaceViews; ++view) {
      for (const CandidatesOfViews& strip : ofStrips) {
        found.insert(found.end(), strip[view].begin(), strip[view].end());
      }
    }
  }
  return found;
}

}  // namespace

std::vector<Detection> HogDetector::detect(const ImageView& photo, int upsample, std::size_t bytes,
                                           const Parallel& parallel) const {
  parallel.throwIfCancelled();
  std::vector<Candidate> candidates =
      scan(EnlargedPhoto(photo, upsample, parallel.cancelToken()), bytes, parallel);
  // Across levels and filters.
  const dlib::test_box_overlap overlaps(kFrontalFaceMaxOverlap, kFrontalFaceMaxCovered);
  return keepBest(std::move(candidates), overlaps, upsample, photo);
}

MemoryRange HogDetector::memory(std::int64_t width, std::int64_t height, int upsample) {
  return hogMemory(hogPyramidSizes(enlargedSize({width, height}, upsample)));
}

}  // namespace fcn
