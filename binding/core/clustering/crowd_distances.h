#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "clustering/neighbors/prepared_points.h"

namespace fcn {

// Points in float32 and, behind them, room for the centres of clusters that are made of them.
struct PointsAndCentres {
  std::unique_ptr<float[]> values;  // (n + n / 2, d); only what is used takes memory
  std::size_t n, d;
};

// The distances of points to the k-th nearest centre of the clusters that they do not belong to, but at most
// `farthest`. Centres are means in float64, rounded to float32.
// - space: takes the centres
// - prepared: the points that are asked about
// - progress: expects KthNearest::work() already, of these and of as many centres as there are points in all
// - group: (n) the cluster of each point: its lowest row
// - returns (n); of points that are not asked about `farthest`
// - throws Error(Aborted)
std::vector<double> crowdDistances(PointsAndCentres& space, const PreparedPoints& prepared,
                                   const Sketcher& sketcher, const std::vector<std::uint32_t>& group,
                                   std::size_t k, double farthest, const Parallel& parallel,
                                   Progress& progress);

}  // namespace fcn
