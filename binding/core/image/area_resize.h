#pragma once

#include <cstdint>

#include "base/thread_pool.h"
#include "image_view.h"

namespace fcn {

// Rows [top, bottom) and columns [left, right) of an image.
struct ImagePart {
  std::int64_t top, right, bottom, left;
};

// Brings a part of an image down to width x height: each pixel of the result is the mean of the area that it
// covers there, where pixels on the rim count by the share that is in it. In whole numbers: the same bytes on
// every instruction set and with any number of threads, at most 1 from the exact mean as long as areas are
// less than 100 pixels a side.
// - part: lies on the image and is at least width x height.
// - out: width * height * 3 bytes, interleaved.
// - throws Error(Aborted)
void resizeByArea(const ImageView& image, const ImagePart& part, std::int64_t width, std::int64_t height,
                  std::uint8_t* out, const Parallel& parallel = Parallel());

}  // namespace fcn
