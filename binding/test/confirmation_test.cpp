#include "../core/detect/confirmation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "../core/detect/mmod/detector.h"
#include "../core/detect/mmod/tiled_pyramid.h"

namespace fcn {
namespace {

constexpr std::size_t kAmple = std::size_t{1} << 40;
constexpr std::size_t kPadding = 10, kOuterPadding = 11;

// A network with the real one's geometry: a score is the red pixel in its middle, above `mean`.
class Middle final : public MmodNetwork {
 public:
  std::unique_ptr<MmodNetwork> clone() const override { return std::make_unique<Middle>(); }

  void start(std::int64_t width) override { image_.resize(1, 0, width, 3, 3, 0); }

  Tensor& addRows(std::int64_t height) override {
    image_.addRows(height);
    return image_;
  }

  void forward(bool last, std::vector<float>& scores, const Parallel&) override {
    scores.clear();
    if (!last) return;
    rows = std::max(rows, image_.rows());
    columns = image_.columns();
    for (std::int64_t r = 0; r < outputSize(image_.rows()); ++r) {
      for (std::int64_t c = 0; c < outputSize(columns); ++c) {
        scores.push_back(*image_.at(0, r * kStride + kWindow / 2, c * kStride + kWindow / 2));
      }
    }
  }

  // Of the largest picture that was looked at.
  static std::int64_t rows, columns;

 private:
  Tensor image_;
};
std::int64_t Middle::rows = 0, Middle::columns = 0;

// Finds white spots, as faces of 100 pixels and more.
MmodModel spots() {
  MmodModel model;
  model.network = std::make_unique<Middle>();
  model.windowWidth = model.windowHeight = 100;
  model.centreX = model.centreY = 14;
  model.overlaps = dlib::test_box_overlap(0.4);
  model.padding = kPadding;
  model.outerPadding = kOuterPadding;
  for (float& mean : model.means) mean = 250;
  return model;
}

// A black photo.
struct Photo {
  static constexpr std::int64_t kWidth = 900, kHeight = 700;
  std::vector<std::uint8_t> pixels = std::vector<std::uint8_t>(kWidth * kHeight * 3);
  ImageView view() const { return {pixels.data(), kWidth, kHeight}; }

  Photo& white(const Box& box) {
    for (std::int64_t row = box.top; row < box.bottom; ++row) {
      std::fill_n(&pixels[3 * (row * kWidth + box.left)], 3 * (box.right - box.left), 255);
    }
    return *this;
  }
};

// A spot of a sixth of the box's width, so many widths to the right of and below its middle.
Box spotOf(const Box& box, double right, double below) {
  const double width = box.right - box.left, side = width / 6;
  const auto x = static_cast<std::int32_t>((box.left + box.right - side) / 2 + right * width);
  const auto y = static_cast<std::int32_t>((box.top + box.bottom - side) / 2 + below * width);
  const auto size = static_cast<std::int32_t>(side);
  return {y, x + size, y + size, x};
}

bool confirmed(const Photo& photo, const Box& box, std::size_t bytes = kAmple) {
  MmodDetector detector(spots());
  return isConfirmed(photo.view(), box, detector, bytes, Parallel());
}

// Enlarged for the detector, as it is, and reduced.
const Box kBoxes[] = {{300, 536, 336, 500}, {300, 600, 400, 500}, {250, 600, 450, 400}};

TEST(Confirmation, IsAFaceThatTheOtherDetectorFindsInTheBox) {
  for (const Box& box : kBoxes) {
    EXPECT_FALSE(confirmed(Photo(), box));
    EXPECT_TRUE(confirmed(Photo().white(spotOf(box, 0, 0)), box));
    EXPECT_TRUE(confirmed(Photo().white(spotOf(box, 0.2, 0.2)), box)) << "shares nearly half";
  }
}

TEST(Confirmation, IsNoFaceBesideTheBox) {
  for (const Box& box : kBoxes) {
    for (const double beside : {0.8, -0.8}) {
      EXPECT_FALSE(confirmed(Photo().white(spotOf(box, beside, 0)), box));
      EXPECT_FALSE(confirmed(Photo().white(spotOf(box, 0, beside)), box));
    }
    EXPECT_TRUE(confirmed(Photo().white(spotOf(box, 0.8, 0)).white(spotOf(box, 0, 0)), box));
  }
}

TEST(Confirmation, LooksAtACropOf240PixelsWhateverTheBox) {
  const TiledLayout layout = layOutPyramid(240, 240, kPadding, kOuterPadding);
  for (const Box& box : kBoxes) {
    Middle::rows = Middle::columns = 0;
    confirmed(Photo(), box);
    EXPECT_EQ(Middle::rows, layout.rows);
    EXPECT_EQ(Middle::columns, layout.columns);
  }
}

TEST(Confirmation, TakesBoxesAtTheEdgeAndBeyond) {
  constexpr std::int32_t kFar = 1 << 24;
  for (const Box& box : {Box{-20, 60, 60, -20}, Box{650, 900, 700, 850}, Box{0, 1, 1, 0}, Box{5, 6, 60, 5},
                         Box{kFar - 9, kFar, kFar, kFar - 9}, Box{-kFar, kFar, kFar, -kFar}}) {
    EXPECT_FALSE(confirmed(Photo(), box)) << "all around is black";
  }
  const Box corner{0, 60, 60, 0};
  EXPECT_TRUE(confirmed(Photo().white(spotOf(corner, 0, 0)), corner));
}

TEST(Confirmation, DoesNotDependOnMemory) {
  for (const Box& box : kBoxes) {
    for (const double right : {0.0, 0.3, 0.8}) {
      const Photo photo = Photo().white(spotOf(box, right, 0));
      EXPECT_EQ(confirmed(photo, box, 0), confirmed(photo, box));
    }
  }
  EXPECT_LE(confirmationMemory().most, std::size_t{64} << 20);
}

TEST(Confirmation, StopsWhenCancelled) {
  CancelToken cancel;
  cancel.cancel();
  MmodDetector detector(spots());
  EXPECT_THROW(isConfirmed(Photo().view(), kBoxes[0], detector, kAmple, Parallel(nullptr, cancel)), Error);
}

}  // namespace
}  // namespace fcn
