#include <dlib/image_transforms/fhog.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "../core/detect/hog/features.h"
#include "../core/detect/hog/kernels.h"
#include "../core/image/dlib_image.h"
#include "../core/image/resize.h"
#include "instruction_sets.h"
#include "noise.h"

namespace fcn {
namespace {

void expectDlibsFeatures(const std::vector<std::uint8_t>& pixels, std::int64_t width, std::int64_t height) {
  dlib::array<dlib::array2d<float>> expected;
  dlib::extract_fhog_features(ImageView{pixels.data(), width, height}, expected, kHogCell, kHogWindow,
                              kHogWindow);
  onEachInstructionSet([&] {
    PlanarImage image;
    image.resize(width, height);
    split(pixels.data(), height, image);
    if (expected[0].size() == 0) {
      EXPECT_EQ(hogWindows(width) * hogWindows(height), 0);
      return;
    }
    HogRows histograms;
    HogFeatures features;
    extractHogFeatures(image, 0, height, {0, hogWindows(height)}, histograms, features, CancelToken());

    ASSERT_EQ(features.rows() + kHogWindow - 1, expected[0].nr());
    ASSERT_EQ(features.columns() + kHogWindow - 1, expected[0].nc());
    for (std::int64_t plane = 0; plane < kHogPlanes; ++plane) {
      for (std::int64_t r = 0; r < expected[plane].nr(); ++r) {
        for (std::int64_t c = 0; c < expected[plane].nc(); ++c) {
          ASSERT_NEAR(features.row(plane, r)[c], expected[plane][r][c], 2e-6)
              << width << " x " << height << ", plane " << plane << " at " << r << ", " << c;
        }
      }
    }
  });
}

// Sizes around those at which cells, vectors and dlib's own groups of eight columns begin and end.
TEST(HogFeatures, AreDlibsForColouredNoiseOfAnySize) {
  for (const std::int64_t height : {1, 19, 20, 64, 77}) {
    for (std::int64_t width = 1; width<150; width += width> 30 ? 1 : 3) {
      expectDlibsFeatures(noise(width, height, static_cast<std::uint32_t>(width)), width, height);
    }
  }
}

// Few values make channels whose gradients are equally strong and point elsewhere: dlib then takes one
// channel in its vector code and another in the last columns of a row.
TEST(HogFeatures, TakeDlibsChannelWhereChannelsTie) {
  constexpr std::int64_t kWidth = 109, kHeight = 90;
  std::vector<std::uint8_t> pixels(kWidth * kHeight * 3);
  std::uint32_t state = 7;
  for (std::uint8_t& value : pixels) {
    value = static_cast<std::uint8_t>(((state = state * 1664525 + 1013904223) >> 30) * 80);
  }
  expectDlibsFeatures(pixels, kWidth, kHeight);
}

TEST(HogFeatures, AreTheSameToTheBitForSomeRowsOfWindows) {
  constexpr std::int64_t kWidth = 90;
  for (const std::int64_t height : {20, 64, 133, 400}) {
    const auto pixels = noise(kWidth, height);
    PlanarImage image;
    image.resize(kWidth, height);
    split(pixels.data(), height, image);
    const std::int64_t windows = hogWindows(height);
    HogRows histograms;
    HogFeatures whole, strip;
    extractHogFeatures(image, 0, height, {0, windows}, histograms, whole, CancelToken());
    for (const std::int64_t rows : {1, 3, 11, 48}) {
      for (std::int64_t first = 0; first < windows; first += rows) {
        const RowRange range{first, std::min(first + rows, windows)};
        const RowRange from = hogPixelRows(range, height);
        PlanarImage part;
        part.resize(kWidth, from.last - from.first);
        split(pixels.data() + from.first * kWidth * 3, part.height(), part);
        extractHogFeatures(part, from.first, height, range, histograms, strip, CancelToken());
        ASSERT_EQ(strip.rows(), range.last - range.first);
        for (std::int64_t plane = 0; plane < kHogPlanes; ++plane) {
          for (std::int64_t r = 0; r < strip.rows() + kHogWindow - 1; ++r) {
            ASSERT_TRUE(std::equal(strip.row(plane, r),
                                   strip.row(plane, r) + strip.columns() + kHogWindow - 1,
                                   whole.row(plane, first + r)))
                << height << " rows of pixels, plane " << plane << ", row " << first + r;
          }
        }
      }
    }
  }
}

// In the middle of 3 x 3 pixels each, all gradients that pixels can have: one that went to another
// orientation than in dlib would move its vote.
TEST(HogFeatures, GiveEachGradientDlibsOrientation) {
  constexpr std::int64_t kGradients = 511, kSize = 3 * kGradients;
  std::vector<std::uint8_t> pixels(kSize * kSize * 3);
  const auto set = [&](std::int64_t x, std::int64_t y, std::int64_t value) {
    std::fill_n(pixels.begin() + (y * kSize + x) * 3, 3,
                static_cast<std::uint8_t>(std::max(value, std::int64_t{0})));
  };
  for (std::int64_t i = 0; i < kGradients; ++i) {
    for (std::int64_t j = 0; j < kGradients; ++j) {
      const std::int64_t dx = j - 255, dy = i - 255, x = 3 * j + 1, y = 3 * i + 1;
      set(x - 1, y, -dx);
      set(x + 1, y, dx);
      set(x, y - 1, -dy);
      set(x, y + 1, dy);
    }
  }
  expectDlibsFeatures(pixels, kSize, kSize);
}

}  // namespace
}  // namespace fcn
