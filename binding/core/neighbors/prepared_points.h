#pragma once

#include <cstdint>
#include <vector>

#include "../cancel_token.h"
#include "kernels.h"
#include "points.h"

namespace fcn {

// Points made ready for being compared, all with all.
//
// A point's sketch is a few numbers that stand for it: its coordinates along the axes in which the points
// spread most, and the length of what they leave out. With Q the axes, orthonormal, as rows, and v the point
// less the points' centre, that is s = (Q v, |v - Q'Q v|). No two sketches are further apart than their
// points: lengths differ by no more than the vectors do, and for w = v - v',
//   |Q w|^2 + |w - Q'Q w|^2 = |w|^2 + (Q w)'(Q Q' - I)(Q w) <= (1 + F) |w|^2,   F = |Q Q' - I|.
// So points whose sketches are further apart than eps are no neighbours. On face encodings, 32 numbers of 128
// tell apart 99 pairs in 100.
//
// Sketches lie in an order in which neighbours tend to stand together; a position is a number in that order.
struct PreparedPoints {
  PointsView points;
  std::vector<std::uint32_t> order;  // (n): the row at each position
  std::size_t width = 0;             // numbers of a sketch
  std::size_t blocks = 0;            // of kBlock positions; the last is filled up with what is no candidate
  std::vector<PanelRow> panels;      // (blocks * kPanels, width)
  std::vector<float> terms;          // (blocks * kBlock): see sketchTerm()
  double sketchScale = 1;            // squared distances of sketches, in units of squared distances of points

  // The boxes around the sketches of each block, and by how much squared distances in them may be too large.
  std::vector<float> low, high;  // (blocks, width)
  std::vector<double> boxError;  // (blocks)

  // All values, row-major, in float32: the points themselves, or a scaled copy.
  const float* rows = nullptr;
  std::vector<float> copy;       // (n, d) if the points are float64
  std::vector<float> rowErrors;  // (n) likewise: see rowError()
  double rowScale = 1;           // squared distances of rows, in units of squared distances of points

  BlockView block(std::size_t i) const {
    return {panels.data() + i * kPanels * width, terms.data() + i * kBlock};
  }
  // The panels' memory, (blocks * kBlock, width), as it is used meanwhile: row by row.
  float* sketches() { return reinterpret_cast<float*>(panels.data()); }
  // The number of points in a block.
  std::size_t blockSize(std::size_t i) const { return i + 1 < blocks ? kBlock : points.n - i * kBlock; }

  // False if no point of one block is a neighbour of one of the other, at a squared distance up to `limit`.
  bool maybeNeighbours(std::size_t blockA, std::size_t blockB, double limit) const;
};

// Prepares the points for comparisons at distances of about eps; any other gives the same results, slower.
// Takes 4 bytes for each number of a sketch (up to 64, usually 32) and 8 more for each point, 20 meanwhile,
// and 4 d + 4 for each float64 point. The points must stay as they are while this is in use.
// - eps: NaN if unknown
// - throws Error(InvalidArgument) naming the first row with a NaN or infinite value, Error(Aborted)
PreparedPoints preparePoints(const PointsView& points, double eps, std::size_t threads,
                             const CancelToken& cancel);

}  // namespace fcn
