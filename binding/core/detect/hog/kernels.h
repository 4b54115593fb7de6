#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "geometry.h"
#include "image/planar_image.h"

// The vector code behind features.h, by dlib's formulas (image_transforms/fhog.h).
namespace fcn {

// Pixels vote for the four cells whose centres surround them. So histograms are taken by blocks: the 8 x 8
// pixels between four centres. Block (r, c) covers the pixels from (8r - 4, 8c - 4) on and votes for the
// cells (r - 1, c - 1), (r - 1, c), (r, c - 1) and (r, c). This many blocks are taken at once, beside each
// other.
constexpr std::int64_t kBlocksAtOnce = 4;

// More than any vector's number of floats.
constexpr std::int64_t kHogSlack = 64;

// By pixel column, from column -kHogCell / 2 on.
struct PixelColumns {
  // Whether the column has neighbours on both sides and votes at all: 1 or 0.
  std::vector<float> votes;
  // What a channel's squared gradient may fall short of the next channel's and still be taken: dlib takes the
  // last of equally strong channels where its vector code runs, the first in the last columns of a row.
  std::vector<float> tie;
};

// One row of cells, from cell -1 on.
struct CellRow {
  std::array<std::vector<float>, kHogOrientations> histogram;
  std::vector<float> energy;
};

// Adds the votes of the pixels of a row of blocks.
// - firstRow, lastRow: the pixel rows of the blocks that vote, lastRow excluded, counted from the blocks'
// first
// - y: the image's row of the blocks' first pixel row; may be negative as long as firstRow is not
// - blocks: rounded up to a multiple of kBlocksAtOnce
void addVotes(const PlanarImage& image, std::int64_t y, std::int64_t firstRow, std::int64_t lastRow,
              std::int64_t blocks, const PixelColumns& columns, CellRow& upper, CellRow& lower);

// The sum of squares over the nine orientations without sign, of `cells` cells.
void sumEnergy(CellRow& row, std::int64_t cells);

// The features of a row of cells.
// - above, here, below: the rows of cells; their energies are summed.
// - outputs: of each plane, where the first cell's feature goes. Zeros follow the last.
void normalize(const CellRow& above, const CellRow& here, const CellRow& below, std::int64_t cells,
               float* const* outputs);

}  // namespace fcn
