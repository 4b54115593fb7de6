#include "prepared_points.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "../thread_pool.h"
#include "bounds.h"
#include "sketcher.h"
#include "spatial_order.h"

namespace fcn {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

double lengthOf(const float* values, std::size_t count) {
  double squares = 0;
  for (std::size_t k = 0; k < count; ++k) squares += static_cast<double>(values[k]) * values[k];
  return std::sqrt(squares);
}

// What is known of each row beside its sketch.
struct RowTerms {
  std::vector<float> terms;       // (n): see sketchTerm()
  std::vector<double> boxErrors;  // (n): share of PreparedPoints::boxError
};

// Puts the sketches into the panels' memory, for now row by row.
RowTerms makeSketches(const Sketcher& sketcher, PreparedPoints& prepared, std::size_t threads,
                      const CancelToken& cancel) {
  const std::size_t n = prepared.points.n, d = prepared.points.d, width = prepared.width;
  RowTerms rows;
  // Where the sketches say nothing, every pair is a candidate, and its float32 distance means nothing.
  rows.terms.assign(n, -kInfinity);
  rows.boxErrors.assign(n, kInfinity);
  if (prepared.points.float64) {
    prepared.copy.resize(n * d);
    prepared.rowErrors.assign(n, kInfinity);
  }
  if (!sketcher.usable()) return rows;

  const std::size_t rowsAtOnce = std::max<std::size_t>(1, (std::size_t{1} << 15) / d);
  parallelFor(threads, (n + rowsAtOnce - 1) / rowsAtOnce, [&](std::size_t chunk) {
    cancel.throwIfCancelled();
    std::vector<double> centred(d);
    for (std::size_t i = chunk * rowsAtOnce; i < std::min(n, (chunk + 1) * rowsAtOnce); ++i) {
      sketcher.centre(i, centred.data());
      if (prepared.points.float64) {
        std::copy(centred.begin(), centred.end(), prepared.copy.begin() + static_cast<std::ptrdiff_t>(i * d));
        prepared.rowErrors[i] = rowError(lengthOf(prepared.copy.data() + i * d, d), d);
      }
      float* sketch = prepared.sketches() + i * width;
      const double length = sketcher.sketch(centred.data(), sketch);
      const double sketchLength = lengthOf(sketch, width);
      rows.terms[i] = sketchTerm(sketchLength, length, width, d);
      rows.boxErrors[i] = boxError(sketchLength, length, width, d);
    }
  });
  return rows;
}

// Brings the sketches into their order, in place: each goes where the order wants it, and the one that was
// there to its own place in turn.
void sortSketches(PreparedPoints& prepared, const CancelToken& cancel) {
  const std::size_t n = prepared.points.n, width = prepared.width;
  float* sketches = prepared.sketches();
  std::vector<bool> done(n);
  std::vector<float> first(width);
  for (std::size_t start = 0; start < n; ++start) {
    if (start % 65536 == 0) cancel.throwIfCancelled();
    if (done[start]) continue;
    std::copy_n(sketches + start * width, width, first.begin());
    std::size_t to = start;
    for (std::size_t from = prepared.order[to]; from != start; from = prepared.order[to]) {
      std::copy_n(sketches + from * width, width, sketches + to * width);
      done[to] = true;
      to = from;
    }
    std::copy_n(first.begin(), width, sketches + to * width);
    done[to] = true;
  }
}

// Turns the rows of each block into panels, and finds its box.
void fillBlocks(const RowTerms& rows, PreparedPoints& prepared, std::size_t threads,
                const CancelToken& cancel) {
  const std::size_t width = prepared.width;
  // What fills up the last block is never a candidate.
  prepared.terms.assign(prepared.blocks * kBlock, kInfinity);
  prepared.low.assign(prepared.blocks * width, kInfinity);
  prepared.high.assign(prepared.blocks * width, -kInfinity);
  prepared.boxError.assign(prepared.blocks, 0);
  parallelFor(threads, prepared.blocks, [&](std::size_t block) {
    cancel.throwIfCancelled();
    float* low = prepared.low.data() + block * width;
    float* high = prepared.high.data() + block * width;
    const float* sketches = prepared.sketches() + block * kBlock * width;
    const std::vector<float> byRow(sketches, sketches + kBlock * width);
    for (std::size_t i = 0; i < prepared.blockSize(block); ++i) {
      const std::size_t row = prepared.order[block * kBlock + i];
      PanelRow* panel = prepared.panels.data() + (block * kPanels + i / kPanel) * width;
      for (std::size_t k = 0; k < width; ++k) {
        const float value = byRow[i * width + k];
        panel[k].values[i % kPanel] = value;
        low[k] = std::min(low[k], value);
        high[k] = std::max(high[k], value);
      }
      prepared.terms[block * kBlock + i] = rows.terms[row];
      prepared.boxError[block] = std::max(prepared.boxError[block], rows.boxErrors[row]);
    }
  });
}

}  // namespace

bool PreparedPoints::maybeNeighbours(std::size_t blockA, std::size_t blockB, double limit) const {
  const float* lowA = low.data() + blockA * width;
  const float* highA = high.data() + blockA * width;
  const float* lowB = low.data() + blockB * width;
  const float* highB = high.data() + blockB * width;
  const double apart = boxLimit(limit * sketchScale) + boxError[blockA] + boxError[blockB];
  double squares = 0;
  for (std::size_t k = 0; k < width; ++k) {
    const double gap = std::max(
        0.0, std::max(static_cast<double>(lowA[k]) - highB[k], static_cast<double>(lowB[k]) - highA[k]));
    squares += gap * gap;
  }
  return squares <= apart;
}

PreparedPoints preparePoints(const PointsView& points, double eps, std::size_t threads,
                             const CancelToken& cancel) {
  PreparedPoints prepared;
  prepared.points = points;
  const double largest = checkFinite(points, threads, cancel);
  const Sketcher sketcher(points, largest, eps, cancel);
  prepared.width = sketcher.width();
  prepared.sketchScale = sketcher.scale() * sketcher.scale();
  prepared.blocks = (points.n + kBlock - 1) / kBlock;
  prepared.panels.resize(prepared.blocks * kPanels * prepared.width);
  const RowTerms rows = makeSketches(sketcher, prepared, threads, cancel);
  if (points.float64) {
    prepared.rows = prepared.copy.data();
    prepared.rowScale = prepared.sketchScale;
  } else {
    prepared.rows = points.float32;
  }
  prepared.order = spatialOrder(prepared.sketches(), points.n, prepared.width, threads, cancel);
  sortSketches(prepared, cancel);
  fillBlocks(rows, prepared, threads, cancel);
  return prepared;
}

}  // namespace fcn
