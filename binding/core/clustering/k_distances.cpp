#include "k_distances.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "clustering/neighbors/kth_nearest.h"
#include "clustering/neighbors/prepared_points.h"

namespace fcn {

std::vector<double> kDistances(const PointsView& points, const KDistancesOptions& options,
                               const CancelToken& cancel) {
  const Parallel parallel(options.threads, cancel);
  Progress progress(options.onProgress);
  const std::size_t bytes = sizeof(double) * options.k * options.threads;
  const std::size_t pointsAtOnce = std::clamp<std::size_t>(options.maxMemory / bytes, 1, kBlock);
  progress.expect(KthNearest::work(points.n, points.n, pointsAtOnce));
  const PreparedPoints prepared =
      preparePoints(points, std::numeric_limits<double>::quiet_NaN(), parallel, progress);

  std::vector<double> result(points.n);
  KthNearest(prepared, prepared, options.k, std::numeric_limits<double>::infinity(), pointsAtOnce, parallel,
             progress)
      .run([](Position i, Position j) { return i == j; },
           [&](std::uint32_t row, double squared) { result[row] = std::sqrt(squared); });
  return result;
}

}  // namespace fcn
