#include "filters.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <tuple>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "detect/hog/filters.cpp"
#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace fcn {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Floats = hn::ScalableTag<float>;
using Vector = hn::Vec<Floats>;

// What is taken at once: sums, and the operands of theirs, stay in registers, of which there are 32 or 16.
// Without vectors of ours the compiler makes some of four numbers.
#if HWY_TARGET <= HWY_AVX3 || HWY_TARGET == HWY_NEON || HWY_TARGET == HWY_SCALAR
constexpr std::int64_t kAtOnce = 4;
#else
constexpr std::int64_t kAtOnce = 3;
#endif
// The columns of the largest tile of windows, in vectors; filters whose rows are applied; rows of windows.
constexpr std::int64_t kVectors = kAtOnce, kFilters = kAtOnce, kRows = kAtOnce;

struct Tile {
  std::int64_t row, column;  // of the first window
  std::int64_t rows;

  std::int64_t sumRows() const { return rows + kHogWindow - 1; }
};

// What `Filters` filters' rows give on the rows of a plane that a tile's windows cover; a filter's sums
// follow the last's.
// - sums: not HWY_RESTRICT, or GCC 12 has the weights of all taps in registers, and none left for the inputs.
template <std::int64_t Filters, std::int64_t Vectors>
HWY_INLINE void filterRows(const SeparableFilter* filters, const HogFeatures& features, const Tile& tile,
                           float* sums) {
  const Floats d;
  const std::int64_t lanes = static_cast<std::int64_t>(hn::Lanes(d));
  for (std::int64_t row = 0; row < tile.sumRows(); ++row) {
    const float* inputs = features.row(filters->plane, tile.row + row) + tile.column;
    // Rows lie far apart: no processor guesses the next.
    for (std::int64_t i = 0; i < Vectors * lanes + kHogWindow; i += 16)
      hwy::Prefetch(inputs + features.stride() + i);
    Vector sum[Filters][Vectors];
#pragma GCC unroll 4
    for (std::int64_t f = 0; f < Filters; ++f) {
#pragma GCC unroll 4
      for (std::int64_t v = 0; v < Vectors; ++v) sum[f][v] = hn::Zero(d);
    }
#pragma GCC unroll 10
    for (std::int64_t tap = 0; tap < kHogWindow; ++tap) {
      Vector weight[Filters];
#pragma GCC unroll 4
      for (std::int64_t f = 0; f < Filters; ++f) weight[f] = hn::Set(d, filters[f].row[tap]);
#pragma GCC unroll 4
      for (std::int64_t v = 0; v < Vectors; ++v) {
        const auto input = hn::LoadU(d, inputs + tap + v * lanes);
#pragma GCC unroll 4
        for (std::int64_t f = 0; f < Filters; ++f) sum[f][v] = hn::MulAdd(weight[f], input, sum[f][v]);
      }
    }
#pragma GCC unroll 4
    for (std::int64_t f = 0; f < Filters; ++f) {
#pragma GCC unroll 4
      for (std::int64_t v = 0; v < Vectors; ++v) {
        hn::Store(sum[f][v], d, sums + ((f * tile.sumRows() + row) * Vectors + v) * lanes);
      }
    }
  }
}

// As filterRows() of so many filters.
template <std::int64_t Vectors, std::int64_t Most = kFilters>
HWY_INLINE void filterRowsOf(const SeparableFilter* filters, std::int64_t count, const HogFeatures& features,
                             const Tile& tile, float* sums) {
  if constexpr (Most > 1) {
    if (count < Most) return filterRowsOf<Vectors, Most - 1>(filters, count, features, tile, sums);
  }
  filterRows<Most, Vectors>(filters, features, tile, sums);
}

// scores[row] += what some filters' columns give on the rows' sums, of `Rows` rows.
template <std::int64_t Vectors, std::int64_t Rows>
HWY_INLINE void filterColumns(const SeparableFilter* filters, std::int64_t count,
                              const float* HWY_RESTRICT sums, std::int64_t sumRows,
                              float* HWY_RESTRICT scores) {
  const Floats d;
  const std::int64_t lanes = static_cast<std::int64_t>(hn::Lanes(d));
  Vector score[Rows][Vectors];
#pragma GCC unroll 4
  for (std::int64_t r = 0; r < Rows; ++r) {
#pragma GCC unroll 4
    for (std::int64_t v = 0; v < Vectors; ++v) score[r][v] = hn::Load(d, scores + (r * Vectors + v) * lanes);
  }
// Not this loop, or GCC 12 runs out of registers.
#pragma GCC unroll 1
  for (std::int64_t f = 0; f < count; ++f) {
    const float* input = sums + f * sumRows * Vectors * lanes;
#pragma GCC unroll 13
    for (std::int64_t tap = 0; tap < kHogWindow + Rows - 1; ++tap) {
      Vector sum[Vectors];
#pragma GCC unroll 4
      for (std::int64_t v = 0; v < Vectors; ++v) sum[v] = hn::Load(d, input + (tap * Vectors + v) * lanes);
#pragma GCC unroll 4
      for (std::int64_t r = 0; r < Rows; ++r) {
        if (tap < r || tap - r >= kHogWindow) continue;
        const auto weight = hn::Set(d, filters[f].column[tap - r]);
#pragma GCC unroll 4
        for (std::int64_t v = 0; v < Vectors; ++v) score[r][v] = hn::MulAdd(weight, sum[v], score[r][v]);
      }
    }
  }
#pragma GCC unroll 4
  for (std::int64_t r = 0; r < Rows; ++r) {
#pragma GCC unroll 4
    for (std::int64_t v = 0; v < Vectors; ++v) hn::Store(score[r][v], d, scores + (r * Vectors + v) * lanes);
  }
}

// The same for all rows of a tile.
template <std::int64_t Vectors>
HWY_NOINLINE void addColumns(const SeparableFilter* filters, std::int64_t count, const Tile& tile,
                             const float* sums, float* scores) {
  const std::int64_t width = Vectors * static_cast<std::int64_t>(hn::Lanes(Floats()));
  std::int64_t row = 0;
  for (; row + kRows <= tile.rows; row += kRows) {
    filterColumns<Vectors, kRows>(filters, count, sums + row * width, tile.sumRows(), scores + row * width);
  }
  for (; row < tile.rows; ++row) {
    filterColumns<Vectors, 1>(filters, count, sums + row * width, tile.sumRows(), scores + row * width);
  }
}

// Appends those of a tile's windows whose scores reach the view's threshold.
void takeFaces(const float* scores, std::int64_t width, std::int64_t columns, const Tile& tile,
               double threshold, std::vector<FaceWindow>& found) {
  const Floats d;
  // No float below this one reaches the threshold.
  const auto least = hn::Set(d, std::nextafter(static_cast<float>(threshold), 0.0F));
  for (std::int64_t row = 0; row < tile.rows; ++row) {
    for (std::int64_t first = 0; first < columns; first += static_cast<std::int64_t>(hn::Lanes(d))) {
      const float* of = scores + row * width + first;
      if (hn::AllFalse(d, hn::Ge(hn::Load(d, of), least))) continue;
      const std::int64_t count = std::min(columns - first, static_cast<std::int64_t>(hn::Lanes(d)));
      for (std::int64_t i = 0; i < count; ++i) {
        const double score = of[i] - threshold;
        if (score >= 0) found.push_back({tile.row + row, tile.column + first + i, score});
      }
    }
  }
}

template <std::int64_t Vectors>
void filterTile(const HogFeatures& features, const Tile& tile, FilterMemory& memory, FaceWindows& found) {
  constexpr std::size_t kAlignment = HWY_MAX_BYTES;
  const std::int64_t width = Vectors * static_cast<std::int64_t>(hn::Lanes(Floats()));
  const std::int64_t sumsOfFilter = tile.sumRows() * width, scoresOfView = tile.rows * width;
  const std::int64_t needed = kFilters * sumsOfFilter + kFaceViews * scoresOfView;
  std::size_t space = (needed + kAlignment / sizeof(float)) * sizeof(float);
  void* start = memory.values.resize(space / sizeof(float));
  float* const scores = static_cast<float*>(std::align(kAlignment, needed * sizeof(float), start, space));
  float* const sums = scores + kFaceViews * scoresOfView;
  std::fill(scores, sums, 0.0f);

  const SeparableFilter* const end = kFrontalFaceFilters + kFrontalFaceFilterCount;
  for (const SeparableFilter *first = kFrontalFaceFilters, *last = first; first < end; first = last) {
    while (last < end && last->plane == first->plane && last - first < kFilters) ++last;
    filterRowsOf<Vectors>(first, last - first, features, tile, sums);
    for (const SeparableFilter *filter = first, *next = first; filter < last; filter = next) {
      while (next < last && next->view == filter->view) ++next;
      addColumns<Vectors>(filter, next - filter, tile, sums + (filter - first) * sumsOfFilter,
                          scores + filter->view * scoresOfView);
    }
  }
  const std::int64_t columns = std::min(width, features.columns() - tile.column);
  for (std::int64_t view = 0; view < kFaceViews; ++view) {
    takeFaces(scores + view * scoresOfView, width, columns, tile, kFrontalFaceThresholds[view], found[view]);
  }
}

// Computes the tile of so many rows from (row, column) on, and returns how many columns it has.
template <std::int64_t Vectors = kVectors>
std::int64_t filterTileOf(const HogFeatures& features, const Tile& tile, FilterMemory& memory,
                          FaceWindows& found) {
  const std::int64_t lanes = static_cast<std::int64_t>(hn::Lanes(Floats()));
  if constexpr (Vectors > 1) {
    if (features.columns() - tile.column <= (Vectors - 1) * lanes) {
      return filterTileOf<Vectors - 1>(features, tile, memory, found);
    }
  }
  filterTile<Vectors>(features, tile, memory, found);
  return Vectors * lanes;
}

std::int64_t filterTileAt(const HogFeatures& features, std::int64_t row, std::int64_t column,
                          std::int64_t rows, FilterMemory& memory, FaceWindows& found) {
  return filterTileOf(features, {row, column, rows}, memory, found);
}

}  // namespace HWY_NAMESPACE
}  // namespace fcn
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fcn {
namespace {
HWY_EXPORT(filterTileAt);
}  // namespace

FaceWindows findFaceWindows(const HogFeatures& features, FilterMemory& memory, const CancelToken& cancel) {
  FaceWindows found;
  for (std::int64_t row = 0; row < features.rows(); row += kFilterTileRows) {
    const std::int64_t rows = std::min(kFilterTileRows, features.rows() - row);
    for (std::int64_t column = 0; column < features.columns();) {
      cancel.throwIfCancelled();
      column += HWY_DYNAMIC_DISPATCH(filterTileAt)(features, row, column, rows, memory, found);
    }
  }
  for (auto& view : found) {
    std::sort(view.begin(), view.end(), [](const FaceWindow& a, const FaceWindow& b) {
      return std::tie(a.row, a.column) < std::tie(b.row, b.column);
    });
  }
  return found;
}

}  // namespace fcn
#endif  // HWY_ONCE
