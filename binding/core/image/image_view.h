#pragma once

#include <cstdint>

namespace fcn {

struct ImageSize {
  std::int64_t width, height;

  friend bool operator==(const ImageSize& a, const ImageSize& b) {
    return a.width == b.width && a.height == b.height;
  }
};

// Somebody else's pixels: 8-bit RGB, interleaved, `height` rows of `width` pixels without padding.
struct ImageView {
  const std::uint8_t* pixels;
  std::int64_t width;
  std::int64_t height;
};

}  // namespace fcn
