#include "plan.h"

#include <algorithm>
#include <limits>

#include "nn/networks.h"

namespace fcn {
namespace {

// Rows of the pyramid that are taken at a time. Fewer leave threads without work; with more, what one layer
// has written is no longer in the caches when the next one reads it.
constexpr std::int64_t kLeastRows = 32;
constexpr std::int64_t kMostRows = 128;

// What is of use, compared with the rows that are taken at a time; the rest is for the pyramid. More saves
// little: a photo of 12 megapixels takes a twentieth less time with all levels held.
constexpr double kOfUse = 4;

// As many threads at the most compute rows of levels that are not held, each of which needs a band.
constexpr std::size_t kMostBands = 64;

// Each level more that is not held makes threads need larger bands.
constexpr std::size_t kMostComputed = 12;

// A pass of bilinear interpolation over as many pixels as the photo has, enlarged, takes this share of the
// time of the network's pass over the pyramid (measured, AVX-512: 4000 x 3000 pixels, four levels more
// computed instead of held).
constexpr double kShrinking = 1.0 / 40;

// What the network takes for so many rows: their pixels and all layers' outputs for them; and of every
// layer's input those rows that wait for others (mmod_network.cpp).
std::size_t stripBytes(const TiledLayout& layout, std::int64_t rows) {
  // For 8 x 8 pixels: themselves, 4 x 4 outputs of the first layer, 2 x 2 of the second, one of the others;
  // in vectors.
  constexpr std::size_t kFloats = 8 * 8 * 3 + 4 * 4 * 16 + 2 * 2 * 32 + 32 + 3 * 48 + 96;
  // For 8 columns of them: less than two tiles' rows of pixels and of the inputs of two strided layers, of
  // three others, and those that nine rows of taps wait for.
  constexpr std::size_t kWaiting = 15 * (8 * 3 + 4 * 16 + 2 * 32) + 7 * (32 + 48 + 48) + 8 * 96;
  const std::size_t columns = std::max(layout.columns / MmodNetwork::kStride, std::int64_t{1});
  const std::size_t taken = std::min(rows, static_cast<std::int64_t>(layout.rows)) / MmodNetwork::kStride;
  return columns * (taken * kFloats + kWaiting) * sizeof(float);
}

// The most rows that take no more than that many bytes; none if there are fewer than the least.
std::int64_t rowsWithin(const TiledLayout& layout, std::size_t bytes) {
  for (std::int64_t rows = kMostRows; rows >= kLeastRows; rows -= MmodNetwork::kStride) {
    if (stripBytes(layout, rows) <= bytes) return rows;
  }
  return 0;
}

// Compared with the network's pass over the whole pyramid at once.
double timeOf(const TiledLayout& layout, std::size_t firstHeld) {
  const double photo = static_cast<double>(layout.levels[0].area());
  double building = 0, computing = 0, through = 0;
  for (std::size_t level = 1; level < layout.levels.size(); ++level) {
    const double area = static_cast<double>(layout.levels[level].area()) / photo;
    through += area;
    if (level < firstHeld) computing += through;
    if (level == firstHeld) building += through;
    if (level > firstHeld) building += area;
  }
  return 1 + kShrinking * (computing + building);
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
    const std::size_t band = TiledPyramid::bandBytes(layout, firstHeld);
    const std::size_t bands = std::clamp(bytes / 6, band, kMostBands * band);
    const std::size_t fixed = held + bands;

    const std::size_t least = held + band + stripBytes(layout, kLeastRows);
    if (least < smallest.bytes) smallest = {{firstHeld, 0}, kLeastRows, least};

    if (fixed >= bytes) continue;
    const std::int64_t rows = rowsWithin(layout, bytes - fixed);
    if (rows == 0) continue;
    const double time = timeOf(layout, firstHeld);
    if (time < bestTime) {
      bestTime = time;
      best = {{firstHeld, bands}, rows, fixed + stripBytes(layout, rows)};
    }
  }
  return best.stripRows > 0 ? best : smallest;
}

MemoryRange mmodMemory(const TiledLayout& layout) {
  const std::size_t least = planMmod(layout, 0).bytes;
  const double most = kOfUse * static_cast<double>(stripBytes(layout, kMostRows));
  return {least, std::max(least, static_cast<std::size_t>(most))};
}

}  // namespace fcn
