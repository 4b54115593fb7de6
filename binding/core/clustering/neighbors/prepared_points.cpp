#include "prepared_points.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <mutex>
#include <numeric>
#include <utility>

#include "base/thread_pool.h"
#include "bounds.h"
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

// Puts the rows in order by their coordinates; copies what is not float32 on the way.
void findOrder(const Sketcher& sketcher, PreparedPoints& prepared, const Parallel& parallel,
               Progress& progress) {
  const std::size_t n = prepared.order.size(), d = prepared.points.d, count = prepared.coordinates;
  const std::vector<std::uint32_t> rows = std::move(prepared.order);
  std::vector<float> coordinates(n * count);
  parallel.forEach(prepared.blocks, [&](std::size_t block) {
    Sketcher::Room room(sketcher);
    for (std::size_t i = block * kBlock; i < std::min(n, (block + 1) * kBlock); ++i) {
      parallel.throwIfCancelled();
      sketcher.findCoordinates(rows[i], room);
      for (std::size_t k = 0; k < count; ++k)
        coordinates[i * count + k] = static_cast<float>(room.projections[k]);
      if (!prepared.points.float64) continue;
      float* copy = prepared.copy.data() + rows[i] * d;
      std::copy(room.values.begin(), room.values.end(), copy);
      prepared.rowErrors[rows[i]] = rowError(lengthOf(copy, d), d);
    }
    progress.advance(kCoordinatesCost);
  });
  prepared.order = spatialOrder(coordinates.data(), n, count, parallel);
  for (std::uint32_t& row : prepared.order) row = rows[row];
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

std::uint16_t limitFor(const PreparedPoints& a, const PreparedPoints& b, double limit) {
  return sketchLimit(limit * a.sketchScale, a.sketchStep, (a.sketchError + b.sketchError) / 2);
}

double boxGap(const PreparedPoints& a, std::size_t blockA, const PreparedPoints& b, std::size_t blockB) {
  const std::size_t count = a.coordinates;
  const float* lowA = a.low.data() + blockA * count;
  const float* highA = a.high.data() + blockA * count;
  const float* lowB = b.low.data() + blockB * count;
  const float* highB = b.high.data() + blockB * count;
  double squares = 0;
  for (std::size_t k = 0; k < count; ++k) {
    const double gap = std::max(
        0.0, std::max(static_cast<double>(lowA[k]) - highB[k], static_cast<double>(lowB[k]) - highA[k]));
    squares += gap * gap;
  }
  return std::max(0.0, squares - a.boxError[blockA] - b.boxError[blockB]);
}

bool maybeNeighbours(const PreparedPoints& a, std::size_t blockA, const PreparedPoints& b, std::size_t blockB,
                     double limit) {
  return boxGap(a, blockA, b, blockB) <= boxLimit(limit * a.sketchScale);
}

PreparedPoints preparePoints(const PointsView& points, double eps, const Parallel& parallel,
                             Progress& progress) {
  const double largest = checkFinite(points, parallel);
  std::vector<std::uint32_t> rows(points.n);
  std::iota(rows.begin(), rows.end(), 0);
  return prepareRows(points, std::move(rows), Sketcher(points, largest, eps, parallel), parallel, progress);
}

PreparedPoints prepareRows(const PointsView& points, std::vector<std::uint32_t> rows,
                           const Sketcher& sketcher, const Parallel& parallel, Progress& progress) {
  PreparedPoints prepared;
  prepared.points = points;
  prepared.order = std::move(rows);
  prepared.blocks = blocksOf(prepared.order.size());
  progress.expect((kCoordinatesCost + kOrderCost + kSketchesCost) * prepared.blocks);
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
