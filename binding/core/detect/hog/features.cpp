#include "features.h"

#include <algorithm>
#include <array>

#include "kernels.h"

namespace fcn {
namespace {

// dlib takes this many pixels at a time, and the rest of a row one by one.
constexpr std::int64_t kDlibsVector = 8;

VotingColumns votingColumns(std::int64_t width, std::int64_t cells) {
  VotingColumns columns;
  columns.first = 1;
  columns.last = std::max(std::min(cells * kHogCell, width) - 1, columns.first);
  columns.tie = columns.first + (columns.last - columns.first) / kDlibsVector * kDlibsVector;
  return columns;
}

// The cells that have features among those that windows cover. Cells are counted from the image's first.
RowRange coveredCells(RowRange windows, std::int64_t cells) {
  const std::int64_t first = windows.first + 1 - HogFeatures::kBorder;
  const std::int64_t last = windows.last + kHogWindow - HogFeatures::kBorder;
  return {std::max(first, std::int64_t{1}), std::min(last, cells - 1)};
}

}  // namespace

void HogFeatures::resize(std::int64_t rows, std::int64_t columns) {
  rows_ = rows;
  columns_ = columns;
  stride_ = strideOf(columns);
  values_.resize(floats(rows, columns));
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
  const RowRange cells = coveredCells(windows, hogCells(height));
  const std::int64_t firstBlock = cells.first - 1, lastBlock = cells.last + 1;
  return {std::max(firstBlock * kHogCell - kHogCell / 2 - 1, std::int64_t{0}),
          std::min(lastBlock * kHogCell + kHogCell / 2 + 1, height)};
}

void extractHogFeatures(const PlanarImage& pixels, std::int64_t firstRow, std::int64_t height,
                        RowRange windows, HogRows& histograms, HogFeatures& features,
                        const CancelToken& cancel) {
  const std::int64_t rows = hogCells(height), columns = hogCells(pixels.width());
  features.resize(windows.last - windows.first, columns - 2);
  const RowRange covered = coveredCells(windows, rows);
  // Where a cell's features go: the first window's begin kBorder cells above its own.
  const auto featureRow = [&](std::int64_t cell) { return cell - 1 + HogFeatures::kBorder - windows.first; };
  for (std::int64_t plane = 0; plane < kHogPlanes; ++plane) {
    std::fill(features.row(plane, 0), features.row(plane, featureRow(covered.first)), 0.0f);
    std::fill(features.row(plane, featureRow(covered.last)),
              features.row(plane, features.rows() + kHogWindow - 1), 0.0f);
  }

  const VotingColumns votingPixels = votingColumns(pixels.width(), columns);
  const std::int64_t firstVoting = 1, lastVoting = std::min(rows * kHogCell, height) - 1;

  // Row r of cells is complete with block row r + 1, and its features with row r + 1 of cells.
  histograms.resize(columns);
  const auto blockRow = [&](std::int64_t row) -> BlockRow& { return histograms.blocks[row % 2]; };
  const auto cellRow = [&](std::int64_t row) -> CellRow& { return histograms.cells[row % 3]; };

  const std::int64_t firstBlock = covered.first - 1;
  for (std::int64_t block = firstBlock; block <= covered.last + 1; ++block) {
    cancel.throwIfCancelled();
    const std::int64_t y = block * kHogCell - kHogCell / 2;
    countVotes(pixels, y - firstRow, std::max(firstVoting - y, std::int64_t{0}),
               std::min(lastVoting - y, kHogCell), columns + 1, votingPixels, blockRow(block));
    if (block == firstBlock) continue;
    const std::int64_t complete = block - 1;
    sumVotes(blockRow(block - 1), blockRow(block), columns, cellRow(complete));
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
