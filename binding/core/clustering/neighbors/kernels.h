#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace fcn {

// Points are compared block by block; within a block their sketches (see prepared_points.h) lie in panels, in
// which a vector holds one pair of values of several points. The sizes are the same for every instruction
// set, so that the work is cut up alike: a block is a multiple of all row tiles (2, 6, 12) and of the panel.
constexpr std::size_t kPanel = 32;
constexpr std::size_t kBlock = 192;
constexpr std::size_t kPanels = kBlock / kPanel;

// How many blocks so many points make.
constexpr std::size_t blocksOf(std::size_t n) { return (n + kBlock - 1) / kBlock; }

// Values of sketches are whole numbers from -kMostValue to kMostValue. Where vectors add two products before
// they store them in 16 bits, 2 * (2 kMostValue) * kMostValue must not exceed 32767.
constexpr int kMostValue = 90;

// One pair of values of the sketches of a panel's points, each raised by kMostValue: a cache line.
struct alignas(64) PanelRow {
  std::uint8_t values[2 * kPanel];
};

// The two sides of a comparison. Terms are taken modulo 2^16, as all sums are.
struct RowsView {
  const std::uint32_t* pairs;   // (kBlock, pairs): bytes a, b, a, b, where a and b are signed values
  const std::uint16_t* terms;   // (kBlock)
  const std::uint16_t* limits;  // (kBlock)
};
struct ColumnsView {
  const PanelRow* panels;      // (kPanels, pairs)
  const std::uint16_t* terms;  // (kBlock)
};

// For each point a of `rows` and b of `columns` a bit that says whether
//   rows.terms[a] + columns.terms[b] - sum of (raised values of b) * (values of a), modulo 2^16,
// is at most rows.limits[a]. Bit b % kPanel of masks[a * kPanels + b / kPanel].
void compareBlocks(const RowsView& rows, const ColumnsView& columns, std::size_t pairs, std::uint32_t* masks);

// Two rows of points.
struct RowPair {
  std::uint32_t a, b;
};

// distances[i] = the squared distance of rows pairs[i].a and pairs[i].b, all of d values, in float32
// arithmetic whose order of sums, and whether it fuses, depends on the instruction set: each value is within
// a factor of 1 +- (d + 5) 2^-24 / (1 - (d + 5) 2^-24) of the exact one, plus d 2^-126 where products
// underflow; infinite where it overflows.
void squaredDistances(const float* rows, const RowPair* pairs, std::size_t count, std::size_t d,
                      float* distances);

// projections[k] = the sum of values[j] * axes[j * count + k] over all d values, in float64. Each is within
// (d + 1) 2^-53 / (1 - (d + 1) 2^-53) times the sum of magnitudes of the exact one.
// - count: a multiple of kAxesAtOnce
constexpr std::size_t kAxesAtOnce = 16;
void project(const double* values, std::size_t d, const double* axes, std::size_t count, double* projections);

}  // namespace fcn
