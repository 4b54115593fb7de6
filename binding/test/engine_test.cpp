#include "../core/engine.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>

#include "../core/image/reduced_photo.h"
#include "allocations.h"
#include "drawing.h"

namespace fcn {
namespace {

const std::vector<std::uint8_t> kGrey(100 * 100 * 3, 128);
const ImageView kImage{kGrey.data(), 100, 100};

ErrorCode codeOf(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.code();
  }
  return ErrorCode::Internal;
}

TEST(Engine, NeedsNoModelFileForHog) {
  Engine engine({"", "", ""}, 1, 0);
  EXPECT_TRUE(engine.detect(kImage, {DetectionMethod::Hog, 1, 0}, CancelToken()).empty());
}

TEST(Engine, SaysWhichModelIsMissing) {
  Engine engine({"/nowhere/a.dat", "/nowhere/b.dat", "/nowhere/c.dat"}, 1, 0);
  const auto cnn = [&] { engine.detect(kImage, {DetectionMethod::Cnn, 1, 0}, CancelToken()); };
  EXPECT_EQ(codeOf(cnn), ErrorCode::ModelMissing);
  EXPECT_EQ(codeOf(cnn), ErrorCode::ModelMissing) << "a second try must not take it for loaded";
  EXPECT_EQ(codeOf([&] {
              engine.encode(kImage, {{10, 50, 50, 10}}, 1, CancelToken());
            }),
            ErrorCode::ModelMissing);
}

TEST(Engine, SaysThatAModelIsDamaged) {
  const std::string path = testing::TempDir() + "face-cluster-damaged.dat";
  std::ofstream(path) << "this is not a model";
  Engine engine({path, path, path}, 1, 0);
  EXPECT_EQ(codeOf([&] {
              engine.detect(kImage, {DetectionMethod::Cnn, 1, 0}, CancelToken());
            }),
            ErrorCode::ModelDamaged);
  EXPECT_EQ(codeOf([&] {
              engine.landmarks(kImage, {{10, 50, 50, 10}}, CancelToken());
            }),
            ErrorCode::ModelDamaged);
  std::remove(path.c_str());
}

// What is found is what is found on the photo brought down beforehand, but the boxes are the photo's.
TEST(Engine, LooksForFacesOnTheReducedPhoto) {
  constexpr std::int64_t kWidth = 1000, kHeight = 690, kSize = 480;
  const auto pixels = drawing(kWidth, kHeight);
  const ImageView photo{pixels.data(), kWidth, kHeight};
  const ReducedPhoto reduced(photo, reducedSize({kWidth, kHeight}, kSize), Parallel());
  Engine engine({"", "", ""}, 2, 0);
  for (const std::size_t bytes : {std::size_t{0}, std::size_t{1} << 30}) {
    const auto expected = engine.detect(reduced.view(), {DetectionMethod::Hog, 1, bytes}, CancelToken());
    const auto found = engine.detect(photo, {DetectionMethod::Hog, 1, bytes, kSize}, CancelToken());
    EXPECT_FALSE(expected.empty()) << "the drawings are no longer taken for faces: this test shows little";
    ASSERT_EQ(found.size(), expected.size());
    const double scale = static_cast<double>(kWidth) / kSize;
    for (std::size_t i = 0; i < found.size(); ++i) {
      EXPECT_EQ(found[i].score, expected[i].score);
      const Box &box = found[i].box, &small = expected[i].box;
      EXPECT_NEAR(box.left, small.left * scale, 1);
      EXPECT_NEAR(box.top, small.top * scale, 1);
      EXPECT_NEAR(box.right, std::min((small.right + 1) * scale - 1, 1.0 * kWidth), 1);
      EXPECT_NEAR(box.bottom, std::min((small.bottom + 1) * scale - 1, 1.0 * kHeight), 1);
      EXPECT_LE(box.right, kWidth);
      EXPECT_LE(box.bottom, kHeight);
    }
  }
}

TEST(Engine, LooksAtPhotosNoLargerThanDetectSizeAsTheyAre) {
  const auto pixels = drawing(480, 320);
  const ImageView photo{pixels.data(), 480, 320};
  Engine engine({"", "", ""}, 1, 0);
  const auto expected = engine.detect(photo, {DetectionMethod::Hog, 1, 0}, CancelToken());
  EXPECT_FALSE(expected.empty());
  for (const std::int64_t size : {480, 481, 1 << 24}) {
    const auto found = engine.detect(photo, {DetectionMethod::Hog, 1, 0, size}, CancelToken());
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
      EXPECT_EQ(found[i].score, expected[i].score);
      EXPECT_EQ(found[i].box.left, expected[i].box.left);
      EXPECT_EQ(found[i].box.bottom, expected[i].box.bottom);
    }
  }
}

// A reduced photo asks for the memory of its own size, and for itself.
TEST(Engine, NeedsLittleMemoryForAReducedPhoto) {
  for (const DetectionMethod method : {DetectionMethod::Hog, DetectionMethod::Cnn}) {
    const MemoryRange small = Engine::detectionMemory(1600, 1200, method, 1, 0);
    const MemoryRange reduced = Engine::detectionMemory(8000, 6000, method, 1, 1600);
    EXPECT_EQ(reduced.least, small.least + ReducedPhoto::bytes({1600, 1200}));
    EXPECT_EQ(reduced.most, small.most + ReducedPhoto::bytes({1600, 1200}));
    EXPECT_EQ(Engine::detectionMemory(1600, 1200, method, 1, 1600).least, small.least);
  }
}

// An engine that looks for faces both ways keeps no more than one that does it one way.
TEST(Engine, KeepsOfOneDetectorWhatTheOtherLeaves) {
  const std::string model = FACE_CLUSTER_MODELS "/mmod_human_face_detector.dat";
  if (!std::ifstream(model)) GTEST_SKIP() << model << " is not there; \"npm run setup\" fetches it";
  constexpr std::int64_t kWidth = 700, kHeight = 500;
  const auto pixels = drawing(kWidth, kHeight);
  const ImageView photo{pixels.data(), kWidth, kHeight};
  const auto least = [](DetectionMethod method) {
    return Engine::detectionMemory(kWidth, kHeight, method, 0, 0).least;
  };
  const std::size_t hogs = least(DetectionMethod::Hog), cnns = least(DetectionMethod::Cnn);
  // What HOG takes from the system for a photo that it has seen, when the CNN has been asked in between.
  const auto takenAfterCnn = [&](std::size_t keptBytes) {
    Engine engine({model, "", ""}, 1, keptBytes);
    const auto detect = [&](DetectionMethod method) {
      engine.detect(photo, {method, 0, least(method)}, CancelToken());
    };
    detect(DetectionMethod::Hog);
    detect(DetectionMethod::Cnn);
    const std::size_t before = allocatedBytes();
    detect(DetectionMethod::Hog);
    return allocatedBytes() - before;
  };
  EXPECT_LT(takenAfterCnn(hogs + cnns), hogs);
  EXPECT_GE(takenAfterCnn(hogs + cnns - 1), hogs);
}

TEST(Engine, EncodesNothingWithoutBoxes) {
  Engine engine({"", "", ""}, 1, 0);
  EXPECT_TRUE(engine.encode(kImage, {}, 1, CancelToken()).empty());
}

}  // namespace
}  // namespace fcn
