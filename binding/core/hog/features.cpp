#include "features.h"

#include <algorithm>
#include <array>

#include "kernels.h"

namespace fcn {
namespace {

// dlib takes this many pixels at a time, and the rest of a row one by one.
constexpr long kDlibsVector = 8;

PixelColumns pixelColumns(long width, long cells) {
  // The columns with a neighbour on both sides that lie in a cell.
  const long first = 1, end = std::min(cells * kHogCell, width) - 1;
  const long vectors = std::max(end - first, 0L) / kDlibsVector * kDlibsVector;

  const long blocks = (cells + 1 + kBlocksAtOnce - 1) / kBlocksAtOnce * kBlocksAtOnce;
  PixelColumns columns;
  columns.votes.assign(blocks * kHogCell, 0.0f);
  columns.tie.assign(blocks * kHogCell, 0.0f);
  for (long x = first; x < end; ++x) {
    columns.votes[x + kHogCell / 2] = 1.0f;
    // Squared gradients are whole numbers.
    if (x >= first + vectors) columns.tie[x + kHogCell / 2] = 0.5f;
  }
  return columns;
}

}  // namespace

void HogFeatures::resize(long rows, long columns) {
  rows_ = rows;
  columns_ = columns;
  stride_ = columns + kHogWindow - 1 + kSlack;
  values_.resize(kHogPlanes * (rows + kHogWindow - 1) * stride_);
  for (long plane = 0; plane < kHogPlanes; ++plane) {
    for (long r = 0; r < rows + kHogWindow - 1; ++r) {
      float* values = row(plane, r);
      if (r < kBorder || r >= kBorder + rows) {
        std::fill_n(values, stride_, 0.0f);
      } else {
        std::fill_n(values, kBorder, 0.0f);
        std::fill(values + kBorder + columns, values + stride_, 0.0f);
      }
    }
  }
}

void extractHogFeatures(const PlanarImage& image, HogFeatures& features, const CancelToken& cancel) {
  const long rows = (image.height() + kHogCell / 2) / kHogCell;
  const long columns = (image.width() + kHogCell / 2) / kHogCell;
  if (rows <= 2 || columns <= 2) {
    features.resize(0, 0);
    return;
  }
  features.resize(rows - 2, columns - 2);

  const PixelColumns pixels = pixelColumns(image.width(), columns);
  const long firstVoting = 1, lastVoting = std::min(rows * kHogCell, image.height()) - 1;

  // Row r of cells is complete with block row r + 1, and its features with the energies of row r + 1.
  std::array<CellRow, 4> ring;
  for (CellRow& row : ring) {
    for (auto& bins : row.histogram) bins.resize(columns + kBlocksAtOnce + 1 + kHogSlack);
    row.energy.resize(columns + 2 + kHogSlack);
  }
  const auto cellRow = [&](long row) -> CellRow& { return ring[(row + ring.size()) % ring.size()]; };

  for (long block = 0; block <= rows; ++block) {
    cancel.throwIfCancelled();
    for (auto& bins : cellRow(block).histogram) std::fill(bins.begin(), bins.end(), 0.0f);
    const long y = block * kHogCell - kHogCell / 2;
    addVotes(image, y, std::max(firstVoting - y, 0L), std::min(lastVoting - y, kHogCell), columns + 1, pixels,
             cellRow(block - 1), cellRow(block));

    const long complete = block - 1;
    if (complete >= 0) sumEnergy(cellRow(complete), columns);
    const long cells = complete - 1;
    if (cells < 1) continue;
    std::array<float*, kHogPlanes> outputs;
    for (long plane = 0; plane < kHogPlanes; ++plane) {
      outputs[plane] = features.row(plane, cells - 1 + HogFeatures::kBorder) + HogFeatures::kBorder;
    }
    normalize(cellRow(cells - 1), cellRow(cells), cellRow(cells + 1), columns - 2, outputs.data());
  }
}

}  // namespace fcn
