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
  const auto encodings = encoder.encode(chips, 1, Parallel());
  ASSERT_EQ(encodings.size(), chips.size());
  for (int i = 0; i < 37; ++i) EXPECT_FLOAT_EQ(encodings[i][127], 3 * i);
  EXPECT_LE(MeanRed::largestBatch, 16U);
}

TEST(FaceEncoder, AveragesJitteredCopiesTheSameWayEachTime) {
  FaceEncoder encoder(std::make_unique<MeanRed>());
  const auto once = encoder.encode({chip(200)}, 20, Parallel());
  const auto again = encoder.encode({chip(90), chip(200)}, 20, Parallel());
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

TEST(FaceEncoder, StopsWhenCancelled) {
  FaceEncoder encoder(std::make_unique<MeanRed>());
  CancelToken cancel;
  cancel.cancel();
  EXPECT_THROW(encoder.encode({chip(1)}, 1, Parallel(nullptr, cancel)), Error);
  EXPECT_THROW(encoder.encode({chip(1)}, 5, Parallel(nullptr, cancel)), Error);
}

}  // namespace
}  // namespace fcn
