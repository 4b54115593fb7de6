#include "kernels.h"

#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "detect/hog/kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace fcn {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Floats = hn::ScalableTag<float>;
using Vector = hn::Vec<Floats>;
using Integers = hn::Vec<hn::RebindToSigned<Floats>>;

constexpr std::int64_t kPixels = kBlocksAtOnce * kHogCell;

// The channel rows of an image row.
struct Rows {
  const std::uint8_t* channel[PlanarImage::kChannels];
};

HWY_INLINE Integers loadBytes(const std::uint8_t* bytes) {
  const hn::RebindToSigned<Floats> d;
  const hn::Rebind<std::uint8_t, Floats> narrow;
  return hn::PromoteTo(d, hn::LoadU(narrow, bytes));
}

HWY_INLINE Vector difference(const std::uint8_t* plus, const std::uint8_t* minus) {
  return hn::ConvertTo(Floats(), hn::Sub(loadBytes(plus), loadBytes(minus)));
}

// Which of dlib's 18 unit vectors has the largest dot product with (x, y), by comparing y / x with where one
// gives way to the next. dlib's vectors have four digits, so these are not quite the tangents of 10, 30, 50
// and 70 degrees; a test compares all 511 x 511 gradients with dlib's.
HWY_INLINE Integers orientation(Vector x, Vector y) {
  const Floats d;
  const hn::RebindToSigned<Floats> integers;
  const auto zero = hn::Zero(d);
  // Turned by half a circle into the upper half plane, mirrored into the first quadrant.
  const auto below = hn::Lt(y, zero);
  const auto left = hn::Lt(hn::IfThenElse(below, hn::Neg(x), x), zero);
  const auto absX = hn::Abs(x), absY = hn::Abs(y);
  auto bin = hn::Zero(integers);
  for (const float slope : {0.17631578f, 0.57746028f, 1.191756f, 2.7474748f}) {
    // A true lane is -1.
    const auto beyond = hn::Gt(absY, hn::Mul(hn::Set(d, slope), absX));
    bin = hn::Sub(bin, hn::BitCast(integers, hn::VecFromMask(d, beyond)));
  }
  const auto nine = hn::Set(integers, kHogOrientations / 2);
  bin = hn::IfThenElse(hn::RebindMask(integers, left), hn::Sub(nine, bin), bin);
  bin = hn::Add(bin, hn::IfThenElseZero(hn::RebindMask(integers, below), nine));
  return hn::IfThenElseZero(hn::Lt(bin, hn::Set(integers, kHogOrientations)), bin);
}

// The length and the orientation of the gradients of kPixels pixels of a row.
void gradients(const Rows& above, const Rows& here, const Rows& below, std::int64_t x, const float* votes,
               const float* ties, float* HWY_RESTRICT lengths, std::int32_t* HWY_RESTRICT bins) {
  const Floats d;
  const std::int64_t lanes = static_cast<std::int64_t>(hn::Lanes(d));
  for (std::int64_t i = 0; i < kPixels; i += lanes) {
    const auto tie = hn::LoadU(d, ties + i);
    auto bestX = hn::Zero(d), bestY = hn::Zero(d), best = hn::Zero(d);
    for (std::int64_t k = 0; k < PlanarImage::kChannels; ++k) {
      const std::uint8_t* pixel = here.channel[k] + x + i;
      const auto gradientX = difference(pixel + 1, pixel - 1);
      const auto gradientY = difference(below.channel[k] + x + i, above.channel[k] + x + i);
      // Whole numbers below 2^24: exact, fused or not.
      const auto squared = hn::MulAdd(gradientX, gradientX, hn::Mul(gradientY, gradientY));
      if (k == 0) {
        bestX = gradientX, bestY = gradientY, best = squared;
        continue;
      }
      const auto keep = hn::Gt(best, hn::Sub(squared, tie));
      bestX = hn::IfThenElse(keep, bestX, gradientX);
      bestY = hn::IfThenElse(keep, bestY, gradientY);
      best = hn::IfThenElse(keep, best, squared);
    }
    hn::StoreU(hn::Mul(hn::Sqrt(best), hn::LoadU(d, votes + i)), d, lengths + i);
    hn::StoreU(orientation(bestX, bestY), hn::RebindToSigned<Floats>(), bins + i);
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

void addVotes(const PlanarImage& image, std::int64_t y, std::int64_t firstRow, std::int64_t lastRow,
              std::int64_t blocks, const PixelColumns& columns, CellRow& upper, CellRow& lower) {
  static const Weights weights;
  // Of each block and orientation, the votes for the four cells. Neighbouring pixels often vote for the same,
  // and a sum in memory takes its time: blocks take turns.
  HWY_ALIGN float votes[kBlocksAtOnce][kHogOrientations][4];
  HWY_ALIGN float lengths[kPixels];
  HWY_ALIGN std::int32_t bins[kPixels];

  for (std::int64_t block = 0; block < blocks; block += kBlocksAtOnce) {
    std::memset(votes, 0, sizeof(votes));
    const std::int64_t column = block * kHogCell;
    for (std::int64_t i = firstRow; i < lastRow; ++i) {
      Rows above, here, below;
      for (std::int64_t k = 0; k < PlanarImage::kChannels; ++k) {
        above.channel[k] = image.row(k, y + i - 1);
        here.channel[k] = image.row(k, y + i);
        below.channel[k] = image.row(k, y + i + 1);
      }
      gradients(above, here, below, column - kHogCell / 2, columns.votes.data() + column,
                columns.tie.data() + column, lengths, bins);
      for (std::int64_t j = 0; j < kHogCell; ++j) {
        for (std::int64_t q = 0; q < kBlocksAtOnce; ++q) {
          const std::int64_t pixel = q * kHogCell + j;
          addScaled(weights.values[i][j], lengths[pixel], votes[q][bins[pixel]]);
        }
      }
    }
    for (std::int64_t o = 0; o < kHogOrientations; ++o) {
      // One by one: a vector that overlaps the one just stored would wait for it.
      float* above = upper.histogram[o].data() + block;
      float* below = lower.histogram[o].data() + block;
      for (std::int64_t q = 0; q <= kBlocksAtOnce; ++q) {
        if (q > 0) {
          above[q] += votes[q - 1][o][1];
          below[q] += votes[q - 1][o][3];
        }
        if (q < kBlocksAtOnce) {
          above[q] += votes[q][o][0];
          below[q] += votes[q][o][2];
        }
      }
    }
  }
}

void sumEnergy(CellRow& row, std::int64_t cells) {
  const Floats d;
  for (std::int64_t c = 0; c < cells + 1; c += static_cast<std::int64_t>(hn::Lanes(d))) {
    auto energy = hn::Zero(d);
    for (std::int64_t o = 0; o < kHogOrientations / 2; ++o) {
      const auto both = hn::Add(hn::LoadU(d, row.histogram[o].data() + c),
                                hn::LoadU(d, row.histogram[o + kHogOrientations / 2].data() + c));
      energy = hn::Add(energy, hn::Mul(both, both));
    }
    hn::StoreU(energy, d, row.energy.data() + c);
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
    // The cell's column in its row is c + 2: there is a cell -1, and the first has no features.
    const auto energy = [&](const CellRow& row, std::int64_t offset)
                            HWY_ATTR { return hn::LoadU(d, row.energy.data() + c + 2 + offset); };
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
    const auto votes = [&](std::int64_t o)
                           HWY_ATTR { return hn::LoadU(d, here.histogram[o].data() + c + 2); };

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

HWY_EXPORT(addVotes);
HWY_EXPORT(sumEnergy);
HWY_EXPORT(normalize);

void addVotes(const PlanarImage& image, std::int64_t y, std::int64_t firstRow, std::int64_t lastRow,
              std::int64_t blocks, const PixelColumns& columns, CellRow& upper, CellRow& lower) {
  HWY_DYNAMIC_DISPATCH(addVotes)(image, y, firstRow, lastRow, blocks, columns, upper, lower);
}

void sumEnergy(CellRow& row, std::int64_t cells) { HWY_DYNAMIC_DISPATCH(sumEnergy)(row, cells); }

void normalize(const CellRow& above, const CellRow& here, const CellRow& below, std::int64_t cells,
               float* const* outputs) {
  HWY_DYNAMIC_DISPATCH(normalize)(above, here, below, cells, outputs);
}

}  // namespace fcn
#endif  // HWY_ONCE
