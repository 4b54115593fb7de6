#pragma once

#include <cstdint>
#include <vector>

namespace fcn {

// The pixels of an image of random colours.
inline std::vector<std::uint8_t> noise(std::int64_t width, std::int64_t height, std::uint32_t seed = 1) {
  std::vector<std::uint8_t> pixels(width * height * 3);
  std::uint32_t state = seed;
  for (std::uint8_t& value : pixels) value = (state = state * 1664525 + 1013904223) >> 24;
  return pixels;
}

}  // namespace fcn
