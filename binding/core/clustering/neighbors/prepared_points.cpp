#include "prepared_points.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <mutex>

#include "base/thread_pool.h"
#include "bounds.h"
#include "sketcher.h"
#include "spatial_order.h"

namespace fcn {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
// What a block of points costs, in comparisons of two blocks: its coordinates, its place, its sketches.
constexpr std::uint64_t kCoordinatesCost = 6, kOrderCost = 6, kSketchesCost = 12;
// A sketch says nothing if its computing may have moved it by more than that, in steps.
constexpr double kMostMoved = 0.25;

double lengthOf(const float* values, std::size_t count) {
  double squares = 0;
  for (std::size_t k = 0; k < count; ++k) squares += static_cast<double>(values[k]) * values[k];
  return std::sqrt(squares);
}

// Finds the order of the points by their coordinates; copies what is not float32 on the way.
void findOrder(const Sketcher& sketcher, PreparedPoints& prepared, const Parallel& parallel,
               Progress& progress) {
  const std::size_t n = prepared.points.n, d = prepared.points.d, count = prepared.coordinates;
  std::vector<float> coordinates(n * count);
  parallel.forEach(prepared.blocks, [&](std::size_t block) {
    Sketcher::Room room(sketcher);
    for (std::size_t i = block * kBlock; i < std::min(n, (block + 1) * kBlock); ++i) {
      parallel.throwIfCancelled();
      sketcher.findCoordinates(i, room);
      for (std::size_t k = 0; k < count; ++k)
        coordinates[i * count + k] = static_cast<float>(room.projections[k]);
      if (!prepared.points.float64) continue;
      float* copy = prepared.copy.data() + i * d;
      std::copy(room.values.begin(), room.values.end(), copy);
      prepared.rowErrors[i] = rowError(lengthOf(copy, d), d);
    }
    progress.advance(kCoordinatesCost);
  });
  prepared.order = spatialOrder(coordinates.data(), n, count, parallel);
  progress.advance(kOrderCost * prepared.blocks);
}

// Puts a sketch, its values raised by kMostValue, in its place, and sets its terms. With N the sum of the
// squares of a sketch q and v = kMostValue, compareBlocks() shall find half of
//   |q - q'|^2 = N + N' - 2 q.q' = N + N' - 2 (q' + v).q + 2 v (sum of q),
// where one half of N is rounded down and the other up, so that the whole is not negative.
void store(const std::uint8_t* sketch, std::size_t position, PreparedPoints& prepared) {
  const std::size_t pairs = prepared.pairs, place = position % kPanel;
  PanelRow* panel = prepared.panels.data() + position / kPanel * pairs;
  int squares = 0, sum = 0;
  for (std::size_t k = 0; k < 2 * pairs; ++k) {
    panel[k / 2].values[2 * place + k % 2] = sketch[k];
    const int value = sketch[k] - kMostValue;
    squares += value * value;
    sum += value;
  }
  prepared.rowTerms[position] = static_cast<std::uint16_t>(squares / 2 + kMostValue * sum);
  prepared.columnTerms[position] = static_cast<std::uint16_t>((squares + 1) / 2);
}

// Makes the sketches and the boxes of all blocks.
void fillBlocks(const Sketcher& sketcher, PreparedPoints& prepared, const Parallel& parallel,
                Progress& progress) {
  const std::size_t count = prepared.coordinates, d = prepared.points.d;
  std::mutex mutex;
  parallel.forEach(prepared.blocks, [&](std::size_t block) {
    Sketcher::Room room(sketcher);
    std::vector<std::uint8_t> sketch(2 * prepared.pairs);
    float* low = prepared.low.data() + block * count;
    float* high = prepared.high.data() + block * count;
    double longest = 0, moved = 0;
    for (std::size_t i = 0; i < prepared.blockSize(block); ++i) {
      parallel.throwIfCancelled();
      const std::size_t position = block * kBlock + i;
      sketcher.findProjections(prepared.order[position], room);
      for (std::size_t k = 0; k < count; ++k) {
        const auto value = static_cast<float>(room.projections[k]);
        low[k] = std::min(low[k], value);
        high[k] = std::max(high[k], value);
      }
      longest = std::max(longest, room.length);
      moved = std::max(moved, sketcher.sketch(room, sketch.data()));
      store(sketch.data(), position, prepared);
    }
    if (sketchError(longest, sketcher.width(), d) <= kMostMoved * sketcher.step()) {
      prepared.boxError[block] = boxError(longest, count, d);
      const std::lock_guard<std::mutex> lock(mutex);
      prepared.sketchError = std::max(prepared.sketchError, moved + kMostMoved);
    }
    progress.advance(kSketchesCost);
  });
  // What rounding does to a value on its way to a whole number of steps.
  prepared.sketchError += 0x1p-20;
}

}  // namespace

std::uint16_t PreparedPoints::limitFor(double limit) const {
  return sketchLimit(limit * sketchScale, sketchStep, sketchError);
}

bool PreparedPoints::maybeNeighbours(std::size_t blockA, std::size_t blockB, double limit) const {
  const float* lowA = low.data() + blockA * coordinates;
  const float* highA = high.data() + blockA * coordinates;
  const float* lowB = low.data() + blockB * coordinates;
  const float* highB = high.data() + blockB * coordinates;
  const double apart = boxLimit(limit * sketchScale) + boxError[blockA] + boxError[blockB];
  double squares = 0;
  for (std::size_t k = 0; k < coordinates; ++k) {
    const double gap = std::max(
        0.0, std::max(static_cast<double>(lowA[k]) - highB[k], static_cast<double>(lowB[k]) - highA[k]));
    squares += gap * gap;
  }
  return squares <= apart;
}

PreparedPoints preparePoints(const PointsView& points, double eps, const Parallel& parallel,
                             Progress& progress) {
  PreparedPoints prepared;
  prepared.points = points;
  prepared.blocks = blocksOf(points.n);
  progress.expect((kCoordinatesCost + kOrderCost + kSketchesCost) * prepared.blocks);
  const double largest = checkFinite(points, parallel);
  const Sketcher sketcher(points, largest, eps, parallel);
  prepared.sketchScale = sketcher.scale() * sketcher.scale();
  prepared.sketchStep = sketcher.step();
  // Where the sketches say nothing, every pair is a candidate, and its float32 distance means nothing.
  prepared.boxError.assign(prepared.blocks, kInfinity);
  if (points.float64) {
    prepared.copy.resize(points.n * points.d);
    prepared.rowErrors.assign(points.n, kInfinity);
    prepared.rows = prepared.copy.data();
    prepared.rowScale = prepared.sketchScale;
  } else {
    prepared.rows = points.float32;
  }
  if (!sketcher.usable()) {
    prepared.order = spatialOrder(nullptr, points.n, 0, parallel);
    progress.advance((kCoordinatesCost + kOrderCost + kSketchesCost) * prepared.blocks);
    return prepared;
  }

  prepared.coordinates = sketcher.coordinates();
  findOrder(sketcher, prepared, parallel, progress);
  prepared.pairs = sketcher.width() / 2;
  prepared.panels.resize(prepared.blocks * kPanels * prepared.pairs);
  prepared.rowTerms.resize(prepared.blocks * kBlock);
  prepared.columnTerms.resize(prepared.blocks * kBlock);
  prepared.low.assign(prepared.blocks * prepared.coordinates, kInfinity);
  prepared.high.assign(prepared.blocks * prepared.coordinates, -kInfinity);
  fillBlocks(sketcher, prepared, parallel, progress);
  return prepared;
}

}  // namespace fcn
