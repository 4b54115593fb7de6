#include "../core/engine.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>

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

TEST(Engine, EncodesNothingWithoutBoxes) {
  Engine engine({"", "", ""}, 1, 0);
  EXPECT_TRUE(engine.encode(kImage, {}, 1, CancelToken()).empty());
}

}  // namespace
}  // namespace fcn
