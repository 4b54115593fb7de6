#pragma once

#include <cstdint>

#include "image_view.h"

namespace fcn {

// Rows [top, bottom) and columns [left, right) of an image.
struct ImagePart {
  std::int64_t top, right, bottom, left;
};

// Brings a part of an image down to width x height: each pixel of the result is the mean of the area that it
// covers there, rounded to the nearest. Edges of areas lie on 1/256 of a pixel. The same bytes on every
// machine.
// - part: lies on the image and is at least width x height, and less than 2^16 times as high as that.
// - out: width * height * 3 bytes, interleaved.
void resizeByArea(const ImageView& image, const ImagePart& part, std::int64_t width, std::int64_t height,
                  std::uint8_t* out);

}  // namespace fcn
