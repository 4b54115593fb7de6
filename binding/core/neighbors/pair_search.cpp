#include "pair_search.h"

#include <algorithm>

namespace fcn {

BlockComparison::BlockComparison(const PreparedPoints& prepared)
    : prepared_(prepared), masks_(kBlock * kPanels), terms_(kBlock), rows_(kBlock), distances_(kBlock) {}

void BlockComparison::compare(std::size_t blockA, std::size_t blockB, const float* limits) {
  firstA_ = blockA * kBlock;
  firstB_ = blockB * kBlock;
  BlockView rows = prepared_.block(blockA);
  // One rounding more than compareBlocks() makes; sumError() counts it.
  for (std::size_t i = 0; i < kBlock; ++i) terms_[i] = rows.terms[i] - limits[i];
  rows.terms = terms_.data();
  compareBlocks(rows, prepared_.block(blockB), prepared_.width, masks_.data());
}

const float* BlockComparison::distances(Position a, const Position* positions, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) rows_[i] = prepared_.order[positions[i]];
  const std::size_t d = prepared_.points.d;
  squaredDistances(prepared_.rows + prepared_.order[a] * d, prepared_.rows, rows_.data(), count, d,
                   distances_.data());
  return distances_.data();
}

PairSearch::PairSearch(const PreparedPoints& prepared, double eps, std::size_t threads,
                       const CancelToken& cancel, Progress& progress)
    : prepared_(prepared),
      limit_(eps * eps),
      threads_(threads),
      cancel_(cancel),
      progress_(progress),
      bounds_(limit_ * prepared.rowScale, prepared.points.d),
      limits_(kBlock, sketchLimit(limit_ * prepared.sketchScale, prepared.width)),
      // A unit takes about a millisecond; where there are few blocks, many enough units for many threads.
      blocksAtOnce_(std::clamp<std::size_t>(prepared.blocks / 64, 1, 16)),
      units_{0} {
  for (std::size_t apart = 0; apart < prepared.blocks; apart += blocksAtOnce_) {
    units_.push_back(units_.back() + prepared.blocks - apart);
  }
  expectRun();
}

// Blocks that stand together first: their points are neighbours most often, and who knows that early, as
// DBSCAN does, can leave out many of the later pairs.
PairSearch::Unit PairSearch::blocksOf(std::size_t unit) const {
  const auto after = std::upper_bound(units_.begin(), units_.end(), unit);
  const auto step = static_cast<std::size_t>(after - units_.begin()) - 1;
  const std::size_t blockA = unit - units_[step];
  const std::size_t firstB = blockA + step * blocksAtOnce_;
  return {blockA, firstB, std::min(firstB + blocksAtOnce_, prepared_.blocks)};
}

}  // namespace fcn
