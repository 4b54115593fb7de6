// Our networks against dlib's own layers, with the real weights. The model files are not in git: "npm run
// setup" fetches them before it builds this.

#include "../core/nn/networks.h"

#include <dlib/image_transforms.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <random>

#include "../core/recognize/encoder.h"
#include "instruction_sets.h"

namespace fcn {
namespace {

std::string model(const std::string& name) { return std::string(FACE_CLUSTER_MODELS) + "/" + name; }

#define SKIP_WITHOUT(path) \
  if (!std::ifstream(path)) GTEST_SKIP() << path << " is not there; \"npm run setup\" fetches it"

// The scores of an image that comes in parts of so many rows.
std::vector<float> scoresOf(MmodNetwork& network, const Tensor& image, std::int64_t height,
                            const Parallel& parallel = Parallel()) {
  std::vector<float> joined, scores;
  network.start(image.columns());
  for (std::int64_t top = 0; top < image.rows(); top += height) {
    const std::int64_t rows = std::min(height, image.rows() - top);
    Tensor& to = network.addRows(rows);
    std::copy_n(image.at(0, top, 0), rows * image.rowStride(), to.at(0, to.rows() - rows, 0));
    network.forward(top + rows == image.rows(), scores, parallel);
    joined.insert(joined.end(), scores.begin(), scores.end());
  }
  return joined;
}

TEST(MmodNetwork, GivesTheScoresOfDlibsLayers) {
  const std::string path = model("mmod_human_face_detector.dat");
  SKIP_WITHOUT(path);
  const MmodModel dlibs = loadMmod(path, Layers::Reference);
  std::mt19937 random(1);
  for (const auto& [rows, columns] :
       std::vector<std::pair<std::int64_t, std::int64_t>>{{29, 29}, {100, 29}, {61, 331}, {300, 250}}) {
    Tensor image;
    image.resize(1, rows, columns, 3, 3, 0);
    // Smooth, as photos are; noise would leave the layers dead.
    const double period = 10 + random() % 30;
    for (std::int64_t row = 0; row < rows; ++row) {
      for (std::int64_t column = 0; column < columns; ++column) {
        for (std::int64_t channel = 0; channel < 3; ++channel) {
          image.at(0, row, column)[channel] = static_cast<float>(
              0.4 * std::sin(column / period + channel) * std::cos(row / period) + 0.02 * (random() % 10));
        }
      }
    }
    const std::vector<float> expected = scoresOf(*dlibs.network, image, rows);
    onEachInstructionSet([&] {
      const std::vector<float> scores = scoresOf(*loadMmod(path, Layers::Own).network, image, rows);
      ASSERT_EQ(scores.size(), expected.size());
      ASSERT_EQ(static_cast<std::int64_t>(scores.size()),
                MmodNetwork::outputSize(rows) * MmodNetwork::outputSize(columns));
      double spread = 0;
      for (std::size_t i = 0; i < scores.size(); ++i) {
        EXPECT_NEAR(scores[i], expected[i], 2e-5) << rows << " x " << columns << " at " << i;
        spread = std::max<double>(spread, std::abs(expected[i] - expected[0]));
      }
      if (scores.size() > 100) EXPECT_GT(spread, 0.1) << "nothing to tell apart in this input";
    });
  }
}

// A large photo comes in parts, as high as memory allows: its faces must not depend on that.
TEST(MmodNetwork, GivesTheSameBitsHoweverTheImageIsCut) {
  const std::string path = model("mmod_human_face_detector.dat");
  SKIP_WITHOUT(path);
  constexpr std::int64_t kRows = 403, kColumns = 101;
  Tensor image;
  image.resize(1, kRows, kColumns, 3, 3, 0);
  for (std::int64_t i = 0; i < image.imageStride(); ++i) {
    image.at(0, 0, 0)[i] = static_cast<float>(std::sin(0.001 * static_cast<double>(i % 7919)) * 0.4);
  }
  onEachInstructionSet([&] {
    const auto network = loadMmod(path, Layers::Own).network;
    const std::vector<float> whole = scoresOf(*network, image, kRows);
    ASSERT_EQ(static_cast<std::int64_t>(whole.size()),
              MmodNetwork::outputSize(kRows) * MmodNetwork::outputSize(kColumns));
    for (const std::int64_t height : {1, 2, 3, 8, 13, 31, 32, 64, 100, 256, 402}) {
      ASSERT_EQ(scoresOf(*network, image, height), whole) << "parts of " << height << " rows";
    }
  });
}

// An image that was left unfinished, as when its photo was cancelled, leaves nothing to the next.
TEST(MmodNetwork, BeginsAnew) {
  const std::string path = model("mmod_human_face_detector.dat");
  SKIP_WITHOUT(path);
  const auto network = loadMmod(path, Layers::Own).network;
  Tensor image;
  image.resize(1, 90, 70, 3, 3, 0);
  std::fill_n(image.at(0, 0, 0), image.imageStride(), 0.2F);
  const std::vector<float> before = scoresOf(*network, image, 90);
  network->start(150);
  Tensor& other = network->addRows(200);
  std::fill_n(other.at(0, 0, 0), other.imageStride(), -0.4F);
  std::vector<float> scores;
  network->forward(false, scores, Parallel());
  EXPECT_EQ(scoresOf(*network, image, 90), before);
}

TEST(EncoderNetwork, GivesTheEncodingsOfDlibsLayers) {
  const std::string path = model("dlib_face_recognition_resnet_model_v1.dat");
  SKIP_WITHOUT(path);
  const auto dlibs = loadEncoder(path, Layers::Reference);
  std::mt19937 random(2);
  for (const std::size_t count : {1, 6}) {
    std::vector<FaceChip> chips(count, FaceChip(kChipSize, kChipSize));
    for (FaceChip& chip : chips) {
      const double period = 5 + random() % 40;
      for (std::int64_t r = 0; r < kChipSize; ++r) {
        for (std::int64_t c = 0; c < kChipSize; ++c) {
          const auto value =
              static_cast<unsigned char>(127 + 120 * std::sin(r / period) * std::cos(c / period));
          chip(r, c) =
              dlib::rgb_pixel(value, static_cast<unsigned char>(255 - value), static_cast<unsigned char>(r));
        }
      }
    }
    std::vector<float> expected, encodings;
    dlibs->forward(chips.data(), count, expected, Parallel());
    onEachInstructionSet([&] {
      loadEncoder(path, Layers::Own)->forward(chips.data(), count, encodings, Parallel());
      ASSERT_EQ(encodings.size(), count * kEncodingLength);
      for (std::size_t i = 0; i < encodings.size(); ++i)
        EXPECT_NEAR(encodings[i], expected[i], 2e-6) << "value " << i;
    });
  }
}

// What is encoded along with a face, its mirror image or others, must not change its encoding by a bit: files
// with and without mirror encodings are the same.
TEST(EncoderNetwork, GivesTheSameBitsOneByOneAndTogetherWithMirrorImages) {
  const std::string path = model("dlib_face_recognition_resnet_model_v1.dat");
  SKIP_WITHOUT(path);
  std::mt19937 random(3);
  std::vector<FaceChip> chips, flipped;
  for (int i = 0; i < 5; ++i) {
    FaceChip chip(kChipSize, kChipSize), mirrored;
    for (dlib::rgb_pixel& pixel : chip) {
      const auto value = static_cast<unsigned char>(random());
      pixel = dlib::rgb_pixel(value, value / 2, static_cast<unsigned char>(random()));
    }
    dlib::flip_image_left_right(chip, mirrored);
    chips.push_back(chip);
    flipped.push_back(mirrored);
  }
  onEachInstructionSet([&] {
    FaceEncoder encoder(loadEncoder(path, Layers::Own));
    const ChipEncodings together = encoder.encode(chips, 1, {true, true}, Parallel());
    for (std::size_t i = 0; i < chips.size(); ++i) {
      EXPECT_EQ(encoder.encode({chips[i]}, 1, {}, Parallel()).plain[0], together.plain[i]);
      EXPECT_EQ(encoder.encode({flipped[i]}, 1, {}, Parallel()).plain[0], together.mirrored[i]);
      EXPECT_NE(together.plain[i], together.mirrored[i]);
    }
  });
}

TEST(Networks, GiveTheSameBitsFromClonesAndOnManyThreads) {
  const std::string path = model("mmod_human_face_detector.dat");
  SKIP_WITHOUT(path);
  const MmodModel model = loadMmod(path, Layers::Own);
  Tensor image;
  image.resize(1, 190, 320, 3, 3, 0);
  for (std::int64_t i = 0; i < 190 * 320 * 3; ++i) image.at(0, 0, 0)[i] = static_cast<float>(i % 101) / 101;
  ThreadPool pool(3);
  const std::vector<float> first = scoresOf(*model.network, image, 190);
  EXPECT_EQ(scoresOf(*model.network->clone(), image, 190, Parallel(&pool, CancelToken())), first);
}

}  // namespace
}  // namespace fcn
