#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "../core/detect/mmod/detector.h"
#include "noise.h"

namespace fcn {
namespace {

constexpr std::size_t kAmple = std::size_t{1} << 40;

// A network with the real one's geometry: a score is the pixel in its middle plus the middles of those kReach
// steps above and below, where these exist. So the score comes as late as that.
class FarSighted final : public MmodNetwork {
 public:
  static constexpr std::int64_t kReach = 11;

  std::unique_ptr<MmodNetwork> clone() const override { return std::make_unique<FarSighted>(); }

  void start(std::int64_t columns) override {
    image_.resize(1, 0, columns, 3, 3, 0);
    done_ = 0;
  }

  Tensor& addRows(std::int64_t rows) override {
    image_.addRows(rows);
    return image_;
  }

  void forward(bool last, std::vector<float>& scores, const Parallel&) override {
    ++parts;
    const std::int64_t height = image_.rows();
    const std::int64_t scoreRows = height < kWindow ? 0 : outputSize(height);
    const auto middle = [&](std::int64_t r, std::int64_t c) {
      return r < 0 || r >= scoreRows ? 0.0F
                                     : *image_.at(0, r * kStride + kWindow / 2, c * kStride + kWindow / 2);
    };
    scores.clear();
    for (; done_ + (last ? 0 : kReach) < scoreRows; ++done_) {
      for (std::int64_t c = 0; c < outputSize(image_.columns()); ++c) {
        scores.push_back(middle(done_, c) + 0.1F * middle(done_ - kReach, c) +
                         0.01F * middle(done_ + kReach, c));
      }
    }
  }

  static int parts;

 private:
  Tensor image_;
  std::int64_t done_ = 0;
};
int FarSighted::parts = 0;

MmodModel model() {
  MmodModel model;
  model.network = std::make_unique<FarSighted>();
  model.windowWidth = model.windowHeight = 40;
  model.centreX = model.centreY = 14;
  model.overlaps = dlib::test_box_overlap(0.4);
  model.padding = 10;
  model.outerPadding = 11;
  for (float& mean : model.means) mean = 100;
  return model;
}

TEST(MmodDetector, StripsGiveWhatTheWholeGives) {
  constexpr std::int64_t kWidth = 150, kHeight = 700;
  const auto pixels = noise(kWidth, kHeight, 5);
  const ImageView image{pixels.data(), kWidth, kHeight};

  FarSighted::parts = 0;
  const auto whole = MmodDetector(model()).detect(image, 1, kAmple, Parallel());
  const int partsOfLargest = FarSighted::parts;
  ASSERT_GT(whole.size(), 10U);

  // From the least that goes, with which the fewest levels are held and strips are lowest.
  const MemoryRange range = MmodDetector::memory(kWidth, kHeight, 1);
  for (std::size_t bytes = range.least / 2; bytes < range.most; bytes = bytes * 5 / 4) {
    FarSighted::parts = 0;
    const auto strips = MmodDetector(model()).detect(image, 1, bytes, Parallel());
    if (bytes < range.least) {
      ASSERT_GT(FarSighted::parts, 3 * partsOfLargest);
    }
    ASSERT_EQ(strips.size(), whole.size()) << bytes;
    for (std::size_t i = 0; i < whole.size(); ++i) {
      EXPECT_EQ(strips[i].score, whole[i].score) << bytes;
      EXPECT_EQ(strips[i].box.top, whole[i].box.top);
      EXPECT_EQ(strips[i].box.left, whole[i].box.left);
    }
  }
}

TEST(MmodDetector, ClipsBoxesToThePhoto) {
  const std::vector<std::uint8_t> white(90 * 60 * 3, 255);
  const auto faces = MmodDetector(model()).detect({white.data(), 90, 60}, 1, kAmple, Parallel());
  ASSERT_FALSE(faces.empty());
  for (const Detection& face : faces) {
    EXPECT_GE(face.box.top, 0);
    EXPECT_GE(face.box.left, 0);
    EXPECT_LE(face.box.right, 90);
    EXPECT_LE(face.box.bottom, 60);
  }
}

TEST(MmodDetector, TakesPhotosSmallerThanItsWindow) {
  const std::vector<std::uint8_t> white(3 * 40 * 400, 255);
  MmodDetector detector(model());
  for (std::int64_t width = 1; width <= 40; ++width) {
    EXPECT_NO_THROW(detector.detect({white.data(), width, 400}, 0, kAmple, Parallel())) << "width " << width;
  }
  EXPECT_NO_THROW(detector.detect({white.data(), 1, 1}, 0, kAmple, Parallel()));
  EXPECT_NO_THROW(detector.detect({white.data(), 40, 1}, 1, kAmple, Parallel()));
  EXPECT_NO_THROW(detector.detect({white.data(), 1, 40}, 1, kAmple, Parallel()));
}

TEST(MmodDetector, StopsWhenCancelled) {
  const std::vector<std::uint8_t> white(90 * 60 * 3, 255);
  CancelToken cancel;
  cancel.cancel();
  MmodDetector detector(model());
  EXPECT_THROW(detector.detect({white.data(), 90, 60}, 1, kAmple, Parallel(nullptr, cancel)), Error);
}

}  // namespace
}  // namespace fcn
