#include "filters.h"

#include <algorithm>

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

// The columns of the largest tile of windows that is taken at once, in vectors.
constexpr std::int64_t kVectors = 4;

struct Tile {
  std::int64_t row, column;  // of the first window
  std::int64_t rows;
};

// What `Filters` filters' rows give on the rows of a plane that a tile's windows cover; a filter's sums
// follow the last's.
template <std::int64_t Filters, std::int64_t Vectors>
HWY_INLINE void filterRows(const SeparableFilter* filters, const HogFeatures& features, const Tile& tile,
                           float* HWY_RESTRICT sums) {
  const std::int64_t count = tile.rows + kHogWindow - 1;
  const Floats d;
  const std::int64_t lanes = static_cast<std::int64_t>(hn::Lanes(d));
  for (std::int64_t row = 0; row < count; ++row) {
    const float* inputs = features.row(filters->plane, tile.row + row) + tile.column;
    // Rows lie far apart: no processor guesses the next.
    for (std::int64_t i = 0; i < Vectors * lanes + kHogWindow; i += 16)
      hwy::Prefetch(inputs + features.stride() + i);
    Vector sum[Filters][Vectors];
#pragma GCC unroll 2
    for (std::int64_t f = 0; f < Filters; ++f) {
#pragma GCC unroll 4
      for (std::int64_t v = 0; v < Vectors; ++v) sum[f][v] = hn::Zero(d);
    }
#pragma GCC unroll 10
    for (std::int64_t tap = 0; tap < kHogWindow; ++tap) {
#pragma GCC unroll 2
      for (std::int64_t f = 0; f < Filters; ++f) {
        const auto weight = hn::Set(d, filters[f].row[tap]);
#pragma GCC unroll 4
        for (std::int64_t v = 0; v < Vectors; ++v) {
          sum[f][v] = hn::MulAdd(weight, hn::LoadU(d, inputs + tap + v * lanes), sum[f][v]);
        }
      }
    }
#pragma GCC unroll 2
    for (std::int64_t f = 0; f < Filters; ++f) {
#pragma GCC unroll 4
      for (std::int64_t v = 0; v < Vectors; ++v) {
        hn::StoreU(sum[f][v], d, sums + ((f * count + row) * Vectors + v) * lanes);
      }
    }
  }
}

// scores[row] += what `Filters` filters' columns give on the rows' sums, of `Rows` rows.
template <std::int64_t Filters, std::int64_t Vectors, std::int64_t Rows>
HWY_INLINE void filterColumns(const SeparableFilter* filters, const float* HWY_RESTRICT sums,
                              std::int64_t sumRows, float* HWY_RESTRICT scores) {
  const Floats d;
  const std::int64_t lanes = static_cast<std::int64_t>(hn::Lanes(d));
  Vector score[Rows][Vectors];
#pragma GCC unroll 2
  for (std::int64_t r = 0; r < Rows; ++r) {
#pragma GCC unroll 4
    for (std::int64_t v = 0; v < Vectors; ++v) score[r][v] = hn::LoadU(d, scores + (r * Vectors + v) * lanes);
  }
// Not this loop, or GCC 12 runs out of registers.
#pragma GCC unroll 1
  for (std::int64_t f = 0; f < Filters; ++f) {
    const float* input = sums + f * sumRows * Vectors * lanes;
#pragma GCC unroll 11
    for (std::int64_t tap = 0; tap < kHogWindow + Rows - 1; ++tap) {
      Vector sum[Vectors];
#pragma GCC unroll 4
      for (std::int64_t v = 0; v < Vectors; ++v) sum[v] = hn::LoadU(d, input + (tap * Vectors + v) * lanes);
#pragma GCC unroll 2
      for (std::int64_t r = 0; r < Rows; ++r) {
        if (tap < r || tap - r >= kHogWindow) continue;
        const auto weight = hn::Set(d, filters[f].column[tap - r]);
#pragma GCC unroll 4
        for (std::int64_t v = 0; v < Vectors; ++v) score[r][v] = hn::MulAdd(weight, sum[v], score[r][v]);
      }
    }
  }
#pragma GCC unroll 2
  for (std::int64_t r = 0; r < Rows; ++r) {
#pragma GCC unroll 4
    for (std::int64_t v = 0; v < Vectors; ++v) hn::StoreU(score[r][v], d, scores + (r * Vectors + v) * lanes);
  }
}

template <std::int64_t Filters, std::int64_t Vectors>
void addFilters(const SeparableFilter* filters, const HogFeatures& features, const Tile& tile,
                float* HWY_RESTRICT sums, float* HWY_RESTRICT scores) {
  const std::int64_t width = Vectors * static_cast<std::int64_t>(hn::Lanes(Floats()));
  const std::int64_t sumRows = tile.rows + kHogWindow - 1;
  filterRows<Filters, Vectors>(filters, features, tile, sums);
  std::int64_t row = 0;
  for (; row + 2 <= tile.rows; row += 2) {
    filterColumns<Filters, Vectors, 2>(filters, sums + row * width, sumRows, scores + row * width);
  }
  if (row < tile.rows) {
    filterColumns<Filters, Vectors, 1>(filters, sums + row * width, sumRows, scores + row * width);
  }
}

template <std::int64_t Vectors>
void filterTile(const HogFeatures& features, const Tile& tile, FaceScores& scores) {
  constexpr std::int64_t kMaxWidth = Vectors * HWY_MAX_BYTES / static_cast<std::int64_t>(sizeof(float));
  HWY_ALIGN float sums[2 * (kFilterTileRows + kHogWindow - 1) * kMaxWidth];
  HWY_ALIGN float tileScores[kFaceViews][kFilterTileRows * kMaxWidth];
  const std::int64_t width = Vectors * static_cast<std::int64_t>(hn::Lanes(Floats()));
  for (auto& view : tileScores) std::fill_n(view, tile.rows * width, 0.0f);

  const SeparableFilter* const end = kFrontalFaceFilters + kFrontalFaceFilterCount;
  for (const SeparableFilter* filter = kFrontalFaceFilters; filter < end;) {
    float* const view = tileScores[filter->view];
    if (filter + 1 < end && filter[1].plane == filter->plane && filter[1].view == filter->view) {
      addFilters<2, Vectors>(filter, features, tile, sums, view);
      filter += 2;
    } else {
      addFilters<1, Vectors>(filter, features, tile, sums, view);
      filter += 1;
    }
  }

  const std::int64_t columns = std::min(width, features.columns() - tile.column);
  for (std::int64_t view = 0; view < kFaceViews; ++view) {
    for (std::int64_t row = 0; row < tile.rows; ++row) {
      std::copy_n(tileScores[view] + row * width, columns, scores[view].row(tile.row + row) + tile.column);
    }
  }
}

// Computes the tile of so many rows from (row, column) on, and returns how many columns it has.
std::int64_t filterTileAt(const HogFeatures& features, std::int64_t row, std::int64_t column,
                          std::int64_t rows, FaceScores& scores) {
  const std::int64_t lanes = static_cast<std::int64_t>(hn::Lanes(Floats()));
  const std::int64_t left = features.columns() - column;
  if (left > 2 * lanes) {
    filterTile<kVectors>(features, {row, column, rows}, scores);
    return kVectors * lanes;
  }
  if (left > lanes) {
    filterTile<2>(features, {row, column, rows}, scores);
    return 2 * lanes;
  }
  filterTile<1>(features, {row, column, rows}, scores);
  return lanes;
}

}  // namespace HWY_NAMESPACE
}  // namespace fcn
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fcn {
namespace {
HWY_EXPORT(filterTileAt);
}  // namespace

void applyFilters(const HogFeatures& features, FaceScores& scores, const CancelToken& cancel) {
  for (HogScores& view : scores) {
    view.rows = features.rows();
    view.columns = features.columns();
    view.values.resize(view.rows * view.columns);
  }
  for (std::int64_t row = 0; row < features.rows(); row += kFilterTileRows) {
    const std::int64_t rows = std::min(kFilterTileRows, features.rows() - row);
    for (std::int64_t column = 0; column < features.columns();) {
      cancel.throwIfCancelled();
      column += HWY_DYNAMIC_DISPATCH(filterTileAt)(features, row, column, rows, scores);
    }
  }
}

}  // namespace fcn
#endif  // HWY_ONCE
