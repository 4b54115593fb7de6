#pragma once

#include <cstdint>
#include <vector>

namespace fcn {

// Where the columns of a level of the pyramid come from in the one above it.
struct ShrinkColumns {
  // From so many columns to so many.
  ShrinkColumns(std::int64_t from, std::int64_t to);

  std::vector<std::int64_t> left, right;  // pixels of the level above; in floats
  std::vector<float> rightShare;
};

// A row of a level from two of the one above it, which have three channels beside each other: bilinear
// interpolation, each value ((upper left + upper right) + lower left) + lower right, weighted, on every
// instruction set.
// - upper, lower: one float more than they have may be read.
// - lowerShare: the lower one's weight, from 0 to 1.
void shrinkRow(const float* upper, const float* lower, float lowerShare, const ShrinkColumns& columns,
               float* out);

}  // namespace fcn
