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
  struct Level {
    long rows, columns;
    std::vector<float> values;  // (rows, columns, 3)
  };

  void levelRow(std::size_t level, long row, float* out) const;

  const dlib::matrix<dlib::rgb_pixel>& image_;
  TiledLayout layout_;
  // What a byte becomes, for each channel.
  float converted_[3][256];
  // From the second level on; the first is the photo itself, at a quarter of the memory.
  std::vector<Level> smaller_;
};

}  // namespace fcn
