#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/thread_pool.h"

namespace fcn {

// Orders n points so that neighbours tend to stand together: cuts them in two at the median of the coordinate
// that spreads most, the halves again, down to a block of points.
// - coordinates: (n, width) row-major; without any, the order stays as it is
// - returns the points' numbers in their new order
std::vector<std::uint32_t> spatialOrder(const float* coordinates, std::size_t n, std::size_t width,
                                        const Parallel& parallel);

}  // namespace fcn
