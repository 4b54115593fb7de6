#include "kernels.h"

#include <algorithm>
#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "clustering/neighbors/kernels.cpp"
#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace fcn {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
#if HWY_TARGET == HWY_SCALAR

// Without vectors of known size; the compiler may know some.
void compareBlocks(const RowsView& rows, const ColumnsView& columns, std::size_t pairs,
                   std::uint32_t* masks) {
  for (std::size_t a = 0; a < kBlock; ++a) {
    for (std::size_t panel = 0; panel < kPanels; ++panel) {
      std::uint16_t sums[kPanel];
      for (std::size_t b = 0; b < kPanel; ++b) {
        sums[b] = static_cast<std::uint16_t>(rows.terms[a] + columns.terms[panel * kPanel + b]);
      }
      for (std::size_t k = 0; k < pairs; ++k) {
        std::int8_t pair[4];
        std::memcpy(pair, rows.pairs + a * pairs + k, sizeof pair);
        const std::uint8_t* values = columns.panels[panel * pairs + k].values;
        for (std::size_t b = 0; b < kPanel; ++b) {
          sums[b] =
              static_cast<std::uint16_t>(sums[b] - pair[0] * values[2 * b] - pair[1] * values[2 * b + 1]);
        }
      }
      std::uint32_t bits = 0;
      for (std::size_t b = 0; b < kPanel; ++b) {
        bits |= static_cast<std::uint32_t>(sums[b] <= rows.limits[a]) << b;
      }
      masks[a * kPanels + panel] = bits;
    }
  }
}

#else

using Bytes = hn::CappedTag<std::uint8_t, 2 * kPanel>;
using SignedBytes = hn::RebindToSigned<Bytes>;
using Words = hn::Repartition<std::uint16_t, Bytes>;
using SignedWords = hn::RebindToSigned<Words>;

// Vectors of a panel. Their sums, for kRows points, stay in registers beside one pair of values of the panel,
// one broadcast pair and one product: kRows * kVectors + kVectors + 2 of 16 registers (SSE, AVX2) or 32
// (AVX-512, NEON).
constexpr std::size_t kVectors = 2 * kPanel / hn::MaxLanes(Bytes());
constexpr std::size_t kRows = kVectors == 1 ? 12 : kVectors == 4 && !HWY_ARCH_ARM_A64 ? 2 : 6;
static_assert(kBlock % kRows == 0, "no rows may be left over");

// a[2 i] b[2 i] + a[2 i + 1] b[2 i + 1], where each value of a is at most 2 kMostValue, of b kMostValue.
HWY_INLINE hn::Vec<Words> pairProducts(hn::Vec<Bytes> a, hn::Vec<SignedBytes> b) {
#if HWY_TARGET == HWY_SSSE3 || HWY_TARGET == HWY_SSE4
  return hn::Vec<Words>{_mm_maddubs_epi16(a.raw, b.raw)};
#elif HWY_TARGET == HWY_AVX2
  return hn::Vec<Words>{_mm256_maddubs_epi16(a.raw, b.raw)};
#elif HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX3_DL
  return hn::Vec<Words>{_mm512_maddubs_epi16(a.raw, b.raw)};
#else
  const Words words;
  const SignedWords signedWords;
  const auto evenA = hn::And(hn::BitCast(words, a), hn::Set(words, 0xff));
  const auto oddA = hn::ShiftRight<8>(hn::BitCast(words, a));
  const auto pairs = hn::BitCast(signedWords, b);
  const auto evenB = hn::ShiftRight<8>(hn::ShiftLeft<8>(pairs)), oddB = hn::ShiftRight<8>(pairs);
  return hn::BitCast(words, hn::Add(hn::Mul(hn::BitCast(signedWords, evenA), evenB),
                                    hn::Mul(hn::BitCast(signedWords, oddA), oddB)));
#endif
}

// The bits of kRows points, from row `first` of the block on, against one panel.
HWY_INLINE void comparePanel(const RowsView& rows, std::size_t first, const PanelRow* HWY_RESTRICT panel,
                             const std::uint16_t* HWY_RESTRICT terms, std::size_t pairs,
                             std::uint32_t* HWY_RESTRICT masks) {
  const Bytes bytes;
  const Words words;
  const hn::Repartition<std::uint32_t, Bytes> doubles;
  const std::size_t lanes = hn::Lanes(words);
  hn::Vec<Words> sums[kRows][kVectors];
#pragma GCC unroll 12
  for (std::size_t r = 0; r < kRows; ++r) {
    const auto term = hn::Set(words, rows.terms[first + r]);
#pragma GCC unroll 4
    for (std::size_t v = 0; v < kVectors; ++v) {
      sums[r][v] = hn::Add(term, hn::LoadU(words, terms + v * lanes));
    }
  }
  const std::uint32_t* HWY_RESTRICT row = rows.pairs + first * pairs;
  for (std::size_t k = 0; k < pairs; ++k) {
    hn::Vec<Bytes> column[kVectors];
#pragma GCC unroll 4
    for (std::size_t v = 0; v < kVectors; ++v) {
      column[v] = hn::LoadU(bytes, panel[k].values + v * hn::Lanes(bytes));
    }
#pragma GCC unroll 12
    for (std::size_t r = 0; r < kRows; ++r) {
      const auto pair = hn::BitCast(SignedBytes(), hn::Set(doubles, row[r * pairs + k]));
#pragma GCC unroll 4
      for (std::size_t v = 0; v < kVectors; ++v) {
        sums[r][v] = hn::Sub(sums[r][v], pairProducts(column[v], pair));
      }
    }
  }
  const auto zero = hn::Zero(words);
#pragma GCC unroll 12
  for (std::size_t r = 0; r < kRows; ++r) {
    const auto limit = hn::Set(words, rows.limits[first + r]);
    std::uint32_t bits = 0;
#pragma GCC unroll 4
    for (std::size_t v = 0; v < kVectors; ++v) {
      std::uint8_t stored[8] = {};
      hn::StoreMaskBits(words, hn::Eq(hn::SaturatedSub(sums[r][v], limit), zero), stored);
      std::uint32_t some;
      std::memcpy(&some, stored, sizeof some);
      bits |= some << (v * lanes);
    }
    masks[(first + r) * kPanels] = bits;
  }
}

void compareBlocks(const RowsView& rows, const ColumnsView& columns, std::size_t pairs,
                   std::uint32_t* masks) {
  for (std::size_t first = 0; first < kBlock; first += kRows) {
    for (std::size_t panel = 0; panel < kPanels; ++panel) {
      comparePanel(rows, first, columns.panels + panel * pairs, columns.terms + panel * kPanel, pairs,
                   masks + panel);
    }
  }
}

#endif  // HWY_TARGET == HWY_SCALAR

// How many pairs, and how much of each row, are fetched before they are needed.
constexpr std::size_t kAhead = 4;
constexpr std::size_t kPrefetched = 256;

HWY_INLINE void fetchRow(const float* row, std::size_t d) {
  for (std::size_t k = 0; k < std::min(d, kPrefetched); k += 16) hwy::Prefetch(row + k);
}

void squaredDistances(const float* HWY_RESTRICT rows, const RowPair* HWY_RESTRICT pairs, std::size_t count,
                      std::size_t d, float* HWY_RESTRICT distances) {
  const hn::ScalableTag<float> floats;
  const std::size_t lanes = hn::Lanes(floats);
  for (std::size_t i = 0; i < std::min(count, kAhead); ++i) fetchRow(rows + pairs[i].b * d, d);
  for (std::size_t i = 0; i < count; ++i) {
    // Rows lie anywhere in memory; the first of a pair is mostly that of the pair before.
    if (i + kAhead < count) {
      fetchRow(rows + pairs[i + kAhead].b * d, d);
      if (pairs[i + kAhead].a != pairs[i + kAhead - 1].a) fetchRow(rows + pairs[i + kAhead].a * d, d);
    }
    const float* HWY_RESTRICT row = rows + pairs[i].a * d;
    const float* HWY_RESTRICT other = rows + pairs[i].b * d;
    auto sum0 = hn::Zero(floats), sum1 = hn::Zero(floats), sum2 = hn::Zero(floats), sum3 = hn::Zero(floats);
    std::size_t k = 0;
    for (; k + 4 * lanes <= d; k += 4 * lanes) {
      const auto d0 = hn::Sub(hn::LoadU(floats, row + k), hn::LoadU(floats, other + k));
      const auto d1 = hn::Sub(hn::LoadU(floats, row + k + lanes), hn::LoadU(floats, other + k + lanes));
      const auto d2 =
          hn::Sub(hn::LoadU(floats, row + k + 2 * lanes), hn::LoadU(floats, other + k + 2 * lanes));
      const auto d3 =
          hn::Sub(hn::LoadU(floats, row + k + 3 * lanes), hn::LoadU(floats, other + k + 3 * lanes));
      sum0 = hn::MulAdd(d0, d0, sum0);
      sum1 = hn::MulAdd(d1, d1, sum1);
      sum2 = hn::MulAdd(d2, d2, sum2);
      sum3 = hn::MulAdd(d3, d3, sum3);
    }
    for (; k + lanes <= d; k += lanes) {
      const auto difference = hn::Sub(hn::LoadU(floats, row + k), hn::LoadU(floats, other + k));
      sum0 = hn::MulAdd(difference, difference, sum0);
    }
    const auto sums = hn::SumOfLanes(floats, hn::Add(hn::Add(sum0, sum1), hn::Add(sum2, sum3)));
    float total = hn::GetLane(sums);
    // Loading past the last row's end could leave the array.
    for (; k < d; ++k) {
      const float difference = row[k] - other[k];
      total += difference * difference;
    }
    distances[i] = total;
  }
}

void project(const double* HWY_RESTRICT values, std::size_t d, const double* HWY_RESTRICT axes,
             std::size_t count, double* HWY_RESTRICT projections) {
  const hn::CappedTag<double, kAxesAtOnce> doubles;
  const std::size_t lanes = hn::Lanes(doubles);
  constexpr std::size_t kSums = kAxesAtOnce / hn::MaxLanes(hn::CappedTag<double, kAxesAtOnce>());
  for (std::size_t k = 0; k < count; k += kAxesAtOnce) {
    hn::Vec<decltype(doubles)> sums[kSums];
#pragma GCC unroll 16
    for (std::size_t v = 0; v < kSums; ++v) sums[v] = hn::Zero(doubles);
    for (std::size_t j = 0; j < d; ++j) {
      const auto value = hn::Set(doubles, values[j]);
      const double* HWY_RESTRICT axis = axes + j * count + k;
#pragma GCC unroll 16
      for (std::size_t v = 0; v < kSums; ++v) {
        sums[v] = hn::MulAdd(value, hn::LoadU(doubles, axis + v * lanes), sums[v]);
      }
    }
#pragma GCC unroll 16
    for (std::size_t v = 0; v < kSums; ++v) hn::StoreU(sums[v], doubles, projections + k + v * lanes);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace fcn
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fcn {
namespace {

HWY_EXPORT(compareBlocks);
HWY_EXPORT(squaredDistances);
HWY_EXPORT(project);

}  // namespace

void compareBlocks(const RowsView& rows, const ColumnsView& columns, std::size_t pairs,
                   std::uint32_t* masks) {
  HWY_DYNAMIC_DISPATCH(compareBlocks)(rows, columns, pairs, masks);
}

void squaredDistances(const float* rows, const RowPair* pairs, std::size_t count, std::size_t d,
                      float* distances) {
  HWY_DYNAMIC_DISPATCH(squaredDistances)(rows, pairs, count, d, distances);
}

void project(const double* values, std::size_t d, const double* axes, std::size_t count,
             double* projections) {
  HWY_DYNAMIC_DISPATCH(project)(values, d, axes, count, projections);
}

}  // namespace fcn
#endif  // HWY_ONCE
