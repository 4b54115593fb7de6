#pragma once

#include <dlib/geometry/rectangle.h>
#include <dlib/matrix.h>
#include <dlib/pixel.h>

#include <vector>

#include "nn/tensor.h"
#include "thread_pool.h"

namespace fcn {

// Where the levels of a pyramid_down<6> pyramid (each 5/6 of the one before, down to 5 rows) lie in one
// image: below each other on the left side, then upwards on the right side as far as there is room, `padding`
// pixels apart and with `outerPadding` pixels around all. The layout is dlib's (input_rgb_image_pyramid),
// which the detector was trained on; it matters, for the network sees a level's neighbours.
struct TiledLayout {
  long rows, columns;
  std::vector<dlib::rectangle> levels;
};

// - requires columns > padding: dlib's own layout is undefined for less.
TiledLayout layOutPyramid(long rows, long columns, long padding, long outerPadding);

// All levels of a photo, as the detector's network wants to see them: (value - mean) / 256, channels beside
// each other.
//
// The large levels, those on the left side, are never held: their rows are computed from the photo's whenever
// they are asked for, through all levels between. That costs twice the arithmetic of building them once,
// which is a few per cent of what the network costs, and saves a gigabyte for a photo of 12 megapixels.
class TiledPyramid {
 public:
  // - image: must live as long as this.
  // - means: of red, green and blue.
  TiledPyramid(const dlib::matrix<dlib::rgb_pixel>& image, TiledLayout layout, const float (&means)[3],
               const Parallel& parallel);

  const TiledLayout& layout() const { return layout_; }

  // The rows [top, top + height) of the tiled image, as (1, height, columns, 3) without border. Zero between
  // levels.
  void copyRows(long top, long height, Tensor& out, const Parallel& parallel) const;

 private:
  // Where the columns of a level come from in the one above it.
  struct Columns {
    Columns(long from, long to);
    std::vector<long> left;
    std::vector<float> fraction;  // of the pixel to the right of `left`
  };
  struct Level {
    long rows, columns;
    Columns from;
    std::vector<float> values;  // (rows, columns, 3) of a level that is held, else empty
  };

  // The rows [first, last) of a level, each `stride` floats after the one before.
  void computeRows(std::size_t level, long first, long last, float* out, long stride) const;
  // Those of a level that is not the photo itself, from the level above.
  void shrinkRows(std::size_t level, long first, long last, float* out, long stride) const;

  const dlib::matrix<dlib::rgb_pixel>& image_;
  TiledLayout layout_;
  // What a byte becomes, for each channel.
  float converted_[3][256];
  std::vector<Level> levels_;
};

}  // namespace fcn
