#pragma once

#include <cstddef>
#include <vector>

#include "base/cancel_token.h"
#include "clustering/neighbors/points.h"

namespace fcn {

// - maxMemory: for the nearest distances of the points that are worked on, 8 k for each of them. With less
//   than 1536 k for each thread it gets slower; at least one point for each thread is worked on.
struct KDistancesOptions : PointsOptions {
  std::size_t k = 4;  // which nearest point, the point itself not counted; from 1 to n - 1
};

// The distance of each point to its k-th nearest other point: the root of the k-th smallest
// squaredDistance(). Duplicates count, so it may be 0; it is infinite where squares overflow. Memory beyond
// the points: what preparePoints() takes, about 20 bytes for each point, and maxMemory.
// - requires 1 <= k < n, or n = 0
// - returns (n)
// - throws Error(InvalidArgument) naming the first row with a NaN or infinite value, Error(Aborted)
std::vector<double> kDistances(const PointsView& points, const KDistancesOptions& options,
                               const CancelToken& cancel);

}  // namespace fcn
