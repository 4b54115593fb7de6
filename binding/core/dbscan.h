#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "cancel_token.h"

namespace fcn {

// Somebody else's points: n rows of d values each, row-major, as float32 or float64.
struct PointsView {
  const float* float32;  // one of the two is null
  const double* float64;
  std::size_t n, d;
};

struct DbscanOptions {
  double eps = 0.5;            // largest distance between two neighbours, inclusive; >= 0
  std::size_t minSamples = 5;  // neighbours, the point itself included, that make a core point; >= 1
  std::size_t threads = 1;
  // Neighbour pairs kept in memory, 8 bytes each; when there are more, the distances are computed a second
  // time.
  std::size_t maxPairs = std::size_t{64} << 20;
  // Called from any of the threads, but never from two at once, with the done fraction in [0, 1].
  std::function<void(double)> onProgress;
};

struct DbscanResult {
  std::vector<std::int32_t> labels;  // (n): cluster, -1 = noise
  std::vector<std::uint8_t> core;    // (n): 1 = core point
  std::int32_t clusters = 0;
};

// DBSCAN (Ester, Kriegel, Sander, Xu 1996) with Euclidean distance in float64.
//
// Labels are those of scikit-learn: clusters are numbered by their lowest core point, and a border point
// belongs to the lowest-numbered cluster with a core point in reach. They depend on nothing else: not on the
// number of threads and not on maxPairs.
//
// Memory beyond the points is O(n) plus maxPairs; n < 2^31.
// - throws Error(InvalidArgument) naming the first row with a NaN or infinite value, Error(Aborted)
DbscanResult dbscan(const PointsView& points, const DbscanOptions& options, const CancelToken& cancel);

}  // namespace fcn
