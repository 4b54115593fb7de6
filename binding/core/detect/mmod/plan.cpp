#include "plan.h"

#include <algorithm>
#include <limits>

#include "nn/networks.h"

namespace fcn {
namespace {

// Fewer rows at a time would be computed more than twice, for each strip takes kHalo more on both sides.
constexpr std::int64_t kLeastRows = 2 * MmodNetwork::kHalo;
// With so many, that costs a seventh.
constexpr std::int64_t kMostRows = 14 * MmodNetwork::kHalo;

// Each level more that is not held makes threads need larger bands.
constexpr std::size_t kMostComputed = 12;

// A pass of bilinear interpolation over as many pixels as the photo has, enlarged, takes this share of the
// time of the network's pass over the pyramid (measured, AVX2).
constexpr double kShrinking = 1.0 / 80;

std::int64_t scoreRows(const TiledLayout& layout) {
  return layout.rows < MmodNetwork::kWindow ? 0 : MmodNetwork::outputSize(layout.rows);
}

// For each score there are 8 x 8 pixels of the pyramid, 4 x 4 outputs of 16 floats of the first layer, and
// 2 x 2 of 32 of the second; later layers' outputs take the place of these.
std::size_t stripBytes(const TiledLayout& layout, std::int64_t rows) {
  constexpr std::size_t kFloats = 8 * 8 * 3 + 4 * 4 * 16 + 2 * 2 * 32;
  const std::int64_t columns = std::max(layout.columns / MmodNetwork::kStride, std::int64_t{1});
  return std::min(rows + 2 * MmodNetwork::kHalo, scoreRows(layout)) * columns * kFloats * sizeof(float);
}

// The largest strip of rows that takes no more than that many bytes.
std::int64_t rowsWithin(const TiledLayout& layout, std::size_t bytes) {
  const std::int64_t all = scoreRows(layout);
  if (stripBytes(layout, all) <= bytes) return all;
  const std::size_t row = stripBytes(layout, 1) / std::min(1 + 2 * MmodNetwork::kHalo, all);
  return static_cast<std::int64_t>(bytes / row) - 2 * MmodNetwork::kHalo;
}

// Compared with the network's pass over the whole pyramid at once.
double timeOf(const TiledLayout& layout, std::size_t firstHeld, std::int64_t rows) {
  const double photo = static_cast<double>(layout.levels[0].area());
  double building = 0, computing = 0, through = 0;
  for (std::size_t level = 1; level < layout.levels.size(); ++level) {
    const double area = static_cast<double>(layout.levels[level].area()) / photo;
    through += area;
    if (level < firstHeld) computing += through;
    if (level == firstHeld) building += through;
    if (level > firstHeld) building += area;
  }
  const std::int64_t all = scoreRows(layout);
  const double overlap =
      rows >= all ? 1 : 1 + 2.0 * MmodNetwork::kHalo / static_cast<double>(std::max(rows, std::int64_t{1}));
  return overlap * (1 + kShrinking * computing) + kShrinking * building;
}

}  // namespace

MmodPlan planMmod(const TiledLayout& layout, std::size_t bytes) {
  MmodPlan best{};
  double bestTime = std::numeric_limits<double>::infinity();
  MmodPlan smallest{};
  smallest.bytes = std::numeric_limits<std::size_t>::max();
  const std::size_t levels = layout.levels.size();
  for (std::size_t firstHeld = 1; firstHeld <= std::min(levels, kMostComputed); ++firstHeld) {
    const std::size_t held = TiledPyramid::heldBytes(layout, firstHeld);
    const std::size_t bands = std::max(TiledPyramid::bandBytes(layout, firstHeld), bytes / 6);
    const std::size_t fixed = held + bands;

    const std::size_t least =
        held + TiledPyramid::bandBytes(layout, firstHeld) + stripBytes(layout, kLeastRows);
    if (least < smallest.bytes) smallest = {{firstHeld, 0}, kLeastRows, least};

    if (fixed >= bytes) continue;
    const std::int64_t rows =
        std::min(rowsWithin(layout, bytes - fixed), std::max(kMostRows, std::int64_t{1}));
    if (rows < std::min(kLeastRows, scoreRows(layout))) continue;
    const double time = timeOf(layout, firstHeld, rows);
    if (time < bestTime) {
      bestTime = time;
      best = {{firstHeld, bands}, rows, fixed + stripBytes(layout, rows)};
    }
  }
  return best.stripRows > 0 ? best : smallest;
}

MemoryRange mmodMemory(const TiledLayout& layout) {
  const std::size_t least = planMmod(layout, 0).bytes;
  const std::size_t strip = stripBytes(layout, kMostRows);
  return {least, std::max(least, strip + strip / 2)};
}

}  // namespace fcn
