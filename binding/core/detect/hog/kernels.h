#pragma once

#include <cstdint>

#include "base/buffer.h"
#include "geometry.h"
#include "image/planar_image.h"

// The vector code behind features.h, by dlib's formulas (image_transforms/fhog.h).
namespace fcn {

// Pixels vote for the four cells whose centres surround them. So votes are counted by blocks: the 8 x 8
// pixels between four centres. Block (r, c) covers the pixels from (8r - 4, 8c - 4) on and votes for the
// cells (r - 1, c - 1), (r - 1, c), (r, c - 1) and (r, c). This many blocks are taken at once, beside each
// other.
constexpr std::int64_t kBlocksAtOnce = 8;

// More than any vector's number of floats.
constexpr std::int64_t kHogSlack = 64;

// Which of a row's pixels vote: those of [first, last), which have neighbours on both sides and lie in a
// cell. dlib takes the last of equally strong channels where its vector code runs, the first from `tie` on.
struct VotingColumns {
  std::int64_t first, tie, last;
};

// What a row of blocks votes for the cells above left, above right, below left and below right of each.
class BlockRow {
 public:
  BlockRow() = default;
  BlockRow(MemoryPieces& memory, std::int64_t blocks) : values_(memory.take<float>(floats(blocks))) {}

  // Its votes are anything afterwards.
  void resize(std::int64_t blocks) {
    stride_ = strideOf(blocks);
    values_.resize(floats(blocks));
  }

  const float* votes(std::int64_t orientation, std::int64_t corner) const {
    return values_.data() + (orientation * 4 + corner) * stride_;
  }
  float* votes(std::int64_t orientation, std::int64_t corner) {
    return values_.data() + (orientation * 4 + corner) * stride_;
  }

 private:
  static std::int64_t strideOf(std::int64_t blocks) { return blocks + kBlocksAtOnce + kHogSlack; }
  static std::size_t floats(std::int64_t blocks) { return kHogOrientations * 4 * strideOf(blocks); }

  std::int64_t stride_ = 0;
  Buffer<float> values_;
};

// A row of cells.
class CellRow {
 public:
  CellRow() = default;
  CellRow(MemoryPieces& memory, std::int64_t cells) : values_(memory.take<float>(floats(cells))) {}

  // Its numbers are anything afterwards.
  void resize(std::int64_t cells) {
    stride_ = strideOf(cells);
    values_.resize(floats(cells));
  }

  const float* histogram(std::int64_t orientation) const { return values_.data() + orientation * stride_; }
  float* histogram(std::int64_t orientation) { return values_.data() + orientation * stride_; }

  // The sum of squares over the nine orientations without sign.
  const float* energy() const { return histogram(kHogOrientations); }
  float* energy() { return histogram(kHogOrientations); }

 private:
  static std::int64_t strideOf(std::int64_t cells) { return cells + kHogSlack; }
  static std::size_t floats(std::int64_t cells) { return (kHogOrientations + 1) * strideOf(cells); }

  std::int64_t stride_ = 0;
  Buffer<float> values_;
};

// The rows that features are made from: of one row of cells at a time, those above and below are needed, too.
struct HogRows {
  HogRows() = default;
  // Takes the memory for rows of so many cells.
  HogRows(MemoryPieces& memory, std::int64_t cells)
      : blocks{{memory, cells + 1}, {memory, cells + 1}},
        cells{{memory, cells}, {memory, cells}, {memory, cells}} {}

  void resize(std::int64_t ofCells) {
    for (BlockRow& row : blocks) row.resize(ofCells + 1);
    for (CellRow& row : cells) row.resize(ofCells);
  }

  BlockRow blocks[2];
  CellRow cells[3];
};

// Counts the votes of a row of blocks.
// - firstRow, lastRow: the pixel rows of the blocks that vote, lastRow excluded, counted from the blocks'
// first
// - y: the image's row of the blocks' first pixel row; may be negative as long as firstRow is not
// - blocks: rounded up to a multiple of kBlocksAtOnce
void countVotes(const PlanarImage& image, std::int64_t y, std::int64_t firstRow, std::int64_t lastRow,
                std::int64_t blocks, const VotingColumns& columns, BlockRow& votes);

// A row of `cells` cells, which the blocks above and below it have voted for.
void sumVotes(const BlockRow& above, const BlockRow& below, std::int64_t cells, CellRow& row);

// The features of a row of cells but the first and the last.
// - above, here, below: the rows of cells.
// - cells: how many have features.
// - outputs: of each plane, where the first cell's feature goes. Zeros follow the last.
void normalize(const CellRow& above, const CellRow& here, const CellRow& below, std::int64_t cells,
               float* const* outputs);

}  // namespace fcn
