#pragma once

#include <cstdint>
#include <vector>

#include "base/thread_pool.h"
#include "kernels.h"
#include "points.h"
#include "progress.h"
#include "sketcher.h"

namespace fcn {

// Points made ready for being compared, all with all.
//
// A point's sketch is a few numbers that stand for it: its coordinates along the axes in which the points
// spread most, and the length of what they leave out. With Q the axes, orthonormal, as rows, and v the point
// less the points' centre, that is s = (Q v, |v - Q'Q v|). No two sketches are further apart than their
// points: lengths differ by no more than the vectors do, and for w = v - v',
//   |Q w|^2 + |w - Q'Q w|^2 = |w|^2 + (Q w)'(Q Q' - I)(Q w) <= (1 + F) |w|^2,   F = |Q Q' - I|.
// So points whose sketches are further apart than eps are no neighbours. What is kept of a sketch are whole
// numbers in a byte each, as exact as that allows: bounds.h says what is lost. On face encodings, 32 of
// them tell apart about 98 pairs in 100.
//
// Sketches lie in an order in which neighbours tend to stand together; a position is a number in that order.
struct PreparedPoints {
  PointsView points;
  std::vector<std::uint32_t> order;  // the row at each position
  std::size_t blocks = 0;            // of kBlock positions; the last may have fewer points

  std::size_t pairs = 0;                             // of values of a sketch
  std::vector<PanelRow> panels;                      // (blocks * kPanels, pairs)
  std::vector<std::uint16_t> rowTerms, columnTerms;  // (blocks * kBlock): see compareBlocks()
  double sketchScale = 1, sketchStep = 1;  // squared distances of sketches, in units of squared distances of
                                           // points, and before they are divided into steps
  double sketchError = 0;                  // r of bounds.h

  // The boxes around some coordinates of each block, and by how much squared distances in them may be too
  // large: infinite where the sketches of a block say nothing.
  std::size_t coordinates = 0;
  std::vector<float> low, high;  // (blocks, coordinates)
  std::vector<double> boxError;  // (blocks)

  // All values, row-major, in float32: the points themselves, or a scaled copy.
  const float* rows = nullptr;
  std::vector<float> copy;       // (n, d) if the points are float64
  std::vector<float> rowErrors;  // (n) likewise: see rowError()
  double rowScale = 1;           // squared distances of rows, in units of squared distances of points

  ColumnsView columns(std::size_t block) const {
    return {panels.data() + block * kPanels * pairs, columnTerms.data() + block * kBlock};
  }
  // The number of points in a block.
  std::size_t blockSize(std::size_t i) const { return i + 1 < blocks ? kBlock : order.size() - i * kBlock; }
};

// The limit for comparing blocks of the two that no neighbours at a squared distance up to `limit` exceed.
std::uint16_t limitFor(const PreparedPoints& a, const PreparedPoints& b, double limit);
// The squared distance of the boxes of two blocks, as far as it is certain, in units of the sketches: no two
// points of theirs are nearer than that. 0 where the sketches of a block say nothing.
double boxGap(const PreparedPoints& a, std::size_t blockA, const PreparedPoints& b, std::size_t blockB);
// False if no point of one block is a neighbour of one of the other, at a squared distance up to `limit`.
bool maybeNeighbours(const PreparedPoints& a, std::size_t blockA, const PreparedPoints& b, std::size_t blockB,
                     double limit);

// Prepares the points for comparisons at distances of about eps; any other gives the same results, slower.
// Takes a byte for each number of a sketch (up to 64) and 8 more for each point, up to 84 meanwhile, and
// 4 d + 4 for each float64 point. The points must stay as they are while this is in use.
// - eps: NaN if unknown
// - progress: expects and advances as much as comparing all blocks takes as long as, about
// - throws Error(InvalidArgument) naming the first row with a NaN or infinite value, Error(Aborted)
PreparedPoints preparePoints(const PointsView& points, double eps, const Parallel& parallel,
                             Progress& progress);

// The same for some rows of the points, with a sketcher of theirs, or of points in the same place of memory
// with fewer rows. What was prepared with one sketcher can be compared with each other, if the points are
// float32.
// - requires finite values no larger than those that the sketcher was made for
PreparedPoints prepareRows(const PointsView& points, std::vector<std::uint32_t> rows,
                           const Sketcher& sketcher, const Parallel& parallel, Progress& progress);

}  // namespace fcn
