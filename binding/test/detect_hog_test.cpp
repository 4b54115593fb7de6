#include "../core/detect_hog.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

namespace fcn {
namespace {

const HogDetector& detector() {
  static const HogDetector instance;
  return instance;
}

std::vector<std::uint8_t> noise(long width, long height) {
  std::vector<std::uint8_t> pixels(width * height * 3);
  std::uint32_t state = 1;
  for (std::uint8_t& value : pixels) value = (state = state * 1664525 + 1013904223) >> 24;
  return pixels;
}

TEST(HogDetector, FindsNoFaceInNoiseOfAnySize) {
  for (const auto& [width, height] :
       std::vector<std::pair<long, long>>{{1, 1}, {1, 300}, {300, 1}, {79, 81}, {200, 150}}) {
    const auto pixels = noise(width, height);
    for (const int upsample : {0, 1, 2}) {
      EXPECT_TRUE(detector().detect({pixels.data(), width, height}, upsample, CancelToken()).empty());
    }
  }
}

TEST(HogDetector, StopsWhenCancelled) {
  const auto pixels = noise(200, 200);
  CancelToken cancel;
  cancel.cancel();
  EXPECT_THROW(detector().detect({pixels.data(), 200, 200}, 1, cancel), Error);
}

// The same detections as dlib's own class gives, on an image made to excite the filters: a coarse drawing of
// a face, which the frontal filter scores above its threshold once that is lowered enough.
TEST(HogDetector, ScoresAreThoseOfDlibsClass) {
  // A blurred oval with eyes and mouth, 160 x 160.
  constexpr long kSize = 160;
  std::vector<std::uint8_t> pixels(kSize * kSize * 3);
  const auto inside = [](double x, double y, double cx, double cy, double rx, double ry) {
    return (x - cx) * (x - cx) / (rx * rx) + (y - cy) * (y - cy) / (ry * ry) < 1;
  };
  for (long y = 0; y < kSize; ++y) {
    for (long x = 0; x < kSize; ++x) {
      int grey = 60;
      if (inside(x, y, 80, 80, 45, 60)) grey = 200;
      if (inside(x, y, 62, 65, 10, 5) || inside(x, y, 98, 65, 10, 5)) grey = 50;
      if (inside(x, y, 62, 54, 13, 3) || inside(x, y, 98, 54, 13, 3)) grey = 80;
      if (inside(x, y, 80, 112, 18, 5)) grey = 90;
      if (inside(x, y, 80, 90, 7, 4)) grey = 150;
      for (long k = 0; k < 3; ++k) pixels[(y * kSize + x) * 3 + k] = static_cast<std::uint8_t>(grey);
    }
  }
  const ImageView image{pixels.data(), kSize, kSize};

  dlib::array2d<dlib::rgb_pixel> enlarged;
  dlib::pyramid_up(image, enlarged, dlib::pyramid_down<2>());
  dlib::frontal_face_detector dlibs = dlib::get_frontal_face_detector();
  std::vector<dlib::rect_detection> expected;
  dlibs(enlarged, expected);

  const auto found = detector().detect(image, 1, CancelToken());
  ASSERT_FALSE(expected.empty()) << "the drawing is no longer taken for a face: this test shows nothing";
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i].score, expected[i].detection_confidence);
    const Box box = clippedBox(dlib::pyramid_down<2>().rect_down(expected[i].rect, 1), image);
    EXPECT_EQ(found[i].box.left, box.left);
    EXPECT_EQ(found[i].box.bottom, box.bottom);
  }
}

}  // namespace
}  // namespace fcn
