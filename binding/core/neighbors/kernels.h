#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace fcn {

// Points are compared block by block; within a block their sketches (see prepared_points.h) lie in panels, in
// which a vector holds one value of several points. The sizes are the same for every instruction set, so that
// the work is cut up alike: a block is a multiple of all row tiles (3, 6, 12) and of the panel.
constexpr std::size_t kPanel = 16;
constexpr std::size_t kBlock = 192;
constexpr std::size_t kPanels = kBlock / kPanel;

// One value of the sketches of a panel's points: a cache line.
struct alignas(64) PanelRow {
  float values[kPanel];
};

// One block's side of a comparison.
struct BlockView {
  const PanelRow* panels;  // (kPanels, width)
  const float* terms;      // (kBlock)
};

// For each point a of `rows` and b of `columns` a bit that says whether
//   rows.terms[a] + columns.terms[b] - dot(sketch of a, sketch of b) <= 0 (float32, summed in this order);
// never set where that is NaN. Bit b % kPanel of masks[a * kPanels + b / kPanel].
void compareBlocks(const BlockView& rows, const BlockView& columns, std::size_t width, std::uint16_t* masks);

// distances[i] = the squared distance of `row` to the row indices[i] of `rows`, all of d values, in float32
// arithmetic whose order of sums, and whether it fuses, depends on the instruction set: each value is within
// a factor of 1 +- (d + 5) 2^-24 / (1 - (d + 5) 2^-24) of the exact one, plus d 2^-126 where products
// underflow; infinite where it overflows.
void squaredDistances(const float* row, const float* rows, const std::uint32_t* indices, std::size_t count,
                      std::size_t d, float* distances);

// The instruction sets that this machine can run these kernels on, best first, by Highway's names.
std::vector<const char*> instructionSets();
// For tests: runs all vector code on this one from now on; null for the best.
// - returns false if it is not one of instructionSets()
bool useInstructionSet(const char* name);

}  // namespace fcn
