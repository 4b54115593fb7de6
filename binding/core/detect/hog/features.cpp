#include "features.h"

#include <algorithm>
#include <array>

#include "kernels.h"

namespace fcn {
namespace {

// dlib takes this many pixels at a time, and the rest of a row one by one.
constexpr std::int64_t kDlibsVector = 8;

PixelColumns pixelColumns(std::int64_t width, std::int64_t cells) {
  // The columns with a neighbour on both sides that lie in a cell.
  const std::int64_t first = 1, end = std::min(cells * kHogCell, width) - 1;
  const std::int64_t vectors = std::max(end - first, std::int64_t{0}) / kDlibsVector * kDlibsVector;

  const std::int64_t blocks = (cells + 1 + kBlocksAtOnce - 1) / kBlocksAtOnce * kBlocksAtOnce;
  PixelColumns columns;
  columns.votes.assign(blocks * kHogCell, 0.0f);
  columns.tie.assign(blocks * kHogCell, 0.0f);
  for (std::int64_t x = first; x < end; ++x) {
    columns.votes[x + kHogCell / 2] = 1.0f;
    // Squared gradients are whole numbers.
    if (x >= first + vectors) columns.tie[x + kHogCell / 2] = 0.5f;
  }
  return columns;
}

// The cells that have features among those that windows cover. Cells are counted from the image's first.
RowRange coveredCells(RowRange windows, std::int64_t cells) {
  const std::int64_t first = windows.first + 1 - HogFeatures::kBorder;
  const std::int64_t last = windows.last + kHogWindow - HogFeatures::kBorder;
  return {std::max(first, std::int64_t{1}), std::min(last, cells - 1)};
}

std::int64_t cellsOf(std::int64_t pixels) { return (pixels + kHogCell / 2) / kHogCell; }

}  // namespace

void HogFeatures::resize(std::int64_t rows, std::int64_t columns) {
  rows_ = rows;
  columns_ = columns;
  stride_ = strideOf(columns);
  values_.resize(kHogPlanes * (rows + kHogWindow - 1) * stride_);
  for (std::int64_t plane = 0; plane < kHogPlanes; ++plane) {
    for (std::int64_t r = 0; r < rows + kHogWindow - 1; ++r) {
      float* values = row(plane, r);
      std::fill_n(values, kBorder, 0.0f);
      std::fill(values + kBorder + columns, values + stride_, 0.0f);
    }
  }
}

RowRange hogPixelRows(RowRange windows, std::int64_t height) {
  // A cell's features need its neighbours' energies, a histogram the blocks around the cell's centre, and a
  // gradient the pixels above and below.
  const RowRange cells = coveredCells(windows, cellsOf(height));
  const std::int64_t firstBlock = cells.first - 1, lastBlock = cells.last + 1;
  return {std::max(firstBlock * kHogCell - kHogCell / 2 - 1, std::int64_t{0}),
          std::min(lastBlock * kHogCell + kHogCell / 2 + 1, height)};
}

void extractHogFeatures(const PlanarImage& pixels, std::int64_t firstRow, std::int64_t height,
                        RowRange windows, HogFeatures& features, const CancelToken& cancel) {
  const std::int64_t rows = cellsOf(height), columns = cellsOf(pixels.width());
  features.resize(windows.last - windows.first, columns - 2);
  const RowRange covered = coveredCells(windows, rows);
  // Where a cell's features go: the first window's begin kBorder cells above its own.
  const auto featureRow = [&](std::int64_t cell) { return cell - 1 + HogFeatures::kBorder - windows.first; };
  for (std::int64_t plane = 0; plane < kHogPlanes; ++plane) {
    std::fill(features.row(plane, 0), features.row(plane, featureRow(covered.first)), 0.0f);
    std::fill(features.row(plane, featureRow(covered.last)),
              features.row(plane, features.rows() + kHogWindow - 1), 0.0f);
  }

  const PixelColumns pixelWeights = pixelColumns(pixels.width(), columns);
  const std::int64_t firstVoting = 1, lastVoting = std::min(rows * kHogCell, height) - 1;

  // Row r of cells is complete with block row r + 1, and its features with the energies of row r + 1.
  std::array<CellRow, 4> ring;
  for (CellRow& row : ring) {
    for (auto& bins : row.histogram) bins.resize(columns + kBlocksAtOnce + 1 + kHogSlack);
    row.energy.resize(columns + 2 + kHogSlack);
  }
  const auto cellRow = [&](std::int64_t row) -> CellRow& { return ring[(row + ring.size()) % ring.size()]; };

  const std::int64_t firstBlock = covered.first - 1;
  for (std::int64_t block = firstBlock; block <= covered.last + 1; ++block) {
    cancel.throwIfCancelled();
    for (auto& bins : cellRow(block).histogram) std::fill(bins.begin(), bins.end(), 0.0f);
    const std::int64_t y = block * kHogCell - kHogCell / 2;
    addVotes(pixels, y - firstRow, std::max(firstVoting - y, std::int64_t{0}),
             std::min(lastVoting - y, kHogCell), columns + 1, pixelWeights, cellRow(block - 1),
             cellRow(block));

    const std::int64_t complete = block - 1;
    if (complete >= firstBlock) sumEnergy(cellRow(complete), columns);
    const std::int64_t cells = complete - 1;
    if (cells < covered.first) continue;
    std::array<float*, kHogPlanes> outputs;
    for (std::int64_t plane = 0; plane < kHogPlanes; ++plane) {
      outputs[plane] = features.row(plane, featureRow(cells)) + HogFeatures::kBorder;
    }
    normalize(cellRow(cells - 1), cellRow(cells), cellRow(cells + 1), columns - 2, outputs.data());
  }
}

}  // namespace fcn
