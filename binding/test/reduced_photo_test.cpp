#include "../core/image/reduced_photo.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "instruction_sets.h"
#include "noise.h"

namespace fcn {
namespace {

using Pixels = std::vector<std::uint8_t>;

Pixels reduce(const Pixels& pixels, ImageSize from, ImageSize to, const Parallel& parallel = Parallel()) {
  const ReducedPhoto reduced({pixels.data(), from.width, from.height}, to, parallel);
  const ImageView view = reduced.view();
  EXPECT_TRUE((ImageSize{view.width, view.height} == to));
  return Pixels(view.pixels, view.pixels + ReducedPhoto::bytes(to));
}

// How much of pixel `pixel` of `from` lies in pixel `i` of `to`.
double share(std::int64_t pixel, std::int64_t i, std::int64_t from, std::int64_t to) {
  const double scale = static_cast<double>(from) / static_cast<double>(to);
  const double begin = static_cast<double>(i) * scale, first = static_cast<double>(pixel);
  return std::max(0.0, std::min(first + 1, begin + scale) - std::max(first, begin));
}

double exactMean(const Pixels& pixels, ImageSize from, ImageSize to, std::int64_t x, std::int64_t y, int k) {
  double sum = 0, weights = 0;
  for (std::int64_t row = 0; row < from.height; ++row) {
    for (std::int64_t column = 0; column < from.width; ++column) {
      const double weight = share(row, y, from.height, to.height) * share(column, x, from.width, to.width);
      sum += weight * pixels[(row * from.width + column) * 3 + k];
      weights += weight;
    }
  }
  return sum / weights;
}

TEST(ReducedPhoto, PixelsAreMeansOfWhatTheyTakeThePlaceOf) {
  const std::vector<std::pair<ImageSize, ImageSize>> sizes{
      {{1, 1}, {1, 1}},     {{9, 1}, {4, 1}},     {{1, 9}, {1, 2}},   {{7, 5}, {7, 4}},
      {{40, 30}, {20, 15}}, {{41, 29}, {16, 11}}, {{37, 50}, {1, 1}}, {{67, 10}, {66, 10}}};
  for (const auto& [from, to] : sizes) {
    const Pixels pixels = noise(from.width, from.height);
    const Pixels reduced = reduce(pixels, from, to);
    for (std::int64_t y = 0; y < to.height; ++y) {
      for (std::int64_t x = 0; x < to.width; ++x) {
        for (int k = 0; k < 3; ++k) {
          ASSERT_NEAR(reduced[(y * to.width + x) * 3 + k], exactMean(pixels, from, to, x, y, k), 1)
              << from.width << " x " << from.height << " at " << x << ", " << y;
        }
      }
    }
  }
}

// Rounding must not darken or brighten: white stays white on a photo of any size.
TEST(ReducedPhoto, KeepsWhatIsOneColour) {
  for (const std::uint8_t value : {0, 1, 128, 254, 255}) {
    for (const std::int64_t width : {101, 400, 999}) {
      const Pixels pixels(width * 50 * 3, value);
      const Pixels reduced = reduce(pixels, {width, 50}, {100, 7});
      EXPECT_TRUE(std::all_of(reduced.begin(), reduced.end(), [&](int v) { return v == value; }))
          << int{value} << ", " << width;
    }
  }
}

// The same photo must give the same faces on every machine.
TEST(ReducedPhoto, GivesTheSameBytesOnEveryInstructionSetAndWithThreads) {
  const ImageSize from{333, 251}, to{160, 121};
  const Pixels pixels = noise(from.width, from.height);
  const Pixels expected = reduce(pixels, from, to);
  ThreadPool pool(3);
  onEachInstructionSet([&] {
    EXPECT_EQ(reduce(pixels, from, to), expected);
    EXPECT_EQ(reduce(pixels, from, to, Parallel(&pool, CancelToken())), expected);
  });
}

TEST(ReducedPhoto, BringsTheLongerSideDownAndNeverUp) {
  const auto expectSize = [](ImageSize size, std::int64_t longer, ImageSize expected) {
    const ImageSize reduced = reducedSize(size, longer);
    EXPECT_TRUE(reduced == expected) << reduced.width << " x " << reduced.height;
  };
  expectSize({4000, 3000}, 1600, {1600, 1200});
  expectSize({3000, 4000}, 1600, {1200, 1600});
  expectSize({4001, 3000}, 1600, {1600, 1200});
  expectSize({4000, 3000}, 4000, {4000, 3000});
  expectSize({4000, 3000}, 5000, {4000, 3000});
  expectSize({4000, 3000}, 0, {4000, 3000});
  expectSize({100000, 3}, 1600, {1600, 1});
}

TEST(ReducedPhoto, StopsWhenCancelled) {
  const Pixels pixels = noise(8, 8);
  CancelToken cancel;
  cancel.cancel();
  EXPECT_THROW(ReducedPhoto({pixels.data(), 8, 8}, {4, 4}, Parallel(nullptr, cancel)), Error);
}

}  // namespace
}  // namespace fcn
