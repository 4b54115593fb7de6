#pragma once

#include <cstdint>
#include <vector>

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
  explicit BlockRow(std::int64_t blocks)
      : stride_(blocks + kBlocksAtOnce + kHogSlack), values_(kHogOrientations * 4 * stride_) {}

  const float* votes(std::int64_t orientation, std::int64_t corner) const {
    return values_.data() + (orientation * 4 + corner) * stride_;
  }
  float* votes(std::int64_t orientation, std::int64_t corner) {
    return values_.data() + (orientation * 4 + corner) * stride_;
  }

 private:
  std::int64_t stride_;
  std::vector<float> values_;
};

// A row of cells.
class CellRow {
 public:
  explicit CellRow(std::int64_t cells)
      : stride_(cells + kHogSlack), values_((kHogOrientations + 1) * stride_) {}

  const float* histogram(std::int64_t orientation) const { return values_.data() + orientation * stride_; }
  float* histogram(std::int64_t orientation) { return values_.data() + orientation * stride_; }

  // The sum of squares over the nine orientations without sign.
  const float* energy() const { return histogram(kHogOrientations); }
  float* energy() { return histogram(kHogOrientations); }

 private:
  std::int64_t stride_;
  std::vector<float> values_;
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
