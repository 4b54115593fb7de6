#include "k_distances.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "clustering/neighbors/pair_search.h"
#include "clustering/neighbors/prepared_points.h"

namespace fcn {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Finds the k nearest points of some points of one block.
class NearestOfBlock {
 public:
  // - first, last: positions in the block
  NearestOfBlock(const PreparedPoints& prepared, std::size_t k, std::size_t block, Position first,
                 Position last)
      : prepared_(prepared),
        k_(k),
        block_(block),
        first_(first),
        last_(last),
        nearest_((last - first) * k, kInfinity),
        limits_(kBlock),
        comparison_(prepared) {
    comparison_.setRows(block);
    for (Position a = first; a < last; ++a) setLimit(a);
  }

  // Takes the points of another block, or of the same.
  void compare(std::size_t other, const CancelToken& cancel) {
    double farthest = 0;
    for (Position a = first_; a < last_; ++a) farthest = std::max(farthest, farthestOf(a));
    if (!prepared_.maybeNeighbours(block_, other, farthest)) return;
    comparison_.compare(other, limits_.data());
    for (Position a = first_; a < last_; ++a) {
      Pair candidates[kBlock];
      std::size_t count = 0;
      comparison_.forCandidates(a, 0, [&](Position b) {
        if (b != a) candidates[count++] = {a, b};
      });
      if (count == 0) continue;
      cancel.throwIfCancelled();
      take(a, candidates, count);
    }
  }

  // The squared distance of the k-th nearest point so far.
  double farthestOf(Position a) const { return nearest_[(a - first_) * k_]; }

 private:
  void take(Position a, const Pair* candidates, std::size_t count) {
    const float* distances = comparison_.distances(candidates, count);
    // A heap, the farthest on top.
    const auto top = nearest_.begin() + static_cast<std::ptrdiff_t>((a - first_) * k_);
    const auto end = top + static_cast<std::ptrdiff_t>(k_);
    for (std::size_t c = 0; c < count; ++c) {
      const PairBounds bounds(*top * prepared_.rowScale, prepared_.points.d);
      if (bounds(distances[c], comparison_.error(candidates[c])) == PairBounds::Verdict::Apart) continue;
      const double distance =
          squaredDistance(prepared_.points, prepared_.order[a], prepared_.order[candidates[c].b], *top);
      if (!(distance < *top)) continue;
      std::pop_heap(top, end);
      *(end - 1) = distance;
      std::push_heap(top, end);
    }
    setLimit(a);
  }

  void setLimit(Position a) { limits_[a - block_ * kBlock] = prepared_.limitFor(farthestOf(a)); }

  const PreparedPoints& prepared_;
  const std::size_t k_, block_;
  const Position first_, last_;
  std::vector<double> nearest_;        // (last - first, k): squared distances, a heap for each point
  std::vector<std::uint16_t> limits_;  // (kBlock): see BlockComparison::compare()
  BlockComparison comparison_;
};

}  // namespace

std::vector<double> kDistances(const PointsView& points, const KDistancesOptions& options,
                               const CancelToken& cancel) {
  const OwnThreads threads(options.threads, cancel);
  const Parallel& parallel = threads.parallel();
  Progress progress(options.onProgress);
  const std::size_t bytes = sizeof(double) * options.k * options.threads;
  const std::size_t pointsAtOnce = std::clamp<std::size_t>(options.maxMemory / bytes, 1, kBlock);
  const std::size_t pieces = (kBlock + pointsAtOnce - 1) / pointsAtOnce;
  const std::size_t blocks = blocksOf(points.n);
  progress.expect(blocks * pieces * blocks);
  const PreparedPoints prepared =
      preparePoints(points, std::numeric_limits<double>::quiet_NaN(), parallel, progress);

  std::vector<double> result(points.n);
  parallel.forEach(blocks * pieces, [&](std::size_t unit) {
    const std::size_t block = unit / pieces, start = block * kBlock;
    const std::size_t first = std::min(points.n, start + unit % pieces * pointsAtOnce);
    const std::size_t last = std::min({points.n, start + kBlock, first + pointsAtOnce});
    if (first < last) {
      NearestOfBlock nearest(prepared, options.k, block, static_cast<Position>(first),
                             static_cast<Position>(last));
      // The nearer blocks first: the sooner the nearest points are known, the fewer are candidates.
      for (std::size_t apart = 0; apart < blocks; ++apart) {
        cancel.throwIfCancelled();
        if (block + apart < blocks) nearest.compare(block + apart, cancel);
        if (apart > 0 && apart <= block) nearest.compare(block - apart, cancel);
      }
      for (std::size_t a = first; a < last; ++a) {
        result[prepared.order[a]] = std::sqrt(nearest.farthestOf(static_cast<Position>(a)));
      }
    }
    progress.advance(blocks);
  });
  return result;
}

}  // namespace fcn
