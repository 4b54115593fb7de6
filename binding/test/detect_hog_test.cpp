#include <dlib/image_processing/frontal_face_detector.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include "../core/detect/candidates.h"
#include "../core/detect/hog/detector.h"
#include "../core/image/dlib_image.h"
#include "allocations.h"
#include "drawing.h"
#include "instruction_sets.h"
#include "noise.h"

namespace fcn {
namespace {

auto edges(const Box& box) { return std::make_tuple(box.top, box.right, box.bottom, box.left); }

constexpr std::size_t kAmple = std::size_t{1} << 40;

// One for all photos of all tests, as in an engine.
HogDetector& detector() {
  static HogDetector instance;
  return instance;
}

void expectSame(const std::vector<Detection>& found, const std::vector<Detection>& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i].score, expected[i].score);
    EXPECT_EQ(edges(found[i].box), edges(expected[i].box));
  }
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
  const auto expectSameOfAll = [&](std::int64_t width, std::int64_t height, int upsample) {
    SCOPED_TRACE(testing::Message() << width << " x " << height << ", upsampled " << upsample << " times");
    const auto pixels = drawing(width, height);
    const ImageView image{pixels.data(), width, height};
    const auto expected = detector().detect(image, upsample, kAmple, Parallel());
    EXPECT_FALSE(expected.empty());
    const MemoryRange memory = HogDetector::memory(width, height, upsample);
    for (const std::size_t bytes :
         {std::size_t{0}, memory.least, (memory.least + memory.most) / 2, memory.most, kAmple}) {
      for (ThreadPool* helpers : {static_cast<ThreadPool*>(nullptr), &pool}) {
        SCOPED_TRACE(testing::Message() << bytes << " bytes");
        expectSame(detector().detect(image, upsample, bytes, Parallel(helpers, CancelToken())), expected);
      }
    }
  };
  // Several strips, of which the last may have one row of windows or all.
  for (const std::int64_t height : {640, 1150, 1176, 1177, 1567, 1568}) expectSameOfAll(500, height, 0);
  expectSameOfAll(330, 700, 1);
}

struct Photo {
  Photo(std::int64_t width, std::int64_t height)
      : pixels(drawing(width, height)), width(width), height(height) {}
  ImageView view() const { return {pixels.data(), width, height}; }

  std::vector<std::uint8_t> pixels;
  std::int64_t width, height;
};

// What is kept of a photo must not be seen on the next one.
TEST(HogDetector, FindsTheSameToTheBitAfterOtherPhotos) {
  std::vector<Photo> photos;
  for (const auto& [width, height] : std::vector<std::pair<std::int64_t, std::int64_t>>{
           {700, 500}, {160, 160}, {500, 700}, {1, 1}, {900, 170}, {170, 900}, {641, 480}}) {
    photos.emplace_back(width, height);
  }
  HogDetector kept;
  std::size_t most = 0;
  for (const bool little : {false, true}) {
    for (const Photo& photo : photos) {
      for (const int upsample : {1, 0, 2}) {
        SCOPED_TRACE(testing::Message() << photo.width << " x " << photo.height << ", " << upsample);
        const MemoryRange memory = HogDetector::memory(photo.width, photo.height, upsample);
        const std::size_t bytes = little ? memory.least : memory.most;
        most = std::max(most, bytes);
        expectSame(kept.detect(photo.view(), upsample, bytes, Parallel()),
                   HogDetector(0).detect(photo.view(), upsample, bytes, Parallel()));
        // As much as the largest took, and not what was largest of each part of it.
        EXPECT_LE(kept.idleBytes(), most);
      }
    }
  }
}

TEST(HogDetector, TakesFromTheSystemWhatWasPlannedAndForTheNextPhotoNothing) {
  const auto taken = [](HogDetector& detector, const Photo& photo, int upsample, std::size_t bytes) {
    const std::size_t before = allocatedBytes();
    detector.detect(photo.view(), upsample, bytes, Parallel());
    return allocatedBytes() - before;
  };
  for (const auto& [width, height] :
       std::vector<std::pair<std::int64_t, std::int64_t>>{{700, 500}, {500, 1300}, {90, 2000}, {2000, 90}}) {
    const Photo photo(width, height);
    for (const int upsample : {0, 1, 2}) {
      const MemoryRange memory = HogDetector::memory(width, height, upsample);
      for (const std::size_t bytes : {memory.least, (memory.least + memory.most) / 2, memory.most}) {
        SCOPED_TRACE(testing::Message() << width << " x " << height << ", " << upsample << ", " << bytes);
        HogDetector detector;
        // Beside that, where rows and columns of levels come from, and what was found.
        const std::size_t first = taken(detector, photo, upsample, bytes);
        const std::size_t next = taken(detector, photo, upsample, bytes);
        EXPECT_LT(next, memory.least / 4);
        EXPECT_GE(first, next + memory.least);
        EXPECT_LE(first, next + bytes + 4096);
      }
    }
  }
}

TEST(HogDetector, KeepsNothingOfAPhotoThatTookMoreThanMayBeKept) {
  const Photo small(320, 240), large(700, 500);
  const auto takes = [](const Photo& photo) {
    return HogDetector::memory(photo.width, photo.height, 1).most;
  };
  HogDetector detector(takes(small));
  const auto detect = [&](const Photo& photo) { detector.detect(photo.view(), 1, takes(photo), Parallel()); };
  detect(small);
  EXPECT_GT(detector.idleBytes(), 0U);
  EXPECT_LE(detector.idleBytes(), takes(small));
  detect(large);
  EXPECT_EQ(detector.idleBytes(), 0U);
  detect(small);
  EXPECT_LE(detector.idleBytes(), takes(small));
}

TEST(HogDetector, FindsTheSameToTheBitAfterItWasStoppedInTheMiddle) {
  const Photo large(1000, 700), photo(700, 500);
  const auto expected = HogDetector(0).detect(photo.view(), 1, kAmple, Parallel());
  HogDetector detector;
  detector.detect(photo.view(), 1, kAmple, Parallel());
  ThreadPool pool(2);
  for (bool stopped = false; !stopped;) {
    ASSERT_GT(detector.idleBytes(), 0U);
    CancelToken cancel;
    std::atomic<bool> over{false};
    std::thread working([&] {
      try {
        detector.detect(large.view(), 1, kAmple, Parallel(&pool, cancel));
      } catch (const Error&) {
        stopped = true;
      }
      over = true;
    });
    // At work as soon as what was idle is on loan.
    while (detector.idleBytes() > 0 && !over) std::this_thread::yield();
    cancel.cancel();
    working.join();
  }
  EXPECT_GT(detector.idleBytes(), 0U);
  expectSame(detector.detect(photo.view(), 1, kAmple, Parallel(&pool, CancelToken())), expected);
}

// Many photos at once, whose strips the threads share.
TEST(HogDetector, FindsTheSameToTheBitOnManyPhotosAtOnce) {
  std::vector<Photo> photos;
  std::vector<std::vector<Detection>> expected;
  for (const auto& [width, height] : std::vector<std::pair<std::int64_t, std::int64_t>>{
           {700, 500}, {160, 160}, {500, 700}, {320, 640}, {640, 320}}) {
    photos.emplace_back(width, height);
    expected.push_back(HogDetector(0).detect(photos.back().view(), 1, kAmple, Parallel()));
  }
  ThreadPool pool(6);
  HogDetector detector;
  std::vector<std::vector<Detection>> found(6 * photos.size());
  pool.forEach(found.size(), [&](std::size_t i) {
    found[i] = detector.detect(photos[i % photos.size()].view(), 1, kAmple, Parallel(&pool, CancelToken()));
  });
  for (std::size_t i = 0; i < found.size(); ++i) expectSame(found[i], expected[i % photos.size()]);
}

TEST(HogDetector, NeedsLittleMemoryBesideALargePhoto) {
  // Of 100 megapixels, whose pixels take 300 MB.
  EXPECT_LT(HogDetector::memory(12000, 8333, 1).least, std::size_t{300'000'000});
  EXPECT_LT(HogDetector::memory(4000, 3000, 1).least, std::size_t{80'000'000});
}

}  // namespace
}  // namespace fcn
