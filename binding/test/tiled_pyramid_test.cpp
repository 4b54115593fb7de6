#include "../core/detect/mmod/tiled_pyramid.h"

#include <dlib/dnn/input.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <tuple>
#include <vector>

namespace fcn {
namespace {

TEST(TiledLayout, IsDlibs) {
  for (std::int64_t rows = 1; rows < 2500; rows = rows * 9 / 8 + 1) {
    for (std::int64_t columns = 11; columns < 2500; columns = columns * 8 / 7 + 1) {
      std::vector<dlib::rectangle> expected;
      std::int64_t expectedRows, expectedColumns;
      dlib::impl::compute_tiled_image_pyramid_details(dlib::pyramid_down<6>(), rows, columns, 10, 11,
                                                      expected, expectedRows, expectedColumns);
      const TiledLayout layout = layOutPyramid(rows, columns, 10, 11);
      ASSERT_EQ(layout.rows, expectedRows) << rows << " x " << columns;
      ASSERT_EQ(layout.columns, expectedColumns);
      ASSERT_EQ(layout.levels, expected) << rows << " x " << columns;
    }
  }
}

TEST(TiledPyramid, HoldsDlibsNumbersWhicheverRowsAreAskedFor) {
  TiledPyramid::Buffers buffers;  // of all photos one after another
  for (const auto& [rows, columns] :
       std::vector<std::pair<std::int64_t, std::int64_t>>{{60, 47}, {131, 640}, {400, 33}, {90, 2201}}) {
    dlib::matrix<dlib::rgb_pixel> image(rows, columns);
    std::uint32_t state = 9;
    for (auto& pixel : image) {
      state = state * 1664525 + 1013904223;
      pixel = dlib::rgb_pixel(state >> 24, state >> 16 & 255, state >> 8 & 255);
    }
    dlib::input_rgb_image_pyramid<dlib::pyramid_down<6>> input(120.5F, 117, 104.25F);
    dlib::resizable_tensor expected;
    input.to_tensor(&image, &image + 1, expected);

    ThreadPool pool(2);
    const Parallel parallel(&pool, CancelToken());
    const ImageView view{&image(0, 0).red, columns, rows};
    const EnlargedPhoto photo(view, 0, CancelToken());
    const TiledLayout layout = layOutPyramid(rows, columns, 10, 11);
    ASSERT_EQ(layout.rows, expected.nr());
    for (const TiledPyramid::Memory memory :
         {TiledPyramid::Memory{1, 1 << 30}, {3, 0}, {7, 0}, {100, 1 << 30}}) {
      const TiledPyramid pyramid(photo, layout, memory, {120.5F, 117, 104.25F}, buffers, parallel);
      Tensor strip;
      double worst = 0;
      for (std::int64_t top = 0; top < expected.nr(); top += 37) {
        const std::int64_t height = std::min<std::int64_t>(50, expected.nr() - top);
        strip.resize(1, height, expected.nc(), 3, 3, 0);
        pyramid.copyRows(top, height, strip, parallel);
        for (std::int64_t r = 0; r < height; ++r) {
          for (std::int64_t c = 0; c < expected.nc(); ++c) {
            for (std::int64_t k = 0; k < 3; ++k) {
              const float value = expected.host()[(k * expected.nr() + top + r) * expected.nc() + c];
              worst = std::max<double>(worst, std::abs(strip.at(0, r, c)[k] - value));
            }
          }
        }
      }
      // Values lie in [-0.5, 0.6], and noise makes the most of a position that is a little off.
      EXPECT_LT(worst, 2e-6) << rows << " x " << columns;
    }
  }
}

// Buffers serve photos of all sizes and plans one after another, and must not collect what each of them held.
TEST(TiledPyramid, KeepsNoMoreThanTheLargestHeld) {
  TiledPyramid::Buffers buffers;
  std::size_t most = 0;
  for (const auto& [width, height, firstHeld] :
       std::vector<std::tuple<std::int64_t, std::int64_t, std::size_t>>{
           {900, 700, 4}, {700, 600, 3}, {500, 400, 2}, {300, 200, 1}}) {
    const std::vector<std::uint8_t> pixels(width * height * 3, 99);
    const EnlargedPhoto photo({pixels.data(), width, height}, 0, CancelToken());
    const TiledLayout layout = layOutPyramid(height, width, 10, 11);
    const TiledPyramid pyramid(photo, layout, {firstHeld, 0}, {120, 117, 104}, buffers, Parallel());
    most = std::max(most, TiledPyramid::heldBytes(layout, firstHeld));
    EXPECT_LE(buffers.levels.size() * sizeof(float), most + kLongestVector * sizeof(float)) << width;
  }
}

}  // namespace
}  // namespace fcn
