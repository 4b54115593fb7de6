#include "crowd_distances.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "clustering/neighbors/kth_nearest.h"

namespace fcn {
namespace {

constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();
constexpr std::size_t kClustersAtOnce = 256;

// Where the centre of each cluster is: at the point itself if it is single, else behind all points.
// - returns (n), at the cluster's lowest row; kNone elsewhere
std::vector<std::uint32_t> placeCentres(PointsAndCentres& space, const std::vector<std::uint32_t>& group,
                                        const Parallel& parallel) {
  const std::size_t n = space.n, d = space.d;
  std::vector<std::uint32_t> next(n, kNone), last(n), places(n, kNone), several;
  for (std::uint32_t row = 0; row < n; ++row) {
    const std::uint32_t cluster = group[row];
    if (cluster == row) {
      places[row] = row;
    } else {
      if (places[cluster] == cluster) {
        places[cluster] = static_cast<std::uint32_t>(n + several.size());
        several.push_back(cluster);
      }
      next[last[cluster]] = row;
    }
    last[cluster] = row;
  }
  parallel.forEach(several.size(), kClustersAtOnce, [&](std::size_t i) {
    std::vector<double> sum(d);
    double count = 0;
    for (std::uint32_t row = several[i]; row != kNone; row = next[row], ++count) {
      const float* point = space.values.get() + row * d;
      for (std::size_t k = 0; k < d; ++k) sum[k] += point[k];
    }
    float* centre = space.values.get() + (n + i) * d;
    for (std::size_t k = 0; k < d; ++k) centre[k] = static_cast<float>(sum[k] / count);
  });
  return places;
}

}  // namespace

std::vector<double> crowdDistances(PointsAndCentres& space, const PreparedPoints& prepared,
                                   const Sketcher& sketcher, const std::vector<std::uint32_t>& group,
                                   std::size_t k, double farthest, const Parallel& parallel,
                                   Progress& progress) {
  const std::size_t n = space.n;
  const std::vector<std::uint32_t> places = placeCentres(space, group, parallel);
  std::vector<std::uint32_t> rows;
  std::size_t end = n;
  for (std::size_t row = 0; row < n; ++row) {
    if (places[row] == kNone) continue;
    rows.push_back(places[row]);
    end = std::max<std::size_t>(end, places[row] + std::size_t{1});
  }
  // There are fewer than the progress expects.
  const std::size_t asked = prepared.order.size();
  progress.advance(KthNearest::work(asked, n, kBlock) - KthNearest::work(asked, rows.size(), kBlock));
  const PreparedPoints centres =
      prepareRows({space.values.get(), nullptr, end, space.d}, std::move(rows), sketcher, parallel, progress);

  std::vector<double> distances(n, farthest);
  KthNearest(prepared, centres, k, farthest * farthest, kBlock, parallel, progress)
      .run([&](Position point,
               Position centre) { return places[group[prepared.order[point]]] == centres.order[centre]; },
           [&](std::uint32_t row, double squared) { distances[row] = std::sqrt(squared); });
  return distances;
}

}  // namespace fcn
