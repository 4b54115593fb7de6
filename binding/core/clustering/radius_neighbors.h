#pragma once

#include <cstdint>
#include <vector>

#include "base/cancel_token.h"
#include "clustering/neighbors/points.h"

namespace fcn {

// - maxMemory: what the result and what is kept meanwhile may take; pairs of neighbours are kept as long as
//   they fit, else the distances are computed again.
struct RadiusNeighborsOptions : PointsOptions {
  double eps = 0.5;  // largest distance between two neighbours, inclusive; >= 0
};

// The neighbours of all points, in CSR form: those of row i are indices[offsets[i]] to indices[offsets[i + 1]
// - 1].
struct RadiusNeighbors {
  std::vector<std::uint64_t> offsets;  // (n + 1)
  std::vector<std::uint32_t>
      indices;                    // rows, rising for each point; the point itself is one of its neighbours
  std::vector<double> distances;  // of each neighbour
};

// All pairs of points whose squaredDistance() is at most eps * eps; see dbscan() for the rest.
// Memory beyond the points: what preparePoints() takes, about 20 bytes for each point, and maxMemory.
// - throws Error(OutOfMemory) if the result would take more than maxMemory, Error(InvalidArgument) naming the
//   first row with a NaN or infinite value, Error(Aborted)
RadiusNeighbors radiusNeighbors(const PointsView& points, const RadiusNeighborsOptions& options,
                                const CancelToken& cancel);

}  // namespace fcn
