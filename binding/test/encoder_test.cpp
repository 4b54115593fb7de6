#include "../core/recognize/encoder.h"

#include <dlib/image_transforms.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace fcn {
namespace {

// Encodes a chip as its mean red, 128 times.
class MeanRed final : public EncoderNetwork {
 public:
  std::unique_ptr<EncoderNetwork> clone() const override { return std::make_unique<MeanRed>(); }

  void forward(const FaceChip* chips, std::size_t count, std::vector<float>& encodings,
               const Parallel&) override {
    largestBatch = std::max(largestBatch, count);
    encodings.clear();
    for (std::size_t i = 0; i < count; ++i) {
      double sum = 0;
      for (const dlib::rgb_pixel& pixel : chips[i]) sum += pixel.red;
      encodings.insert(encodings.end(), kEncodingLength, static_cast<float>(sum / (kChipSize * kChipSize)));
    }
  }

  static std::size_t largestBatch;
};
std::size_t MeanRed::largestBatch = 0;

// Encodes a chip as the mean red of its left half, 128 times.
class MeanRedOnTheLeft final : public EncoderNetwork {
 public:
  std::unique_ptr<EncoderNetwork> clone() const override { return std::make_unique<MeanRedOnTheLeft>(); }

  void forward(const FaceChip* chips, std::size_t count, std::vector<float>& encodings,
               const Parallel&) override {
    encodings.clear();
    for (std::size_t i = 0; i < count; ++i) {
      double sum = 0;
      for (std::int64_t r = 0; r < kChipSize; ++r) {
        for (std::int64_t c = 0; c < kChipSize / 2; ++c) sum += chips[i](r, c).red;
      }
      encodings.insert(encodings.end(), kEncodingLength,
                       static_cast<float>(sum / (kChipSize * kChipSize / 2)));
    }
  }
};

FaceChip flipped(const FaceChip& chip) {
  FaceChip out(chip.nr(), chip.nc());
  for (std::int64_t r = 0; r < chip.nr(); ++r) {
    for (std::int64_t c = 0; c < chip.nc(); ++c) out(r, c) = chip(r, chip.nc() - 1 - c);
  }
  return out;
}

FaceChip chip(unsigned char red) {
  FaceChip chip(kChipSize, kChipSize);
  // Brighter to one side, so that a shifted copy has another mean.
  for (std::int64_t r = 0; r < kChipSize; ++r) {
    for (std::int64_t c = 0; c < kChipSize; ++c) chip(r, c) = dlib::rgb_pixel(c < 75 ? red : red / 2, 0, 0);
  }
  return chip;
}

TEST(FaceEncoder, KeepsOrderAcrossBatches) {
  FaceEncoder encoder(std::make_unique<MeanRed>());
  std::vector<FaceChip> chips;
  for (int i = 0; i < 37; ++i) chips.push_back(chip(static_cast<unsigned char>(4 * i)));
  const auto encodings = encoder.encode(chips, 1, {}, Parallel()).plain;
  ASSERT_EQ(encodings.size(), chips.size());
  for (int i = 0; i < 37; ++i) EXPECT_FLOAT_EQ(encodings[i][127], 3 * i);
  EXPECT_LE(MeanRed::largestBatch, 16U);
}

TEST(FaceEncoder, AveragesJitteredCopiesTheSameWayEachTime) {
  FaceEncoder encoder(std::make_unique<MeanRed>());
  const auto once = encoder.encode({chip(200)}, 20, {}, Parallel()).plain;
  const auto again = encoder.encode({chip(90), chip(200)}, 20, {}, Parallel()).plain;
  EXPECT_EQ(once[0], again[1]);

  dlib::rand random;
  float sum = 0;
  for (int i = 0; i < 20; ++i) {
    double red = 0;
    for (const auto& pixel : dlib::jitter_image(chip(200), random)) red += pixel.red;
    sum += static_cast<float>(red / (kChipSize * kChipSize));
  }
  EXPECT_FLOAT_EQ(static_cast<float>(once[0][0]), sum / 20);
}

TEST(FaceEncoder, EncodesMirrorImagesAlongAndInTheirOrder) {
  FaceEncoder encoder(std::make_unique<MeanRedOnTheLeft>());
  std::vector<FaceChip> chips;
  for (int i = 0; i < 37; ++i) chips.push_back(chip(static_cast<unsigned char>(4 * i)));
  const auto both = encoder.encode(chips, 1, {true, true}, Parallel());
  ASSERT_EQ(both.plain.size(), chips.size());
  ASSERT_EQ(both.mirrored.size(), chips.size());
  for (int i = 0; i < 37; ++i) {
    EXPECT_EQ(both.plain[i][0], 4 * i) << "the bright half is on the left";
    EXPECT_EQ(both.mirrored[i][0], 2 * i);
  }
  const auto one = encoder.encode(chips, 1, {false, true}, Parallel());
  EXPECT_TRUE(one.plain.empty());
  EXPECT_EQ(one.mirrored, both.mirrored);
  EXPECT_TRUE(encoder.encode(chips, 1, {}, Parallel()).mirrored.empty());
}

TEST(FaceEncoder, MirrorsEachJitteredCopy) {
  FaceEncoder encoder(std::make_unique<MeanRedOnTheLeft>());
  const auto both = encoder.encode({chip(200)}, 20, {true, true}, Parallel());
  EXPECT_EQ(both.plain, encoder.encode({chip(200)}, 20, {}, Parallel()).plain);
  EXPECT_EQ(both.mirrored, encoder.encode({chip(200)}, 20, {false, true}, Parallel()).mirrored);

  dlib::rand random;
  float sum = 0;
  for (int i = 0; i < 20; ++i) {
    double red = 0;
    const FaceChip copy = flipped(dlib::jitter_image(chip(200), random));
    for (std::int64_t r = 0; r < kChipSize; ++r) {
      for (std::int64_t c = 0; c < kChipSize / 2; ++c) red += copy(r, c).red;
    }
    sum += static_cast<float>(red / (kChipSize * kChipSize / 2));
  }
  EXPECT_FLOAT_EQ(static_cast<float>(both.mirrored[0][0]), sum / 20);
}

TEST(FaceEncoder, StopsWhenCancelled) {
  FaceEncoder encoder(std::make_unique<MeanRed>());
  CancelToken cancel;
  cancel.cancel();
  EXPECT_THROW(encoder.encode({chip(1)}, 1, {}, Parallel(nullptr, cancel)), Error);
  EXPECT_THROW(encoder.encode({chip(1)}, 5, {}, Parallel(nullptr, cancel)), Error);
}

}  // namespace
}  // namespace fcn
