#include "kernels.h"

#include <algorithm>
#include <cstring>

// Scalable vectors can't be kept in arrays, which the register tile is; NEON and the fixed-width x86 sets
// can.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "neighbors/kernels.cpp"
#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace fcn {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Floats = hn::CappedTag<float, kPanel>;
using Vector = hn::Vec<Floats>;

// Vectors of a panel. Their sums, for kRows points, stay in registers beside one value of the panel and one
// broadcast value: kRows * kVectors + kVectors + 1 of 16 registers (SSE, AVX2) or 32 (AVX-512, NEON).
constexpr std::size_t kVectors = kPanel / hn::MaxLanes(Floats());
constexpr std::size_t kRows = kVectors == 1 ? 12 : kVectors == 4 && !HWY_ARCH_ARM_A64 ? 3 : 6;
static_assert(kBlock % kRows == 0, "no rows may be left over");

// The bits of kRows points, from row `first` of the block on, against one panel.
HWY_INLINE void comparePanel(const BlockView& rows, std::size_t first, const PanelRow* HWY_RESTRICT panel,
                             const float* HWY_RESTRICT terms, std::size_t width,
                             std::uint16_t* HWY_RESTRICT masks) {
  const Floats floats;
  const std::size_t lanes = hn::Lanes(floats);
  Vector sums[kRows][kVectors];
  const float* row[kRows];
#pragma GCC unroll 12
  for (std::size_t r = 0; r < kRows; ++r) {
    const std::size_t at = first + r;
    row[r] = rows.panels[at / kPanel * width].values + at % kPanel;
    const Vector term = hn::Set(floats, rows.terms[at]);
#pragma GCC unroll 4
    for (std::size_t v = 0; v < kVectors; ++v) {
      sums[r][v] = hn::Add(term, hn::LoadU(floats, terms + v * lanes));
    }
  }
  for (std::size_t k = 0; k < width; ++k) {
    Vector column[kVectors];
#pragma GCC unroll 4
    for (std::size_t v = 0; v < kVectors; ++v) column[v] = hn::LoadU(floats, panel[k].values + v * lanes);
#pragma GCC unroll 12
    for (std::size_t r = 0; r < kRows; ++r) {
      const Vector value = hn::Set(floats, row[r][k * kPanel]);
#pragma GCC unroll 4
      for (std::size_t v = 0; v < kVectors; ++v) sums[r][v] = hn::NegMulAdd(value, column[v], sums[r][v]);
    }
  }
  const Vector zero = hn::Zero(floats);
#pragma GCC unroll 12
  for (std::size_t r = 0; r < kRows; ++r) {
    std::uint32_t bits = 0;
#pragma GCC unroll 4
    for (std::size_t v = 0; v < kVectors; ++v) {
      std::uint8_t bytes[8] = {};
      hn::StoreMaskBits(floats, hn::Le(sums[r][v], zero), bytes);
      bits |= (bytes[0] | static_cast<std::uint32_t>(bytes[1]) << 8) << (v * lanes);
    }
    masks[(first + r) * kPanels] = static_cast<std::uint16_t>(bits);
  }
}

void compareBlocks(const BlockView& rows, const BlockView& columns, std::size_t width, std::uint16_t* masks) {
  for (std::size_t first = 0; first < kBlock; first += kRows) {
    for (std::size_t panel = 0; panel < kPanels; ++panel) {
      comparePanel(rows, first, columns.panels + panel * width, columns.terms + panel * kPanel, width,
                   masks + panel);
    }
  }
}

// How many candidates, and how much of each, are fetched before they are needed.
constexpr std::size_t kAhead = 3;
constexpr std::size_t kPrefetched = 256;

void squaredDistances(const float* HWY_RESTRICT row, const float* HWY_RESTRICT rows,
                      const std::uint32_t* HWY_RESTRICT indices, std::size_t count, std::size_t d,
                      float* HWY_RESTRICT distances) {
  const hn::ScalableTag<float> floats;
  const std::size_t lanes = hn::Lanes(floats);
  for (std::size_t i = 0; i < count; ++i) {
    // Rows of candidates lie anywhere in memory: ask for them a while before.
    if (i + kAhead < count) {
      const float* next = rows + indices[i + kAhead] * d;
      for (std::size_t k = 0; k < std::min(d, kPrefetched); k += kPanel) hwy::Prefetch(next + k);
    }
    const float* HWY_RESTRICT other = rows + indices[i] * d;
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

}  // namespace HWY_NAMESPACE
}  // namespace fcn
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fcn {
namespace {

HWY_EXPORT(compareBlocks);
HWY_EXPORT(squaredDistances);

}  // namespace

void compareBlocks(const BlockView& rows, const BlockView& columns, std::size_t width, std::uint16_t* masks) {
  HWY_DYNAMIC_DISPATCH(compareBlocks)(rows, columns, width, masks);
}

void squaredDistances(const float* row, const float* rows, const std::uint32_t* indices, std::size_t count,
                      std::size_t d, float* distances) {
  HWY_DYNAMIC_DISPATCH(squaredDistances)(row, rows, indices, count, d, distances);
}

namespace {

// Bits of the sets that these kernels were compiled for and this machine has; the lowest is the best.
std::int64_t available() {
  hwy::SetSupportedTargetsForTest(0);
  return hwy::SupportedTargets() & HWY_TARGETS;
}

}  // namespace

std::vector<const char*> instructionSets() {
  std::vector<const char*> names;
  for (std::int64_t rest = available(); rest != 0; rest &= rest - 1) {
    names.push_back(hwy::TargetName(rest & -rest));
  }
  return names;
}

bool useInstructionSet(const char* name) {
  std::int64_t chosen = 0;
  for (std::int64_t rest = available(); name && rest != 0; rest &= rest - 1) {
    if (std::strcmp(name, hwy::TargetName(rest & -rest)) == 0) chosen = rest & -rest;
  }
  hwy::SetSupportedTargetsForTest(chosen);
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
  return !name || chosen != 0;
}

}  // namespace fcn
#endif  // HWY_ONCE
