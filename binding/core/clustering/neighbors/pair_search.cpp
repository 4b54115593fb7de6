#include "pair_search.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace fcn {

BlockComparison::BlockComparison(const PreparedPoints& a, const PreparedPoints& b)
    : a_(a),
      b_(b),
      values_(kBlock * a.pairs),
      masks_(kBlock * kPanels),
      rows_(kPairsAtOnce),
      distances_(kPairsAtOnce) {}

void BlockComparison::setRows(std::size_t blockA) {
  blockA_ = blockA;
  firstA_ = blockA * kBlock;
  const std::size_t pairs = a_.pairs;
  if (pairs == 0) return;
  const PanelRow* panels = a_.columns(blockA).panels;
  for (std::size_t i = 0; i < kBlock; ++i) {
    const PanelRow* panel = panels + i / kPanel * pairs;
    for (std::size_t k = 0; k < pairs; ++k) {
      const std::uint8_t* raised = panel[k].values + i % kPanel * 2;
      const auto first = static_cast<std::uint8_t>(raised[0] - kMostValue),
                 second = static_cast<std::uint8_t>(raised[1] - kMostValue);
      const std::uint8_t bytes[4] = {first, second, first, second};
      std::memcpy(&values_[i * pairs + k], bytes, sizeof bytes);
    }
  }
}

void BlockComparison::compare(std::size_t blockB, const std::uint16_t* limits) {
  firstB_ = blockB * kBlock;
  if (std::isinf(a_.boxError[blockA_]) || std::isinf(b_.boxError[blockB])) {
    std::fill(masks_.begin(), masks_.end(), ~std::uint32_t{0});
  } else {
    compareBlocks({values_.data(), a_.rowTerms.data() + firstA_, limits}, b_.columns(blockB), a_.pairs,
                  masks_.data());
  }
  const std::size_t size = b_.blockSize(blockB);
  if (size == kBlock) return;
  // Where there is no point, there is no candidate.
  for (std::size_t i = 0; i < kBlock; ++i) {
    for (std::size_t panel = size / kPanel; panel < kPanels; ++panel) {
      const std::size_t points = panel == size / kPanel ? size % kPanel : 0;
      masks_[i * kPanels + panel] &= (std::uint32_t{1} << points) - 1;
    }
  }
}

const float* BlockComparison::distances(const Pair* pairs, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) rows_[i] = {a_.order[pairs[i].a], b_.order[pairs[i].b]};
  squaredDistances(a_.rows, rows_.data(), count, a_.points.d, distances_.data());
  return distances_.data();
}

PairSearch::PairSearch(const PreparedPoints& a, const PreparedPoints& b, double eps, const Parallel& parallel,
                       Progress& progress)
    : a_(a),
      b_(b),
      limit_(eps * eps),
      parallel_(parallel),
      progress_(progress),
      bounds_(limit_ * a.rowScale, a.points.d),
      limits_(kBlock, limitFor(a, b, limit_)),
      // A unit takes about half a millisecond; where there are few blocks, many enough units for many
      // threads.
      blocksAtOnce_(std::clamp<std::size_t>(b.blocks / 64, 1, 32)),
      units_{0} {
  for (std::size_t apart = 0; apart < b.blocks; apart += blocksAtOnce_) {
    units_.push_back(units_.back() + (one() ? b.blocks - apart : a.blocks));
  }
}

// Blocks that stand together first: their points are neighbours most often, and who knows that early, as
// DBSCAN does, can leave out many of the later pairs.
PairSearch::Unit PairSearch::unitOf(std::size_t unit) const {
  const auto after = std::upper_bound(units_.begin(), units_.end(), unit);
  const auto step = static_cast<std::size_t>(after - units_.begin()) - 1;
  const std::size_t blockA = unit - units_[step];
  const std::size_t firstB = (one() ? blockA : 0) + step * blocksAtOnce_;
  return {blockA, firstB, std::min(firstB + blocksAtOnce_, b_.blocks)};
}

}  // namespace fcn
