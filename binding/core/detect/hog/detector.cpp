#include "detector.h"

#include <dlib/image_processing/box_overlap_testing.h>
#include <dlib/image_transforms/fhog.h>
#include <dlib/image_transforms/image_pyramid.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <utility>

#include "detect/candidates.h"
#include "features.h"
#include "filters.h"
#include "plan.h"
#include "pyramid.h"
#include "strip.h"

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

// The candidates among some rows of a level's windows, of which there are so many. The next level is made of
// the pixels, which are in the cache.
CandidatesOfViews scanStrip(HogPyramid& pyramid, unsigned int level, RowRange windows, std::int64_t ofWindows,
                            const CancelToken& cancel, HogStrip& strip) {
  const std::int64_t height = pyramid.sizes()[level].height;
  const HogPyramid::Rows rows = pyramid.rows(hogPixelRows(windows, height), strip.pixels, cancel);
  // Each row is the upper one of a next level's in one strip only.
  const bool last = windows.last == ofWindows;
  pyramid.shrink(rows, {windows.first * kHogCell, last ? height : windows.last * kHogCell}, cancel);
  extractHogFeatures(*rows.pixels, rows.first, height, windows, strip.histograms, strip.features, cancel);
  const FaceWindows faces = findFaceWindows(strip.features, strip.filters, cancel);
  CandidatesOfViews found;
  for (std::size_t view = 0; view < faces.size(); ++view) {
    for (const FaceWindow& face : faces[view]) {
      found[view].push_back({face.score, windowBox(windows.first + face.row, face.column, level)});
    }
  }
  return found;
}

}  // namespace

HogDetector::HogDetector(std::size_t keptBytes) : workspaces_(std::make_unique<Workspace>(), keptBytes) {}

// All levels of the pyramid, strip by strip.
std::vector<Candidate> HogDetector::scan(const EnlargedPhoto& photo, std::size_t bytes,
                                         const Parallel& parallel) {
  const std::vector<ImageSize> sizes = hogPyramidSizes({photo.width(), photo.height()});
  // No window fits into so small a photo.
  if (hogWindows(sizes[0].width) == 0 || hogWindows(sizes[0].height) == 0) return {};

  const HogPlan plan = planHog(sizes, bytes);
  const auto workspace = workspaces_.borrow(plan.bytes);
  MemoryPieces pieces(workspace->memory.resize(plan.bytes));
  HogPyramid pyramid(photo, plan.firstHeld, pieces);
  std::vector<HogStrip> memory;
  while (memory.size() < plan.strips) memory.emplace_back(pieces, sizes, plan.firstHeld, plan.stripRows);
  std::vector<Candidate> found;
  for (unsigned int level = 0; level < sizes.size(); ++level) {
    pyramid.goTo(level);
    const std::int64_t rows = hogWindows(sizes[level].height);
    const auto strips = static_cast<std::size_t>((rows + plan.stripRows - 1) / plan.stripRows);
    std::vector<CandidatesOfViews> ofStrips(strips);
    // Each thread takes the next strip until none is left: one alone needs the memory of one.
    std::atomic<std::size_t> next{0};
    parallel.forEach(std::min(strips, memory.size()), [&](std::size_t thread) {
      for (std::size_t strip = next++; strip < strips; strip = next++) {
        const std::int64_t first = static_cast<std::int64_t>(strip) * plan.stripRows;
        ofStrips[strip] = scanStrip(pyramid, level, {first, std::min(first + plan.stripRows, rows)}, rows,
                                    parallel.cancelToken(), memory[thread]);
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

std::vector<Detection> HogDetector::detect(const ImageView& photo, int upsample, std::size_t bytes,
                                           const Parallel& parallel) {
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
