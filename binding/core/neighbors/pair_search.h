#pragma once

#include <cstdint>
#include <vector>
#ifdef _MSC_VER
#include <intrin.h>
#endif

#include "../cancel_token.h"
#include "../thread_pool.h"
#include "bounds.h"
#include "prepared_points.h"
#include "progress.h"

namespace fcn {

using Position = std::uint32_t;

// Two points, by their positions.
struct Pair {
  Position a, b;
};

// Room for comparing one block with another; one for each thread.
class BlockComparison {
 public:
  explicit BlockComparison(const PreparedPoints& prepared);

  // Finds the candidates among the points of two blocks.
  // - limits: (kBlock) for each point of block a, the squared distance up to which it asks for neighbours, as
  //   sketchLimit() gives it
  void compare(std::size_t blockA, std::size_t blockB, const float* limits);

  // Calls take(b) for the candidates of position a, a point of block a, in rising order from `from` on.
  template <typename Take>
  void forCandidates(Position a, Position from, const Take& take) const {
    const std::uint16_t* masks = masks_.data() + (a - firstA_) * kPanels;
    for (std::size_t panel = 0; panel < kPanels; ++panel) {
      for (std::uint32_t bits = masks[panel]; bits != 0; bits &= bits - 1) {
        const auto b = static_cast<Position>(firstB_ + panel * kPanel + lowestBit(bits));
        if (b >= from) take(b);
      }
    }
  }

  // The float32 distances of position a to the `count` positions: see squaredDistances().
  // - count <= kBlock
  const float* distances(Position a, const Position* positions, std::size_t count);
  // E(a) + E(b) of bounds.h.
  double error(Position a, Position b) const {
    if (prepared_.rowErrors.empty()) return 0;
    return static_cast<double>(prepared_.rowErrors[prepared_.order[a]]) +
           prepared_.rowErrors[prepared_.order[b]];
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

  const PreparedPoints& prepared_;
  std::size_t firstA_ = 0, firstB_ = 0;
  std::vector<std::uint16_t> masks_;  // (kBlock, kPanels)
  std::vector<float> terms_;          // (kBlock)
  std::vector<std::uint32_t> rows_;   // (kBlock)
  std::vector<float> distances_;      // (kBlock)
};

// Finds all pairs of neighbours: points at a distance of at most eps.
class PairSearch {
 public:
  PairSearch(const PreparedPoints& prepared, double eps, std::size_t threads, const CancelToken& cancel,
             Progress& progress);

  // Says that run() will be called once more than was known.
  void expectRun() { progress_.expect(units_.back()); }

  // Compares all pairs, each once. makeSink() is called from several threads at once, and what it returns
  // used by one at a time:
  //   bool wantsBlocks(std::size_t a, std::size_t b)   false: no pair of these two blocks matters
  //   bool wants(Position a, Position b)               false: this pair does not matter
  //   void found(Position a, Position b)               a and b are neighbours
  //   void end()                                       at the end of each piece of the work
  template <typename MakeSink>
  void run(const MakeSink& makeSink) {
    parallelFor(threads_, units_.back(), [&](std::size_t unit) {
      auto sink = makeSink();
      BlockComparison comparison(prepared_);
      const auto [blockA, firstB, lastB] = blocksOf(unit);
      for (std::size_t blockB = firstB; blockB < lastB; ++blockB) {
        cancel_.throwIfCancelled();
        if (sink.wantsBlocks(blockA, blockB) && prepared_.maybeNeighbours(blockA, blockB, limit_)) {
          search(comparison, sink, blockA, blockB);
        }
      }
      sink.end();
      progress_.advance();
    });
  }

 private:
  struct Unit {
    std::size_t blockA, firstB, lastB;
  };
  Unit blocksOf(std::size_t unit) const;

  template <typename Sink>
  void search(BlockComparison& comparison, Sink& sink, std::size_t blockA, std::size_t blockB) {
    comparison.compare(blockA, blockB, limits_.data());
    Position candidates[kBlock];
    const std::size_t first = blockA * kBlock, last = first + prepared_.blockSize(blockA);
    for (std::size_t i = first; i < last; ++i) {
      const auto a = static_cast<Position>(i);
      std::size_t count = 0;
      comparison.forCandidates(a, a + 1, [&](Position b) {
        if (sink.wants(a, b)) candidates[count++] = b;
      });
      if (count == 0) continue;
      cancel_.throwIfCancelled();
      const float* distances = comparison.distances(a, candidates, count);
      for (std::size_t c = 0; c < count; ++c) {
        const auto verdict = bounds_(distances[c], comparison.error(a, candidates[c]));
        if (verdict == PairBounds::Verdict::Neighbours ||
            (verdict == PairBounds::Verdict::Unknown && areNeighbours(a, candidates[c]))) {
          sink.found(a, candidates[c]);
        }
      }
    }
  }

  bool areNeighbours(Position a, Position b) const {
    return squaredDistance(prepared_.points, prepared_.order[a], prepared_.order[b], limit_) <= limit_;
  }

  const PreparedPoints& prepared_;
  const double limit_;
  const std::size_t threads_;
  const CancelToken& cancel_;
  Progress& progress_;
  const PairBounds bounds_;
  std::vector<float> limits_;  // (kBlock), all equal
  std::size_t blocksAtOnce_;
  // How many units of work begin before the blocks that are blocksAtOnce_ * i apart, and at the end how many
  // all are.
  std::vector<std::size_t> units_;
};

}  // namespace fcn
