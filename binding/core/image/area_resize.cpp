#include "area_resize.h"

#include <algorithm>
#include <vector>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "image/area_resize.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#ifndef FACE_CLUSTER_AREA_RESIZE_ONCE
#define FACE_CLUSTER_AREA_RESIZE_ONCE
namespace fcn {

// Weights are multiples of 2^-15 that add up to 1, and means of columns have 8 bits behind the point: all
// sums stay below 2^31.
constexpr int kWeightBits = 15;
constexpr int kMeanBits = 8;

// Which pixels of a row or column each pixel of a shorter one takes the place of, and how much each counts.
class Shares {
 public:
  Shares(std::int64_t from, std::int64_t to) {
    for (std::int64_t i = 0; i < to; ++i) {
      // In units of 1 / to of a pixel, where an output pixel is `from` long.
      const std::int64_t begin = i * from, end = begin + from;
      first_.push_back(begin / to);
      start_.push_back(weights_.size());
      // Rounded where they end, so that they add up.
      std::int32_t before = 0;
      for (std::int64_t pixel = begin / to; pixel * to < end; ++pixel) {
        const std::int64_t covered = std::min((pixel + 1) * to, end) - begin;
        const auto upTo = static_cast<std::int32_t>(((covered << kWeightBits) + from / 2) / from);
        weights_.push_back(upTo - before);
        before = upTo;
      }
    }
    start_.push_back(weights_.size());
  }

  std::int64_t first(std::int64_t i) const { return first_[i]; }
  std::int64_t count(std::int64_t i) const { return static_cast<std::int64_t>(start_[i + 1] - start_[i]); }
  const std::int32_t* weights(std::int64_t i) const { return weights_.data() + start_[i]; }

 private:
  std::vector<std::int64_t> first_;
  std::vector<std::size_t> start_;
  std::vector<std::int32_t> weights_;
};

}  // namespace fcn
#endif

HWY_BEFORE_NAMESPACE();
namespace fcn {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// The weighted mean of `count` rows of `length` values, `stride` bytes apart.
void meanOfRows(const std::uint8_t* HWY_RESTRICT rows, std::int64_t stride, const std::int32_t* weights,
                std::int64_t count, std::int64_t length, std::uint16_t* HWY_RESTRICT mean) {
  constexpr int kShift = kWeightBits - kMeanBits;
  const hn::ScalableTag<std::int32_t> d;
  const hn::Rebind<std::uint8_t, decltype(d)> bytes;
  const hn::Rebind<std::uint16_t, decltype(d)> shorts;
  const std::int64_t lanes = static_cast<std::int64_t>(hn::Lanes(d));
  std::int64_t x = 0;
  for (; x + lanes <= length; x += lanes) {
    auto sum = hn::Set(d, 1 << (kShift - 1));
    for (std::int64_t row = 0; row < count; ++row) {
      const auto values = hn::PromoteTo(d, hn::LoadU(bytes, rows + row * stride + x));
      sum = hn::Add(sum, hn::Mul(values, hn::Set(d, weights[row])));
    }
    hn::StoreU(hn::DemoteTo(shorts, hn::ShiftRight<kShift>(sum)), shorts, mean + x);
  }
  for (; x < length; ++x) {
    std::int32_t sum = 1 << (kShift - 1);
    for (std::int64_t row = 0; row < count; ++row) sum += rows[row * stride + x] * weights[row];
    mean[x] = static_cast<std::uint16_t>(sum >> kShift);
  }
}

// The pixels of a row of RGB values, behind which one more may be read.
void meanOfColumns(const std::uint16_t* HWY_RESTRICT values, const Shares& shares, std::int64_t width,
                   std::uint8_t* HWY_RESTRICT out) {
  constexpr int kShift = kWeightBits + kMeanBits;
#if HWY_TARGET == HWY_SCALAR
  for (std::int64_t x = 0; x < width; ++x) {
    const std::uint16_t* value = values + 3 * shares.first(x);
    const std::int32_t* weights = shares.weights(x);
    std::int32_t sums[3] = {1 << (kShift - 1), 1 << (kShift - 1), 1 << (kShift - 1)};
    for (std::int64_t i = 0; i < shares.count(x); ++i) {
      for (int k = 0; k < 3; ++k) sums[k] += *value++ * weights[i];
    }
    for (int k = 0; k < 3; ++k) *out++ = static_cast<std::uint8_t>(sums[k] >> kShift);
  }
#else
  // Red, green, blue, and the next pixel's red, which is left out in the end.
  const hn::FixedTag<std::int32_t, 4> d;
  const hn::Rebind<std::uint16_t, decltype(d)> shorts;
  const hn::Rebind<std::uint8_t, decltype(d)> bytes;
  for (std::int64_t x = 0; x < width; ++x, out += 3) {
    const std::uint16_t* value = values + 3 * shares.first(x);
    const std::int32_t* weights = shares.weights(x);
    const std::int64_t count = shares.count(x);
    auto sum = hn::Set(d, 1 << (kShift - 1));
    for (std::int64_t i = 0; i < count; ++i, value += 3) {
      sum = hn::Add(sum, hn::Mul(hn::PromoteTo(d, hn::LoadU(shorts, value)), hn::Set(d, weights[i])));
    }
    std::uint8_t pixel[4];
    hn::StoreU(hn::DemoteTo(bytes, hn::ShiftRight<kShift>(sum)), bytes, pixel);
    std::copy_n(pixel, 3, out);
  }
#endif
}

}  // namespace HWY_NAMESPACE
}  // namespace fcn
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fcn {
namespace {

HWY_EXPORT(meanOfRows);
HWY_EXPORT(meanOfColumns);

// Output rows that a thread computes at a time.
constexpr std::int64_t kBand = 16;

}  // namespace

void resizeByArea(const ImageView& image, const ImagePart& part, std::int64_t width, std::int64_t height,
                  std::uint8_t* out, const Parallel& parallel) {
  const Shares rows(part.bottom - part.top, height), columns(part.right - part.left, width);
  const std::int64_t stride = 3 * image.width, values = 3 * (part.right - part.left);
  const std::uint8_t* pixels = image.pixels + part.top * stride + 3 * part.left;
  const std::int64_t bands = (height + kBand - 1) / kBand;
  parallel.forEach(static_cast<std::size_t>(bands), [&](std::size_t band) {
    std::vector<std::uint16_t> mean(values + 1);
    const std::int64_t first = static_cast<std::int64_t>(band) * kBand;
    for (std::int64_t y = first; y < std::min(first + kBand, height); ++y) {
      HWY_DYNAMIC_DISPATCH(meanOfRows)
      (pixels + rows.first(y) * stride, stride, rows.weights(y), rows.count(y), values, mean.data());
      HWY_DYNAMIC_DISPATCH(meanOfColumns)(mean.data(), columns, width, out + y * width * 3);
    }
  });
}

}  // namespace fcn
#endif  // HWY_ONCE
