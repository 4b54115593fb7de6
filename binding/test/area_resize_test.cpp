#include "../core/image/area_resize.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

namespace fcn {
namespace {

struct Image {
  std::int64_t width, height;
  std::vector<std::uint8_t> bytes;

  ImageView view() const { return {bytes.data(), width, height}; }
};

Image noise(std::int64_t width, std::int64_t height) {
  Image image{width, height, std::vector<std::uint8_t>(width * height * 3)};
  std::mt19937 random(1);
  for (std::uint8_t& byte : image.bytes) byte = static_cast<std::uint8_t>(random());
  return image;
}

std::vector<std::uint8_t> resized(const Image& image, const ImagePart& part, std::int64_t width,
                                  std::int64_t height) {
  std::vector<std::uint8_t> out(width * height * 3);
  resizeByArea(image.view(), part, width, height, out.data());
  return out;
}

// The mean of an area whose edges are not rounded.
double mean(const Image& image, double top, double right, double bottom, double left, std::int64_t channel) {
  double sum = 0;
  for (auto y = static_cast<std::int64_t>(top); y < bottom; ++y) {
    const double down = std::min(bottom, y + 1.0) - std::max(top, static_cast<double>(y));
    for (auto x = static_cast<std::int64_t>(left); x < right; ++x) {
      const double across = std::min(right, x + 1.0) - std::max(left, static_cast<double>(x));
      sum += down * across * image.bytes[(y * image.width + x) * 3 + channel];
    }
  }
  return sum / ((bottom - top) * (right - left));
}

TEST(ResizeByArea, KeepsThePixelsOfAPartOfTheSameSize) {
  const Image image = noise(31, 23);
  const auto out = resized(image, {5, 20, 19, 7}, 13, 14);
  for (std::int64_t y = 0; y < 14; ++y) {
    for (std::int64_t i = 0; i < 39; ++i) {
      ASSERT_EQ(out[y * 39 + i], image.bytes[(y + 5) * 93 + 21 + i]) << y << " " << i;
    }
  }
}

TEST(ResizeByArea, GivesTheMeanOfEachArea) {
  const Image image = noise(400, 301);
  const ImagePart part{3, 397, 300, 11};
  for (const auto [width, height] :
       {std::pair(193, 99), std::pair(385, 296), std::pair(7, 1), std::pair(1, 297)}) {
    const auto out = resized(image, part, width, height);
    const double down = 297.0 / height, across = 386.0 / width;
    for (std::int64_t y = 0; y < height; ++y) {
      for (std::int64_t x = 0; x < width; ++x) {
        for (std::int64_t k = 0; k < 3; ++k) {
          const double top = 3 + y * down, left = 11 + x * across;
          const double expected =
              mean(image, top, std::min(left + across, 397.0), std::min(top + down, 300.0), left, k);
          // Half a level of rounding, and that of edges, which is most where areas are small.
          ASSERT_NEAR(out[(y * width + x) * 3 + k], expected, 0.5 + 255 * 2.0 / 256) << x << " " << y;
        }
      }
    }
  }
}

TEST(ResizeByArea, StaysWhiteHoweverManyPixelsAreOne) {
  const std::int64_t height = 100'000;
  const Image image{3, height, std::vector<std::uint8_t>(3 * height * 3, 255)};
  for (const std::uint8_t value : resized(image, {0, 3, height, 0}, 2, 1)) EXPECT_EQ(value, 255);
}

}  // namespace
}  // namespace fcn
