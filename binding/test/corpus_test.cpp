// Photos of all kinds through detection and encoding, mostly for the sanitizers: seeded ones of odd sizes,
// and those in the folder that FACE_CLUSTER_PHOTOS names, as binary PPM (scripts/photos-to-ppm.js makes them
// from any photos).

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>

#include "../core/engine.h"

namespace fcn {
namespace {

struct Photo {
  std::vector<std::uint8_t> pixels;
  std::int64_t width, height;
  ImageView view() const { return {pixels.data(), width, height}; }
};

enum class Kind { Flat, Noise, Gradient, Blobs };

Photo makePhoto(std::int64_t width, std::int64_t height, Kind kind, unsigned seed) {
  std::mt19937 random(seed);
  Photo photo{std::vector<std::uint8_t>(static_cast<std::size_t>(width * height) * 3), width, height};
  const double phase = random() % 100;
  for (std::int64_t y = 0; y < height; ++y) {
    for (std::int64_t x = 0; x < width; ++x) {
      for (std::int64_t c = 0; c < 3; ++c) {
        std::uint8_t& value = photo.pixels[static_cast<std::size_t>((y * width + x) * 3 + c)];
        if (kind == Kind::Flat) value = static_cast<std::uint8_t>(seed);
        if (kind == Kind::Noise) value = static_cast<std::uint8_t>(random());
        if (kind == Kind::Gradient) value = static_cast<std::uint8_t>(x * 255 / width + y + c);
        if (kind == Kind::Blobs)
          value =
              static_cast<std::uint8_t>(128 + 60 * std::sin(x / 9.0 + phase) + 60 * std::cos(y / 7.0 + c));
      }
    }
  }
  return photo;
}

Engine& engine() {
  static Engine shared({FACE_CLUSTER_MODELS "/mmod_human_face_detector.dat",
                        FACE_CLUSTER_MODELS "/shape_predictor_5_face_landmarks.dat",
                        FACE_CLUSTER_MODELS "/dlib_face_recognition_resnet_model_v1.dat"},
                       2, std::size_t{1} << 24);
  return shared;
}

void expectSound(const std::vector<Encoding>& encodings, std::size_t count) {
  ASSERT_EQ(encodings.size(), count);
  for (const Encoding& encoding : encodings) {
    for (const double value : encoding) ASSERT_TRUE(std::isfinite(value));
  }
}

// - returns how many faces there are
std::size_t expectSoundFaces(const Photo& photo, DetectionMethod method, int upsample) {
  const auto faces = engine().detect(photo.view(), {method, upsample, std::size_t{1} << 28}, CancelToken());
  std::vector<Box> boxes;
  for (const Detection& face : faces) {
    EXPECT_TRUE(0 <= face.box.top && face.box.top < face.box.bottom && face.box.bottom <= photo.height);
    EXPECT_TRUE(0 <= face.box.left && face.box.left < face.box.right && face.box.right <= photo.width);
    boxes.push_back(face.box);
  }
  expectSound(engine().encode(photo.view(), boxes, 1, CancelToken()), boxes.size());
  return faces.size();
}

const std::pair<std::int64_t, std::int64_t> kSizes[] = {{1, 1},   {1, 2},   {2, 1},    {3, 3},    {1, 300},
                                                        {300, 1}, {7, 11},  {11, 7},   {11, 250}, {79, 81},
                                                        {80, 80}, {81, 79}, {127, 129}};

TEST(Corpus, HogOnSizesOfAllKinds) {
  unsigned seed = 0;
  for (const auto& [width, height] : kSizes) {
    for (const Kind kind : {Kind::Flat, Kind::Noise, Kind::Gradient, Kind::Blobs}) {
      const Photo photo = makePhoto(width, height, kind, ++seed);
      for (int upsample = 0; upsample <= 2; ++upsample) {
        SCOPED_TRACE(std::to_string(width) + " x " + std::to_string(height));
        expectSoundFaces(photo, DetectionMethod::Hog, upsample);
      }
    }
  }
}

TEST(Corpus, CnnOnSizesOfAllKinds) {
  unsigned seed = 1000;
  for (const auto& [width, height] : kSizes) {
    SCOPED_TRACE(std::to_string(width) + " x " + std::to_string(height));
    expectSoundFaces(makePhoto(width, height, Kind::Noise, ++seed), DetectionMethod::Cnn, 0);
  }
}

// Whoever has boxes from elsewhere may ask for the encoding of anything.
TEST(Corpus, EncodingOfBoxesAnywhere) {
  constexpr int kFar = 1 << 24;
  const std::vector<Box> boxes = {
      {0, 1, 1, 0},         {-50, 30, 30, -50},       {30, 200, 200, 30},
      {500, 600, 600, 500}, {-600, -500, -500, -600}, {-kFar, kFar, kFar, -kFar},
      {10, kFar, 11, 9},    {-kFar, 10, kFar, 9},     {kFar - 1, kFar, kFar, kFar - 1}};
  for (const auto& [width, height] :
       {std::pair<std::int64_t, std::int64_t>{1, 1}, {1, 60}, {60, 1}, {60, 60}}) {
    const Photo photo = makePhoto(width, height, Kind::Noise, 5);
    for (const Box& box : boxes) {
      SCOPED_TRACE(std::to_string(box.top) + " " + std::to_string(box.right) + " on " +
                   std::to_string(width) + " x " + std::to_string(height));
      expectSound(engine().encode(photo.view(), {box}, 1, CancelToken()), 1);
      expectSound(engine().encode(photo.view(), {box}, 2, CancelToken()), 1);
      const MeasureOptions all{1, false, true, true, std::size_t{1} << 24};
      const MeasuredFaces faces = engine().measure(photo.view(), {{box, 0}, {box, 0.7}}, all, CancelToken());
      expectSound(faces.mirrored, 2);
      for (const double sharpness : faces.sharpness) EXPECT_TRUE(sharpness >= 0 && std::isfinite(sharpness));
      ASSERT_EQ(faces.confirmed.size(), 2U);
      EXPECT_TRUE(faces.confirmed[0].has_value());
      EXPECT_FALSE(faces.confirmed[1].has_value()) << "HOG is sure of it";
    }
  }
}

Photo readPpm(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string magic;
  std::int64_t width = 0, height = 0, most = 0;
  file >> magic >> width >> height >> most;
  file.get();
  Photo photo{std::vector<std::uint8_t>(static_cast<std::size_t>(width * height) * 3), width, height};
  file.read(reinterpret_cast<char*>(photo.pixels.data()), static_cast<std::streamsize>(photo.pixels.size()));
  EXPECT_TRUE(magic == "P6" && most == 255 && file) << path;
  return photo;
}

TEST(Corpus, PhotosOfAFolder) {
  const char* folder = std::getenv("FACE_CLUSTER_PHOTOS");
  if (!folder) GTEST_SKIP() << "FACE_CLUSTER_PHOTOS names no folder";
  std::size_t photos = 0, hog = 0, cnn = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".ppm") continue;
    SCOPED_TRACE(entry.path().string());
    const Photo photo = readPpm(entry.path());
    ++photos;
    hog += expectSoundFaces(photo, DetectionMethod::Hog, 1);
    cnn += expectSoundFaces(photo, DetectionMethod::Cnn, 0);
  }
  std::printf("%zu photos, %zu faces (hog), %zu faces (cnn)\n", photos, hog, cnn);
  EXPECT_GT(photos, 0u);
}

}  // namespace
}  // namespace fcn
