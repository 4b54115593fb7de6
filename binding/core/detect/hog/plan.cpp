#include "plan.h"

#include <algorithm>

#include "features.h"
#include "filters.h"
#include "pyramid.h"

namespace fcn {
namespace {

// A strip's features take the histograms of 12 rows of cells more than it has rows of windows: a sixteenth
// more work with the most rows, a quarter with the least.
constexpr std::int64_t kMostRows = 2 * kFilterTileRows;
constexpr std::int64_t kLeastRows = kFilterTileRows / 2;

// Each level more that is not held makes each of them dearer.
constexpr std::size_t kMostComputed = 10;

// As many threads can be at work on one photo before more memory is asked for that it may use.
constexpr std::int64_t kStripsAtOnce = 4;

std::size_t stripBytes(ImageSize level, std::int64_t rows) {
  const std::int64_t windows = hogWindows(level.height), columns = hogWindows(level.width);
  if (windows == 0 || columns == 0) return 0;
  const std::int64_t count = std::min(rows, windows);
  const RowRange pixels = hogPixelRows({0, count}, level.height);
  // One in the middle needs cells on both sides.
  const std::int64_t height = std::min(pixels.last + kHogWindow * kHogCell, level.height);
  return HogFeatures::bytes(count, columns) + FilterMemory::bytes() + PlanarImage::bytes(level.width, height);
}

HogPlan plan(const std::vector<ImageSize>& sizes, std::size_t firstHeld, std::int64_t rows,
             std::size_t bytes) {
  const std::size_t held = HogPyramid::heldBytes(sizes, firstHeld);
  // The first level is the largest, and never held.
  const std::size_t strip = stripBytes(sizes[0], rows) + HogPyramid::bandBytes(sizes, firstHeld);
  const std::size_t strips = bytes > held + strip ? (bytes - held) / strip : 1;
  return {firstHeld, rows, strips, held + strip};
}

}  // namespace

HogPlan planHog(const std::vector<ImageSize>& sizes, std::size_t bytes) {
  HogPlan best = plan(sizes, 1, kMostRows, bytes);
  for (std::size_t firstHeld = 1; firstHeld <= std::min(sizes.size(), kMostComputed); ++firstHeld) {
    if (best.bytes <= bytes) break;
    const HogPlan next = plan(sizes, firstHeld, kLeastRows, bytes);
    if (next.bytes < best.bytes) best = next;
  }
  return best;
}

MemoryRange hogMemory(const std::vector<ImageSize>& sizes) {
  const std::size_t least = planHog(sizes, 0).bytes;
  const std::int64_t strips = (hogWindows(sizes[0].height) + kMostRows - 1) / kMostRows;
  const std::size_t strip = stripBytes(sizes[0], kMostRows) + HogPyramid::bandBytes(sizes, 1);
  const std::size_t most =
      HogPyramid::heldBytes(sizes, 1) + std::clamp(strips, std::int64_t{1}, kStripsAtOnce) * strip;
  return {least, std::max(least, most)};
}

}  // namespace fcn
