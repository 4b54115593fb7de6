#pragma once

#include <cstdint>

namespace fcn {

// Somebody else's pixels: 8-bit RGB, interleaved, `height` rows of `width` pixels without padding.
struct ImageView {
  const std::uint8_t* pixels;
  std::int64_t width;
  std::int64_t height;
};

}  // namespace fcn
