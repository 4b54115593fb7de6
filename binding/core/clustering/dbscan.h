#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/cancel_token.h"
#include "clustering/neighbors/points.h"

namespace fcn {

// - maxMemory: what pairs of neighbours may take that are kept for later; when there are more, the distances
//   are computed again. Fewer than n * minSamples pairs of 8 bytes are ever kept.
struct DbscanOptions : PointsOptions {
  double eps = 0.5;            // largest distance between two neighbours, inclusive; >= 0
  std::size_t minSamples = 5;  // neighbours, the point itself included, that make a core point; >= 1
};

struct DbscanResult {
  std::vector<std::int32_t> labels;  // (n): cluster, -1 = noise
  std::vector<std::uint8_t> core;    // (n): 1 = core point
  std::int32_t clusters = 0;
};

// DBSCAN (Ester, Kriegel, Sander, Xu 1996) with Euclidean distance in float64: two points are neighbours if
// their squaredDistance() is at most eps * eps.
//
// Labels are those of scikit-learn: clusters are numbered by their lowest core point, and a border point
// belongs to the lowest-numbered cluster with a core point in reach. They depend on nothing else: not on the
// number of threads, not on maxMemory, and not on the machine's instruction set.
//
// Memory beyond the points: what preparePoints() takes, about 20 bytes for each point, and maxMemory.
// n < 2^31.
// - throws Error(InvalidArgument) naming the first row with a NaN or infinite value, Error(Aborted)
DbscanResult dbscan(const PointsView& points, const DbscanOptions& options, const CancelToken& cancel);

}  // namespace fcn
