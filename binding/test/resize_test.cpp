#include "../core/image/resize.h"

#include <dlib/image_transforms/interpolation.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "../core/image/dlib_image.h"
#include "../core/image/enlarged_photo.h"
#include "instruction_sets.h"
#include "noise.h"

namespace fcn {
namespace {

void expectDlibsBytes(std::int64_t width, std::int64_t height, std::int64_t newWidth,
                      std::int64_t newHeight) {
  const auto pixels = noise(width, height);
  dlib::array2d<dlib::rgb_pixel> expected(newHeight, newWidth);
  dlib::resize_image(ImageView{pixels.data(), width, height}, expected);

  onEachInstructionSet([&] {
    PlanarImage image, resized;
    image.resize(width, height);
    split(pixels.data(), height, image);
    resized.resize(newWidth, newHeight);
    BilinearResize(width, height, newWidth, newHeight)
        .run(image, 0, {0, newHeight}, resized, 0, CancelToken());
    for (std::int64_t y = 0; y < newHeight; ++y) {
      for (std::int64_t x = 0; x < newWidth; ++x) {
        const dlib::rgb_pixel& pixel = expected[y][x];
        ASSERT_TRUE(resized.row(0, y)[x] == pixel.red && resized.row(1, y)[x] == pixel.green &&
                    resized.row(2, y)[x] == pixel.blue)
            << width << " x " << height << " to " << newWidth << " x " << newHeight << " at " << x << ", "
            << y;
      }
    }
  });
}

// What memory for them is planned by.
TEST(Resize, NeedsFewMoreRowsThanTheRatioOfSizes) {
  for (std::int64_t height = 2; height < 3000; height += 1 + height / 50) {
    const auto expectFew = [&](std::int64_t to, auto few) {
      const BilinearResize resize(2, height, 2, to);
      for (std::int64_t rows = 1; rows <= std::min(to, std::int64_t{500}); rows += 1 + rows / 8) {
        for (std::int64_t first = 0; first + rows <= to; first += 1 + to / 97) {
          const RowRange from = resize.inputRows({first, first + rows});
          ASSERT_LE(from.last - from.first, few(rows)) << rows << " rows of " << height << " to " << to;
        }
      }
    };
    expectFew(height * 5 / 6, [](std::int64_t rows) { return rows * 6 / 5 + 4; });
    expectFew(enlargedSize({2, height}, 1).height, [](std::int64_t rows) { return rows / 2 + 3; });
    EXPECT_LE(height, enlargedSize({2, height}, 1).height / 2 + 1);
  }
}

// Another byte here or there, and the faces at the detectors' thresholds would no longer be dlib's.
TEST(Resize, GivesDlibsBytes) {
  for (const auto& [width, height] : std::vector<std::pair<std::int64_t, std::int64_t>>{{1, 1},
                                                                                        {1, 9},
                                                                                        {9, 1},
                                                                                        {2, 3},
                                                                                        {7, 5},
                                                                                        {16, 16},
                                                                                        {33, 31},
                                                                                        {79, 81},
                                                                                        {416, 300},
                                                                                        {1921, 40},
                                                                                        {40, 1237}}) {
    expectDlibsBytes(width, height, 2 * width + 2, 2 * height + 1);
    expectDlibsBytes(width, height, width, height);
    if (width > 1 && height > 1) expectDlibsBytes(width, height, width * 5 / 6, height * 5 / 6);
  }
}

// An image that is read strip by strip is resized by strips, too: a row that no strip made would hold
// anything.
TEST(Resize, FindsEachOutputRowInOneRangeOfInputRows) {
  for (const auto& [from, to] : std::vector<std::pair<std::int64_t, std::int64_t>>{
           {1, 1}, {1, 4}, {2, 1}, {97, 80}, {97, 97}, {97, 195}}) {
    const BilinearResize step(10, from, 10, to);
    for (const std::int64_t rows : {1, 2, 7, 96, 200}) {
      std::int64_t next = 0;
      for (std::int64_t first = 0; first < from; first += rows) {
        const std::int64_t last = std::min(first + rows, from);
        const RowRange made = step.outputRows({first, last});
        EXPECT_EQ(made.first, next);
        next = made.last;
        if (made.first == made.last) continue;
        EXPECT_GE(step.inputRows(made).first, first);
        EXPECT_LE(step.inputRows(made).last, last + 1);
      }
      EXPECT_EQ(next, to) << from << " rows, " << rows << " at a time";
    }
  }
}

TEST(Resize, StopsWhenCancelled) {
  PlanarImage image, resized;
  image.resize(8, 8);
  resized.resize(16, 16);
  CancelToken cancel;
  cancel.cancel();
  EXPECT_THROW(BilinearResize(8, 8, 16, 16).run(image, 0, {0, 16}, resized, 0, cancel), Error);
}

}  // namespace
}  // namespace fcn
