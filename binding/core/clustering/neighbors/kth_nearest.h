#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "pair_search.h"

namespace fcn {

// Finds the k nearest points of some points of one block.
class NearestOfBlock {
 public:
  // - a: the points whose nearest are looked for; first, last: positions in the block
  // - b: among which; the same, or prepared with one sketcher
  // - farthest: the squared distance from which on nothing is looked for
  NearestOfBlock(const PreparedPoints& a, const PreparedPoints& b, std::size_t k, double farthest,
                 std::size_t block, Position first, Position last)
      : a_(a),
        b_(b),
        k_(k),
        block_(block),
        first_(first),
        last_(last),
        nearest_((last - first) * k, farthest),
        limits_(kBlock),
        comparison_(a, b) {
    comparison_.setRows(block);
    for (Position i = first; i < last; ++i) setLimit(i);
  }

  // Takes the points of a block of b, but for pairs that excluded(Position of a, Position of b) says.
  template <typename Excluded>
  void compare(std::size_t other, const Excluded& excluded, const CancelToken& cancel) {
    double farthest = 0;
    for (Position i = first_; i < last_; ++i) farthest = std::max(farthest, farthestOf(i));
    if (!maybeNeighbours(a_, block_, b_, other, farthest)) return;
    comparison_.compare(other, limits_.data());
    for (Position i = first_; i < last_; ++i) {
      Pair candidates[kBlock];
      std::size_t count = 0;
      comparison_.forCandidates(i, 0, [&](Position j) {
        if (!excluded(i, j)) candidates[count++] = {i, j};
      });
      if (count == 0) continue;
      cancel.throwIfCancelled();
      take(i, candidates, count);
    }
  }

  // The squared distance of the k-th nearest point so far.
  double farthestOf(Position i) const { return nearest_[(i - first_) * k_]; }

 private:
  void take(Position i, const Pair* candidates, std::size_t count) {
    const float* distances = comparison_.distances(candidates, count);
    // A heap, the farthest on top.
    const auto top = nearest_.begin() + static_cast<std::ptrdiff_t>((i - first_) * k_);
    const auto end = top + static_cast<std::ptrdiff_t>(k_);
    for (std::size_t c = 0; c < count; ++c) {
      const PairBounds bounds(*top * a_.rowScale, a_.points.d);
      if (bounds(distances[c], comparison_.error(candidates[c])) == PairBounds::Verdict::Apart) continue;
      const double distance = squaredDistance(b_.points, a_.order[i], b_.order[candidates[c].b], *top);
      if (!(distance < *top)) continue;
      std::pop_heap(top, end);
      *(end - 1) = distance;
      std::push_heap(top, end);
    }
    setLimit(i);
  }

  void setLimit(Position i) { limits_[i - block_ * kBlock] = limitFor(a_, b_, farthestOf(i)); }

  const PreparedPoints &a_, &b_;
  const std::size_t k_, block_;
  const Position first_, last_;
  std::vector<double> nearest_;        // (last - first, k): squared distances, a heap for each point
  std::vector<std::uint16_t> limits_;  // (kBlock): see BlockComparison::compare()
  BlockComparison comparison_;
};

// For each point of a the squared distance of its k-th nearest point of b, or `farthest` if that is not
// nearer.
class KthNearest {
 public:
  // What run() adds to the progress.
  // - pointsAtOnce: how many points of a are worked on by one thread; 1 to kBlock
  static std::uint64_t work(std::size_t a, std::size_t b, std::size_t pointsAtOnce) {
    return blocksOf(a) * piecesOf(pointsAtOnce) * blocksOf(b);
  }

  KthNearest(const PreparedPoints& a, const PreparedPoints& b, std::size_t k, double farthest,
             std::size_t pointsAtOnce, const Parallel& parallel, Progress& progress)
      : a_(a),
        b_(b),
        k_(k),
        farthest_(farthest),
        pointsAtOnce_(pointsAtOnce),
        parallel_(parallel),
        progress_(progress) {}

  // - excluded(Position of a, Position of b): says which pairs don't count; called from several threads at
  // once
  // - take(row of a, squared distance): the same; once for each row
  template <typename Excluded, typename Take>
  void run(const Excluded& excluded, const Take& take) {
    const std::size_t pieces = piecesOf(pointsAtOnce_);
    parallel_.forEach(a_.blocks * pieces, [&](std::size_t unit) {
      const std::size_t block = unit / pieces, start = block * kBlock, end = start + a_.blockSize(block);
      const std::size_t first = std::min(end, start + unit % pieces * pointsAtOnce_);
      const std::size_t last = std::min(end, first + pointsAtOnce_);
      if (first < last) {
        NearestOfBlock nearest(a_, b_, k_, farthest_, block, static_cast<Position>(first),
                               static_cast<Position>(last));
        for (const std::size_t other : nearerFirst(block)) {
          parallel_.throwIfCancelled();
          nearest.compare(other, excluded, parallel_.cancelToken());
        }
        for (std::size_t i = first; i < last; ++i) {
          take(a_.order[i], nearest.farthestOf(static_cast<Position>(i)));
        }
      }
      progress_.advance(b_.blocks);
    });
  }

 private:
  static std::size_t piecesOf(std::size_t pointsAtOnce) { return (kBlock + pointsAtOnce - 1) / pointsAtOnce; }

  // The blocks of b: the sooner the nearest points are known, the fewer are candidates. Of blocks whose boxes
  // are equally near, those that stand in about the same place.
  std::vector<std::size_t> nearerFirst(std::size_t block) const {
    struct Other {
      double gap;
      std::size_t apart, block;
    };
    std::vector<Other> others(b_.blocks);
    const std::size_t place = block * b_.blocks / a_.blocks;
    for (std::size_t other = 0; other < b_.blocks; ++other) {
      others[other] = {boxGap(a_, block, b_, other), other > place ? other - place : place - other, other};
    }
    std::sort(others.begin(), others.end(), [](const Other& x, const Other& y) {
      return x.gap != y.gap ? x.gap < y.gap : x.apart != y.apart ? x.apart < y.apart : x.block < y.block;
    });
    std::vector<std::size_t> blocks(b_.blocks);
    for (std::size_t i = 0; i < blocks.size(); ++i) blocks[i] = others[i].block;
    return blocks;
  }

  const PreparedPoints &a_, &b_;
  const std::size_t k_;
  const double farthest_;
  const std::size_t pointsAtOnce_;
  const Parallel& parallel_;
  Progress& progress_;
};

}  // namespace fcn
