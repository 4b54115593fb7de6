#pragma once

#include <cstdint>
#include <vector>
#ifdef _MSC_VER
#include <intrin.h>
#endif

#include "base/thread_pool.h"
#include "bounds.h"
#include "prepared_points.h"
#include "progress.h"

namespace fcn {

using Position = std::uint32_t;

// Two points, by their positions.
struct Pair {
  Position a, b;
};

// Candidates whose full distances are computed in one go: enough to fetch rows ahead, few enough not to miss
// what is learned from the ones before.
constexpr std::size_t kPairsAtOnce = 256;

// Room for comparing one block with others; one for each thread.
class BlockComparison {
 public:
  // - a, b: whose blocks are compared; the same, or prepared with one sketcher
  BlockComparison(const PreparedPoints& a, const PreparedPoints& b);

  // Says which block of a is compared with others from now on.
  void setRows(std::size_t blockA);

  // Finds the candidates among the points of that block and one of b.
  // - limits: (kBlock) for each point of block a, the squared distance up to which it asks for neighbours, as
  //   limitFor() gives it
  void compare(std::size_t blockB, const std::uint16_t* limits);

  // Calls take(b) for the candidates of position a, a point of block a, in rising order.
  // - panel: the panel of block b to begin with
  template <typename Take>
  void forCandidates(Position a, std::size_t panel, const Take& take) const {
    const std::uint32_t* masks = masks_.data() + (a - firstA_) * kPanels;
    for (; panel < kPanels; ++panel) {
      for (std::uint32_t bits = masks[panel]; bits != 0; bits &= bits - 1) {
        take(static_cast<Position>(firstB_ + panel * kPanel + lowestBit(bits)));
      }
    }
  }

  // The float32 distances of some pairs of a position of a and one of b: see squaredDistances().
  // - count <= kPairsAtOnce
  const float* distances(const Pair* pairs, std::size_t count);
  // E(a) + E(b) of bounds.h.
  double error(const Pair& pair) const {
    if (a_.rowErrors.empty()) return 0;
    return static_cast<double>(a_.rowErrors[a_.order[pair.a]]) + b_.rowErrors[b_.order[pair.b]];
  }

 private:
  static unsigned lowestBit(std::uint32_t bits) {
#ifdef _MSC_VER
    unsigned long position;
    _BitScanForward(&position, bits);
    return position;
#else
    return static_cast<unsigned>(__builtin_ctz(bits));
#endif
  }

  const PreparedPoints &a_, &b_;
  std::size_t blockA_ = 0, firstA_ = 0, firstB_ = 0;
  std::vector<std::uint32_t> values_;  // (kBlock, pairs): see RowsView
  std::vector<std::uint32_t> masks_;   // (kBlock, kPanels)
  std::vector<RowPair> rows_;          // (kPairsAtOnce)
  std::vector<float> distances_;       // (kPairsAtOnce)
};

// A sink for PairSearch::run() that calls take(a, b) for each pair of neighbours for which wants(a, b).
template <typename Wants, typename Take>
class TakePairs {
 public:
  TakePairs(const Wants& wants, const Take& take) : wants_(wants), take_(take) {}
  bool wantsBlocks(std::size_t, std::size_t) { return true; }
  bool wants(Position a, Position b) { return wants_(a, b); }
  void found(Position a, Position b) { take_(a, b); }
  void end() {}

 private:
  const Wants& wants_;
  const Take& take_;
};

// Finds all pairs of neighbours: points at a distance of at most eps.
class PairSearch {
 public:
  // Among the points of one.
  // - progress: expects one run() already, see work()
  PairSearch(const PreparedPoints& prepared, double eps, const Parallel& parallel, Progress& progress)
      : PairSearch(prepared, prepared, eps, parallel, progress) {}
  // Of a point of a with one of b: others, prepared with the same sketcher.
  PairSearch(const PreparedPoints& a, const PreparedPoints& b, double eps, const Parallel& parallel,
             Progress& progress);

  // What a run() of so many points adds to the progress.
  static std::uint64_t work(std::size_t n) {
    const std::uint64_t blocks = blocksOf(n);
    return blocks * (blocks + 1) / 2;
  }
  static std::uint64_t work(std::size_t a, std::size_t b) {
    return static_cast<std::uint64_t>(blocksOf(a)) * blocksOf(b);
  }
  // Says that run() will be called once more than was known.
  void expectRun() {
    progress_.expect(one() ? work(a_.order.size()) : work(a_.order.size(), b_.order.size()));
  }

  // Compares all pairs, each once. makeSink() is called from several threads at once, and what it returns
  // used by one at a time:
  //   bool wantsBlocks(std::size_t a, std::size_t b)   false: no pair of these two blocks matters
  //   bool wants(Position a, Position b)               false: this pair does not matter
  //   void found(Position a, Position b)               a and b are neighbours
  //   void end()                                       at the end of each piece of the work
  template <typename MakeSink>
  void run(const MakeSink& makeSink) {
    parallel_.forEach(units_.back(), [&](std::size_t unit) {
      auto sink = makeSink();
      BlockComparison comparison(a_, b_);
      const auto [blockA, firstB, lastB] = unitOf(unit);
      comparison.setRows(blockA);
      for (std::size_t blockB = firstB; blockB < lastB; ++blockB) {
        parallel_.throwIfCancelled();
        if (sink.wantsBlocks(blockA, blockB) && maybeNeighbours(a_, blockA, b_, blockB, limit_)) {
          search(comparison, sink, blockA, blockB);
        }
      }
      sink.end();
      progress_.advance(lastB - firstB);
    });
  }

 private:
  struct Unit {
    std::size_t blockA, firstB, lastB;
  };
  Unit unitOf(std::size_t unit) const;

  template <typename Sink>
  void search(BlockComparison& comparison, Sink& sink, std::size_t blockA, std::size_t blockB) {
    comparison.compare(blockB, limits_.data());
    Pair candidates[kPairsAtOnce];
    std::size_t count = 0;
    const bool same = one() && blockA == blockB;
    const std::size_t first = blockA * kBlock, last = first + a_.blockSize(blockA);
    for (std::size_t i = first; i < last; ++i) {
      const auto a = static_cast<Position>(i);
      comparison.forCandidates(a, same ? (i - first) / kPanel : 0, [&](Position b) {
        if ((same && b <= a) || !sink.wants(a, b)) return;
        candidates[count++] = {a, b};
        if (count < kPairsAtOnce) return;
        decide(comparison, sink, candidates, count);
        count = 0;
      });
    }
    decide(comparison, sink, candidates, count);
  }

  template <typename Sink>
  void decide(BlockComparison& comparison, Sink& sink, const Pair* candidates, std::size_t count) {
    parallel_.throwIfCancelled();
    const float* distances = comparison.distances(candidates, count);
    for (std::size_t c = 0; c < count; ++c) {
      const auto verdict = bounds_(distances[c], comparison.error(candidates[c]));
      if (verdict == PairBounds::Verdict::Apart) continue;
      const auto [a, b] = candidates[c];
      if (verdict == PairBounds::Verdict::Neighbours || areNeighbours(a, b)) sink.found(a, b);
    }
  }

  bool areNeighbours(Position a, Position b) const {
    return squaredDistance(a_.points, a_.order[a], b_.order[b], limit_) <= limit_;
  }

  bool one() const { return &a_ == &b_; }

  const PreparedPoints &a_, &b_;
  const double limit_;
  const Parallel& parallel_;
  Progress& progress_;
  const PairBounds bounds_;
  std::vector<std::uint16_t> limits_;  // (kBlock), all equal
  std::size_t blocksAtOnce_;
  // How many units of work begin before the blocks that are blocksAtOnce_ * i apart (of two: before block
  // blocksAtOnce_ * i of b), and at the end how many all are.
  std::vector<std::size_t> units_;
};

}  // namespace fcn
