#include "plan.h"

#include <algorithm>
#include <limits>

#include "filters.h"
#include "pyramid.h"
#include "strip.h"

namespace fcn {
namespace {

// A strip's features take the histograms of 12 rows of cells more than it has rows of windows: a sixteenth
// more work with the most rows, a quarter with the least.
constexpr std::int64_t kMostRows = 2 * kFilterTileRows;
constexpr std::int64_t kLeastRows = kFilterTileRows / 2;

// Each level more that is not held makes each of them dearer.
constexpr std::size_t kMostComputed = 10;

// As many threads can be at work on one photo before more memory is asked for that it may use.
constexpr std::size_t kStripsAtOnce = 4;

// - most: strips, however much memory there is.
HogPlan plan(const std::vector<ImageSize>& sizes, std::size_t firstHeld, std::int64_t rows, std::size_t bytes,
             std::size_t most) {
  const std::size_t held = HogPyramid::heldBytes(sizes, firstHeld);
  const std::size_t strip = HogStrip::bytes(sizes, firstHeld, rows);
  const std::size_t within = strip > 0 && bytes > held ? (bytes - held) / strip : 0;
  const std::size_t strips = std::clamp(within, std::size_t{1}, most);
  return {firstHeld, rows, strips, held + strips * strip};
}

// Of the first level, which has the most.
std::size_t stripsOf(const std::vector<ImageSize>& sizes, std::int64_t rows) {
  return std::max((hogWindows(sizes[0].height) + rows - 1) / rows, std::int64_t{1});
}

}  // namespace

HogPlan planHog(const std::vector<ImageSize>& sizes, std::size_t bytes) {
  HogPlan best = plan(sizes, 1, kMostRows, bytes, stripsOf(sizes, kMostRows));
  for (std::size_t firstHeld = 1; firstHeld <= std::min(sizes.size(), kMostComputed); ++firstHeld) {
    if (best.bytes <= bytes) break;
    const HogPlan next = plan(sizes, firstHeld, kLeastRows, bytes, stripsOf(sizes, kLeastRows));
    if (next.bytes < best.bytes) best = next;
  }
  return best;
}

MemoryRange hogMemory(const std::vector<ImageSize>& sizes) {
  const std::size_t least = planHog(sizes, 0).bytes;
  const std::size_t strips = std::min(stripsOf(sizes, kMostRows), kStripsAtOnce);
  const std::size_t most = plan(sizes, 1, kMostRows, std::numeric_limits<std::size_t>::max(), strips).bytes;
  return {least, std::max(least, most)};
}

}  // namespace fcn
