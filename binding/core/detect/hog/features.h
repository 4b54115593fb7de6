#pragma once

#include <cstddef>
#include <cstdint>

#include "base/buffer.h"
#include "base/cancel_token.h"
#include "geometry.h"
#include "image/planar_image.h"
#include "image/resize.h"

namespace fcn {

struct HogRows;

// How many cells so many rows (or columns) of pixels make: to the nearest whole number.
constexpr std::int64_t hogCells(std::int64_t pixels) { return (pixels + kHogCell / 2) / kHogCell; }

// How many rows (or columns) of windows there are on an image of so many rows (or columns) of pixels.
//
// The outermost cells have no features; there is a window around each of the others, and what of it lies
// outside of these is zero.
constexpr std::int64_t hogWindows(std::int64_t pixels) {
  const std::int64_t cells = hogCells(pixels);
  return cells > 2 ? cells - 2 : 0;
}

// Felzenszwalb's histograms of oriented gradients, one plane of cells for each of the 31 features: all that
// some rows of windows cover.
class HogFeatures {
 public:
  // How far a window begins above and left of its cell. dlib: (filter_rows_padding - 1) / 2
  static constexpr std::int64_t kBorder = (kHogWindow - 1) / 2;

  HogFeatures() = default;
  // Takes the memory for so many windows, at least one.
  HogFeatures(MemoryPieces& memory, std::int64_t rows, std::int64_t columns)
      : values_(memory.take<float>(floats(rows, columns))) {}

  // The number of windows.
  std::int64_t rows() const { return rows_; }
  std::int64_t columns() const { return columns_; }

  // Floats from one row to the next.
  std::int64_t stride() const { return stride_; }

  // The features that the windows of a row begin with. Rows up to rows() + kHogWindow - 1 exist; past their
  // end lie at least kSlack more floats.
  const float* row(std::int64_t plane, std::int64_t row) const { return values_.data() + offset(plane, row); }
  float* row(std::int64_t plane, std::int64_t row) { return values_.data() + offset(plane, row); }

  // Zeros left and right of the cells, anything in them. Keeps its memory where that suffices.
  void resize(std::int64_t rows, std::int64_t columns);

  // A vector more than the last windows need is read, and written: of 16 floats at most.
  static constexpr std::int64_t kSlack = 16;

 private:
  // What so many windows' features take.
  static std::size_t floats(std::int64_t rows, std::int64_t columns) {
    return kHogPlanes * (rows + kHogWindow - 1) * strideOf(columns);
  }
  static std::int64_t strideOf(std::int64_t columns) { return columns + kHogWindow - 1 + kSlack; }
  std::int64_t offset(std::int64_t plane, std::int64_t row) const {
    return (plane * (rows_ + kHogWindow - 1) + row) * stride_;
  }

  std::int64_t rows_ = 0, columns_ = 0, stride_ = 0;
  Buffer<float> values_;
};

// The pixel rows, of `height`, that the features of these rows of windows are made from.
RowRange hogPixelRows(RowRange windows, std::int64_t height);

// How many these are at most for so many rows of windows.
constexpr std::int64_t mostHogPixelRows(std::int64_t windows, std::int64_t height) {
  const std::int64_t rows = (windows + kHogWindow + 1) * kHogCell + kHogCell + 2;
  return rows < height ? rows : height;
}

// dlib's extract_fhog_features for cells of 8 pixels, of an RGB image: each pixel's orientation is dlib's;
// sums are taken in another order, so that features differ by a few units in the last place. They are the
// same to the bit whichever rows of windows are asked for at a time.
// - pixels: rows of an image of `height` rows, from firstRow on, at least hogPixelRows(windows, height).
// - windows: not none.
// - histograms: what they are made from, row by row.
// - features: resized.
// - throws Error(Aborted)
void extractHogFeatures(const PlanarImage& pixels, std::int64_t firstRow, std::int64_t height,
                        RowRange windows, HogRows& histograms, HogFeatures& features,
                        const CancelToken& cancel);

}  // namespace fcn
