#include "kernels.h"

#include <algorithm>
#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "detect/hog/kernels.cpp"
#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace fcn {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Floats = hn::ScalableTag<float>;
using Vector = hn::Vec<Floats>;
using Shorts = hn::ScalableTag<std::int16_t>;
using ShortVector = hn::Vec<Shorts>;
using Integers = hn::RepartitionToWide<Shorts>;
using IntegerVector = hn::Vec<Integers>;

constexpr std::int64_t kPixels = kBlocksAtOnce * kHogCell;
constexpr std::int64_t kShorts = static_cast<std::int64_t>(hn::MaxLanes(Shorts()));

// The channel rows of an image row.
struct Rows {
  const std::uint8_t* channel[PlanarImage::kChannels];
};

HWY_INLINE ShortVector difference(const std::uint8_t* plus, const std::uint8_t* minus) {
  const Shorts d;
  const hn::Rebind<std::uint8_t, Shorts> narrow;
  return hn::Sub(hn::PromoteTo(d, hn::LoadU(narrow, plus)), hn::PromoteTo(d, hn::LoadU(narrow, minus)));
}

// Numbers that take 32 bits, of the first and the last four of every eight pixels. Without vectors there is
// one pixel, which is the first.
struct Wide {
  IntegerVector first, last;
};

// x * x + y * y
HWY_INLINE Wide squaredLengths(ShortVector x, ShortVector y) {
  const Integers d;
  const auto zero = hn::Zero(d);
#if HWY_TARGET == HWY_SCALAR || HWY_ARCH_ARM_A64
  Wide sums{zero, zero};
  sums.first = hn::ReorderWidenMulAccumulate(d, x, x, sums.first, sums.last);
  sums.first = hn::ReorderWidenMulAccumulate(d, y, y, sums.first, sums.last);
  return sums;
#else
  // x86 adds up the products of neighbours.
  const auto sumOfSquares = [&](ShortVector pairs) HWY_ATTR {
    auto odd = zero;
    const auto even = hn::ReorderWidenMulAccumulate(d, pairs, pairs, zero, odd);
    return hn::Add(even, odd);
  };
  return {sumOfSquares(hn::InterleaveLower(Shorts(), x, y)),
          sumOfSquares(hn::InterleaveUpper(Shorts(), x, y))};
#endif
}

// a - b, cut off at what 16 bits hold.
HWY_INLINE ShortVector saturatedDifference(const Wide& a, const Wide& b) {
#if HWY_TARGET == HWY_SCALAR
  return hn::DemoteTo(Shorts(), hn::Sub(a.first, b.first));
#else
  return hn::ReorderDemote2To(Shorts(), hn::Sub(a.first, b.first), hn::Sub(a.last, b.last));
#endif
}

// Which of dlib's 18 unit vectors has the largest dot product with (x, y), by comparing |y| with where on
// |x| times a slope one gives way to the next. dlib's vectors have four digits, so these are not quite the
// tangents of 10, 30, 50 and 70 degrees; a test compares all 511 x 511 gradients with dlib's.
HWY_INLINE ShortVector orientation(ShortVector x, ShortVector y) {
  const Shorts d;
  const auto zero = hn::Zero(d);
  // Turned by half a circle into the upper half plane, mirrored into the first quadrant.
  const auto below = hn::Lt(y, zero);
  const auto left = hn::Lt(hn::IfThenElse(below, hn::Neg(x), x), zero);
  const auto absX = hn::Abs(x), absY = hn::Abs(y);
  const auto absX4 = hn::ShiftLeft<2>(absX), absX8 = hn::ShiftLeft<3>(absX);
  auto bin = zero;
  const auto countBeyond = [&](ShortVector scaled, std::int16_t slope) HWY_ATTR {
    // A true lane is -1.
    const auto beyond = hn::Gt(absY, hn::MulHigh(scaled, hn::Set(d, slope)));
    bin = hn::Sub(bin, hn::VecFromMask(d, beyond));
  };
  countBeyond(absX4, 2889);   // 0.17631578 * 65536 / 4
  countBeyond(absX4, 9461);   // 0.57746028
  countBeyond(absX4, 19525);  // 1.191756
  countBeyond(absX8, 22507);  // 2.7474748 * 65536 / 8
  const auto nine = hn::Set(d, kHogOrientations / 2);
  bin = hn::IfThenElse(left, hn::Sub(nine, bin), bin);
  bin = hn::Add(bin, hn::IfThenElseZero(below, nine));
  return hn::IfThenElseZero(hn::Lt(bin, hn::Set(d, kHogOrientations)), bin);
}

// The gradients of kPixels pixels of a row.
struct Gradients {
  HWY_ALIGN float lengths[kPixels];
  // Orientation times kVotes.
  HWY_ALIGN std::int16_t places[kPixels];

  static constexpr int kVotesLog2 = 5;
  static constexpr std::int64_t kVotes = 4 * kBlocksAtOnce;
  static_assert(kVotes == 1 << kVotesLog2, "");

  // Where the length of a pixel is: those of `Wide` follow each other.
  static constexpr std::int64_t lengthOf(std::int64_t pixel) {
    if (kShorts < kHogCell) return pixel;
    const std::int64_t vector = pixel / kShorts * kShorts, eight = pixel % kShorts / 8;
    return vector + (pixel % 8 / 4) * (kShorts / 2) + eight * 4 + pixel % 4;
  }
};

// - Edge: whether some of these pixels do not vote, or have ties.
template <bool Edge>
HWY_INLINE void gradientsOf(const Rows& above, const Rows& here, const Rows& below, std::int64_t x,
                            const VotingColumns& columns, Gradients& gradients) {
  const Shorts d;
  const Floats floats;
  const auto zero = hn::Zero(d);
  for (std::int64_t i = 0; i < kPixels; i += kShorts) {
    float* const lengths = gradients.lengths + i;
    if (Edge && x + i >= columns.last) {
      std::memset(lengths, 0, kShorts * sizeof(float));
      std::memset(gradients.places + i, 0, kShorts * sizeof(std::int16_t));
      continue;
    }
    auto votes = hn::FirstN(d, 0);
    auto tie = zero;
    if (Edge) {
      // Whole vectors at least in part before the last column.
      const auto column = hn::Iota(d, 0);
      const auto before = [&](std::int64_t end) HWY_ATTR {
        const std::int64_t lane = std::clamp(end - x - i, std::int64_t{0}, kShorts);
        return hn::Lt(column, hn::Set(d, static_cast<std::int16_t>(lane)));
      };
      votes = hn::AndNot(before(columns.first), before(columns.last));
      tie = hn::IfThenZeroElse(before(columns.tie), hn::Set(d, 1));
    }
    auto bestX = zero, bestY = zero;
    Wide best;
    for (std::int64_t k = 0; k < PlanarImage::kChannels; ++k) {
      const std::uint8_t* pixel = here.channel[k] + x + i;
      auto gradientX = difference(pixel + 1, pixel - 1);
      auto gradientY = difference(below.channel[k] + x + i, above.channel[k] + x + i);
      if (Edge) {
        gradientX = hn::IfThenElseZero(votes, gradientX);
        gradientY = hn::IfThenElseZero(votes, gradientY);
      }
      const Wide squared = squaredLengths(gradientX, gradientY);
      if (k == 0) {
        bestX = gradientX, bestY = gradientY, best = squared;
        continue;
      }
      const auto keep = hn::Lt(saturatedDifference(squared, best), tie);
      bestX = hn::IfThenElse(keep, bestX, gradientX);
      bestY = hn::IfThenElse(keep, bestY, gradientY);
      best = {hn::Max(best.first, squared.first), hn::Max(best.last, squared.last)};
    }
    hn::Store(hn::Sqrt(hn::ConvertTo(floats, best.first)), floats, lengths);
    if (kShorts > 1) {
      hn::Store(hn::Sqrt(hn::ConvertTo(floats, best.last)), floats, lengths + kShorts / 2);
    }
    hn::Store(hn::ShiftLeft<Gradients::kVotesLog2>(orientation(bestX, bestY)), d, gradients.places + i);
  }
}

// How much a pixel of a block votes for the four cells around: upper left, upper right, lower left, lower
// right. Multiples of 1/256.
struct Weights {
  HWY_ALIGN float values[kHogCell][kHogCell][4];
  Weights() {
    for (std::int64_t i = 0; i < kHogCell; ++i) {
      for (std::int64_t j = 0; j < kHogCell; ++j) {
        const float down = (static_cast<float>(i) + 0.5f) / kHogCell,
                    right = (static_cast<float>(j) + 0.5f) / kHogCell;
        values[i][j][0] = (1 - down) * (1 - right);
        values[i][j][1] = (1 - down) * right;
        values[i][j][2] = down * (1 - right);
        values[i][j][3] = down * right;
      }
    }
  }
};

// Four floats; these tags have one lane where there are no vectors.
HWY_INLINE void addScaled(const float* values, float factor, float* sums) {
  const hn::CappedTag<float, 4> d;
  for (std::size_t k = 0; k < 4; k += hn::Lanes(d)) {
    const auto scaled = hn::Mul(hn::Load(d, values + k), hn::Set(d, factor));
    hn::Store(hn::Add(hn::Load(d, sums + k), scaled), d, sums + k);
  }
}

void countVotes(const PlanarImage& image, std::int64_t y, std::int64_t firstRow, std::int64_t lastRow,
                std::int64_t blocks, const VotingColumns& columns, BlockRow& row) {
  static const Weights weights;
  // The four votes of each block, of each orientation. Neighbouring pixels often vote for the same, and a sum
  // in memory takes its time: blocks take turns.
  HWY_ALIGN float votes[kHogOrientations * Gradients::kVotes];
  Gradients gradients;

  for (std::int64_t block = 0; block < blocks; block += kBlocksAtOnce) {
    std::memset(votes, 0, sizeof(votes));
    const std::int64_t x = block * kHogCell - kHogCell / 2;
    const bool edge = x < columns.first || x + kPixels > columns.tie;
    for (std::int64_t i = firstRow; i < lastRow; ++i) {
      Rows above, here, below;
      for (std::int64_t k = 0; k < PlanarImage::kChannels; ++k) {
        above.channel[k] = image.row(k, y + i - 1);
        here.channel[k] = image.row(k, y + i);
        below.channel[k] = image.row(k, y + i + 1);
        // Rows lie far apart: no processor guesses the next.
        hwy::Prefetch(below.channel[k] + x + 2 * kPixels);
      }
      if (edge) {
        gradientsOf<true>(above, here, below, x, columns, gradients);
      } else {
        gradientsOf<false>(above, here, below, x, columns, gradients);
      }
#pragma GCC unroll 8
      for (std::int64_t j = 0; j < kHogCell; ++j) {
#pragma GCC unroll 8
        for (std::int64_t q = 0; q < kBlocksAtOnce; ++q) {
          const std::int64_t pixel = q * kHogCell + j;
          addScaled(weights.values[i][j], gradients.lengths[Gradients::lengthOf(pixel)],
                    votes + gradients.places[pixel] + 4 * q);
        }
      }
    }
    const hn::CappedTag<float, kBlocksAtOnce> d;
    for (std::int64_t o = 0; o < kHogOrientations; ++o) {
      for (std::int64_t q = 0; q < kBlocksAtOnce; q += static_cast<std::int64_t>(hn::Lanes(d))) {
        hn::Vec<decltype(d)> corners[4];
        hn::LoadInterleaved4(d, votes + o * Gradients::kVotes + 4 * q, corners[0], corners[1], corners[2],
                             corners[3]);
        for (std::int64_t k = 0; k < 4; ++k) hn::StoreU(corners[k], d, row.votes(o, k) + block + q);
      }
    }
  }
}

void sumVotes(const BlockRow& above, const BlockRow& below, std::int64_t cells, CellRow& row) {
  const Floats d;
  for (std::int64_t c = 0; c < cells; c += static_cast<std::int64_t>(hn::Lanes(d))) {
    const auto histogram = [&](std::int64_t o) HWY_ATTR {
      // The blocks left and right of a cell's centre are those of its number and the next.
      const auto votes = [&](const BlockRow& blocks, std::int64_t corner, std::int64_t right)
                             HWY_ATTR { return hn::LoadU(d, blocks.votes(o, corner) + c + right); };
      const auto sum = hn::Add(hn::Add(hn::Add(votes(above, 3, 0), votes(above, 2, 1)), votes(below, 1, 0)),
                               votes(below, 0, 1));
      hn::StoreU(sum, d, row.histogram(o) + c);
      return sum;
    };
    auto energy = hn::Zero(d);
    for (std::int64_t o = 0; o < kHogOrientations / 2; ++o) {
      const auto both = hn::Add(histogram(o), histogram(o + kHogOrientations / 2));
      energy = hn::Add(energy, hn::Mul(both, both));
    }
    hn::StoreU(energy, d, row.energy() + c);
  }
}

// 0.1 / limit is the factor that makes a block's energy one; what exceeds the limit is cut off.
struct Normalization {
  Vector limit, factor;
};

HWY_INLINE Normalization normalization(Vector energy) {
  const Floats d;
  const auto limit = hn::Mul(hn::Set(d, 0.2f), hn::Sqrt(hn::Add(energy, hn::Set(d, 0.0001f))));
  return {limit, hn::Div(hn::Set(d, 0.1f), limit)};
}

void normalize(const CellRow& above, const CellRow& here, const CellRow& below, std::int64_t cells,
               float* const* outputs) {
  const Floats d;
  const std::int64_t lanes = static_cast<std::int64_t>(hn::Lanes(d));
  for (std::int64_t c = 0; c < cells; c += lanes) {
    // The first cell has no features.
    const auto energy = [&](const CellRow& row, std::int64_t offset)
                            HWY_ATTR { return hn::LoadU(d, row.energy() + c + 1 + offset); };
    const auto aboveLeft = energy(above, -1), aboveHere = energy(above, 0), aboveRight = energy(above, 1);
    const auto left = energy(here, -1), centre = energy(here, 0), right = energy(here, 1);
    const auto belowLeft = energy(below, -1), belowHere = energy(below, 0), belowRight = energy(below, 1);
    const auto sum = [](Vector w, Vector x, Vector y, Vector z)
                         HWY_ATTR { return hn::Add(hn::Add(hn::Add(w, x), y), z); };
    // Over the four squares of 2 x 2 cells that the cell is part of.
    const Normalization normalizations[4] = {
        normalization(sum(centre, right, belowHere, belowRight)),
        normalization(sum(aboveHere, aboveRight, centre, right)),
        normalization(sum(left, centre, belowLeft, belowHere)),
        normalization(sum(aboveLeft, aboveHere, left, centre)),
    };
    Vector textures[4] = {hn::Zero(d), hn::Zero(d), hn::Zero(d), hn::Zero(d)};
    const auto normalized = [&](Vector votes, Vector parts[4]) HWY_ATTR {
      for (std::int64_t k = 0; k < 4; ++k) {
        parts[k] = hn::Mul(hn::Min(votes, normalizations[k].limit), normalizations[k].factor);
      }
      return hn::Add(hn::Add(parts[0], parts[2]), hn::Add(parts[1], parts[3]));
    };
    const auto votes = [&](std::int64_t o) HWY_ATTR { return hn::LoadU(d, here.histogram(o) + c + 1); };

    for (std::int64_t o = 0; o < kHogOrientations; o += 3) {
      Vector parts[3][4];
      for (std::int64_t i = 0; i < 3; ++i)
        hn::StoreU(normalized(votes(o + i), parts[i]), d, outputs[o + i] + c);
      for (std::int64_t k = 0; k < 4; ++k) {
        textures[k] = hn::Add(textures[k], hn::Add(hn::Add(parts[0][k], parts[1][k]), parts[2][k]));
      }
    }
    for (std::int64_t o = 0; o < kHogOrientations / 2; ++o) {
      Vector parts[4];
      hn::StoreU(normalized(hn::Add(votes(o), votes(o + kHogOrientations / 2)), parts), d,
                 outputs[kHogOrientations + o] + c);
    }
    for (std::int64_t k = 0; k < 4; ++k) {
      hn::StoreU(hn::Mul(textures[k], hn::Set(d, 2 * 0.2357f)), d, outputs[kHogPlanes - 4 + k] + c);
    }
  }
  // What was written too much belongs to the zeros around.
  for (std::int64_t plane = 0; plane < kHogPlanes; ++plane) {
    std::memset(outputs[plane] + cells, 0, (lanes - 1) * sizeof(float));
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace fcn
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fcn {

HWY_EXPORT(countVotes);
HWY_EXPORT(sumVotes);
HWY_EXPORT(normalize);

void countVotes(const PlanarImage& image, std::int64_t y, std::int64_t firstRow, std::int64_t lastRow,
                std::int64_t blocks, const VotingColumns& columns, BlockRow& votes) {
  HWY_DYNAMIC_DISPATCH(countVotes)(image, y, firstRow, lastRow, blocks, columns, votes);
}

void sumVotes(const BlockRow& above, const BlockRow& below, std::int64_t cells, CellRow& row) {
  HWY_DYNAMIC_DISPATCH(sumVotes)(above, below, cells, row);
}

void normalize(const CellRow& above, const CellRow& here, const CellRow& below, std::int64_t cells,
               float* const* outputs) {
  HWY_DYNAMIC_DISPATCH(normalize)(above, here, below, cells, outputs);
}

}  // namespace fcn
#endif  // HWY_ONCE
