#include <dlib/image_processing/frontal_face_detector.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <tuple>
#include <utility>
#include <vector>

#include "../core/detect/candidates.h"
#include "../core/detect/hog/detector.h"
#include "../core/image/dlib_image.h"
#include "drawing.h"
#include "instruction_sets.h"
#include "noise.h"

namespace fcn {
namespace {

auto edges(const Box& box) { return std::make_tuple(box.top, box.right, box.bottom, box.left); }

constexpr std::size_t kAmple = std::size_t{1} << 40;

const HogDetector& detector() {
  static const HogDetector instance;
  return instance;
}

TEST(HogDetector, FindsNoFaceInNoiseOfAnySize) {
  for (const auto& [width, height] :
       std::vector<std::pair<std::int64_t, std::int64_t>>{{1, 1}, {1, 300}, {300, 1}, {79, 81}, {200, 150}}) {
    const auto pixels = noise(width, height);
    for (const int upsample : {0, 1, 2}) {
      EXPECT_TRUE(detector().detect({pixels.data(), width, height}, upsample, kAmple, Parallel()).empty());
    }
  }
}

TEST(HogDetector, StopsWhenCancelled) {
  const auto pixels = noise(200, 200);
  CancelToken cancel;
  cancel.cancel();
  EXPECT_THROW(detector().detect({pixels.data(), 200, 200}, 1, kAmple, Parallel(nullptr, cancel)), Error);
}

// What dlib's own class finds.
std::vector<dlib::rect_detection> reference(const ImageView& image, int upsample) {
  static dlib::frontal_face_detector dlibs = dlib::get_frontal_face_detector();
  dlib::array2d<dlib::rgb_pixel> enlarged;
  dlib::assign_image(enlarged, image);
  for (int i = 0; i < upsample; ++i) dlib::pyramid_up(enlarged, dlib::pyramid_down<2>());
  std::vector<dlib::rect_detection> found;
  dlibs(enlarged, found);
  return found;
}

// Returns the number of faces.
std::size_t expectDlibsFaces(const std::vector<std::uint8_t>& pixels, std::int64_t width, std::int64_t height,
                             int upsample) {
  SCOPED_TRACE(testing::Message() << width << " x " << height << ", upsampled " << upsample << " times");
  const ImageView image{pixels.data(), width, height};
  const auto expected = reference(image, upsample);
  onEachInstructionSet([&] {
    const auto found = detector().detect(image, upsample, kAmple, Parallel());
    EXPECT_EQ(found.size(), expected.size());
    for (std::size_t i = 0; i < std::min(found.size(), expected.size()); ++i) {
      EXPECT_NEAR(found[i].score, expected[i].detection_confidence, 2e-5);
      const Box box = clippedBox(dlib::pyramid_down<2>().rect_down(expected[i].rect, upsample), image);
      EXPECT_EQ(std::tie(found[i].box.top, found[i].box.right, found[i].box.bottom, found[i].box.left),
                std::tie(box.top, box.right, box.bottom, box.left));
    }
  });
  return expected.size();
}

TEST(HogDetector, FindsDlibsFaces) {
  std::size_t faces = 0;
  for (const auto& [width, height] : std::vector<std::pair<std::int64_t, std::int64_t>>{
           {1, 1}, {79, 81}, {80, 80}, {81, 79}, {160, 160}, {161, 163}, {333, 251}, {480, 320}}) {
    const auto pixels = drawing(width, height);
    for (const int upsample : {0, 1, 2}) faces += expectDlibsFaces(pixels, width, height, upsample);
  }
  faces += expectDlibsFaces(drawing(1000, 700), 1000, 700, 0);
  EXPECT_GT(faces, 10) << "the drawings are no longer taken for faces: this test shows little";
}

TEST(HogDetector, FindsNoMoreInNoiseThanDlib) {
  for (const auto& [width, height] :
       std::vector<std::pair<std::int64_t, std::int64_t>>{{64, 64}, {90, 300}, {300, 90}, {257, 255}}) {
    expectDlibsFaces(noise(width, height), width, height, 1);
  }
}

// Strips, levels that are not held and threads change time and memory only.
TEST(HogDetector, FindsTheSameToTheBitWithLittleMemoryAndManyThreads) {
  ThreadPool pool(3);
  const auto expectSame = [&](std::int64_t width, std::int64_t height, int upsample) {
    SCOPED_TRACE(testing::Message() << width << " x " << height << ", upsampled " << upsample << " times");
    const auto pixels = drawing(width, height);
    const ImageView image{pixels.data(), width, height};
    const auto expected = detector().detect(image, upsample, kAmple, Parallel());
    EXPECT_FALSE(expected.empty());
    const MemoryRange memory = HogDetector::memory(width, height, upsample);
    for (const std::size_t bytes :
         {std::size_t{0}, memory.least, (memory.least + memory.most) / 2, memory.most, kAmple}) {
      for (ThreadPool* helpers : {static_cast<ThreadPool*>(nullptr), &pool}) {
        const auto found = detector().detect(image, upsample, bytes, Parallel(helpers, CancelToken()));
        ASSERT_EQ(found.size(), expected.size()) << bytes << " bytes";
        for (std::size_t i = 0; i < found.size(); ++i) {
          EXPECT_EQ(found[i].score, expected[i].score);
          EXPECT_EQ(edges(found[i].box), edges(expected[i].box));
        }
      }
    }
  };
  // Several strips, of which the last may have one row of windows or all.
  for (const std::int64_t height : {640, 1150, 1176, 1177, 1567, 1568}) expectSame(500, height, 0);
  expectSame(330, 700, 1);
}

TEST(HogDetector, NeedsLittleMemoryBesideALargePhoto) {
  // Of 100 megapixels, whose pixels take 300 MB.
  EXPECT_LT(HogDetector::memory(12000, 8333, 1).least, std::size_t{300'000'000});
  EXPECT_LT(HogDetector::memory(4000, 3000, 1).least, std::size_t{80'000'000});
}

}  // namespace
}  // namespace fcn
