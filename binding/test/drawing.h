#pragma once

#include <cstdint>
#include <vector>

#include "noise.h"

namespace fcn {

// Blurred ovals with eyes and mouth in coloured noise, which HOG takes for faces.
inline std::vector<std::uint8_t> drawing(std::int64_t width, std::int64_t height) {
  std::vector<std::uint8_t> pixels = noise(width, height);
  const auto inside = [](double x, double y, double cx, double cy, double rx, double ry) {
    return (x - cx) * (x - cx) / (rx * rx) + (y - cy) * (y - cy) / (ry * ry) < 1;
  };
  for (std::int64_t row = 0; row < height; ++row) {
    for (std::int64_t column = 0; column < width; ++column) {
      // Faces of 160 pixels, beside and below each other.
      const std::int64_t x = column % 160, y = row % 160;
      int grey = 60;
      if (inside(x, y, 80, 80, 45, 60)) grey = 200;
      if (inside(x, y, 62, 65, 10, 5) || inside(x, y, 98, 65, 10, 5)) grey = 50;
      if (inside(x, y, 62, 54, 13, 3) || inside(x, y, 98, 54, 13, 3)) grey = 80;
      if (inside(x, y, 80, 112, 18, 5)) grey = 90;
      if (inside(x, y, 80, 90, 7, 4)) grey = 150;
      std::uint8_t* pixel = pixels.data() + (row * width + column) * 3;
      for (std::int64_t k = 0; k < 3; ++k) pixel[k] = static_cast<std::uint8_t>(grey + pixel[k] / 16);
    }
  }
  return pixels;
}

}  // namespace fcn
