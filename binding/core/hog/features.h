#pragma once

#include <vector>

#include "../cancel_token.h"
#include "../planar_image.h"
#include "geometry.h"

namespace fcn {

// Felzenszwalb's histograms of oriented gradients, one plane of cells for each of the 31 features, with so
// many zeros around them that the detection window fits around each cell.
//
// An image of w x h pixels has round(w / 8) x round(h / 8) cells, of which the outermost have no features.
class HogFeatures {
 public:
  // Zeros above and left of the first cell with features; below and right of the last there is one more.
  // dlib: (filter_rows_padding - 1) / 2
  static constexpr long kBorder = (kHogWindow - 1) / 2;

  // The number of windows: one around each cell with features.
  long rows() const { return rows_; }
  long columns() const { return columns_; }

  // Floats from one row to the next.
  long stride() const { return stride_; }

  // The features that the window of cell (row, ·) begins with: the cell's own are kBorder rows and columns
  // on. Rows up to rows() + kHogWindow - 1 exist; past their end lie at least kSlack more floats.
  const float* row(long plane, long row) const { return values_.data() + offset(plane, row); }
  float* row(long plane, long row) { return values_.data() + offset(plane, row); }

  // Zeros around, and anything where the cells' features go. Keeps its memory where that suffices.
  void resize(long rows, long columns);

  // What the widest tile of the filters reads too much, with 16 floats to a vector.
  static constexpr long kSlack = 32;

 private:
  long offset(long plane, long row) const { return (plane * (rows_ + kHogWindow - 1) + row) * stride_; }

  long rows_ = 0, columns_ = 0, stride_ = 0;
  std::vector<float> values_;
};

// dlib's extract_fhog_features for cells of 8 pixels, of an RGB image: each pixel's orientation is dlib's;
// sums are taken in another order, so that features differ by a few units in the last place.
// - features: resized; 0 x 0 windows where the image is too small for any.
// - throws Error(Aborted)
void extractHogFeatures(const PlanarImage& image, HogFeatures& features, const CancelToken& cancel);

}  // namespace fcn
