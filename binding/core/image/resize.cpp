#include "resize.h"

#include <algorithm>
#include <cmath>
#include <vector>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "image/resize.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#ifndef FACE_CLUSTER_RESIZE_ONCE
#define FACE_CLUSTER_RESIZE_ONCE
namespace fcn {

// Columns whose neighbours lie within 16 bytes, as long as an image does not shrink to less than half.
constexpr std::int64_t kNear = 8;

// Which input columns an output column lies between, and where.
struct ResizeColumns {
  // The first `vectors` output columns, float32: a whole number of times four, which is how dlib takes them.
  // May be more than the output has: the rest is discarded.
  std::int64_t vectors;
  std::vector<std::int32_t> left;     // input column; the right neighbour is the next
  std::vector<float> fraction;        // weight of the right neighbour
  std::vector<std::uint32_t> offset;  // of the left neighbour, from that of the first of kNear columns
};

}  // namespace fcn
#endif

HWY_BEFORE_NAMESPACE();
namespace fcn {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

void splitRow(const std::uint8_t* HWY_RESTRICT rgb, std::int64_t width, std::uint8_t* HWY_RESTRICT red,
              std::uint8_t* HWY_RESTRICT green, std::uint8_t* HWY_RESTRICT blue) {
  const hn::ScalableTag<std::uint8_t> d;
  const std::int64_t lanes = static_cast<std::int64_t>(hn::Lanes(d));
  std::int64_t x = 0;
  for (; x + lanes <= width; x += lanes) {
    hn::Vec<decltype(d)> r, g, b;
    hn::LoadInterleaved3(d, rgb + 3 * x, r, g, b);
    hn::StoreU(r, d, red + x);
    hn::StoreU(g, d, green + x);
    hn::StoreU(b, d, blue + x);
  }
  for (; x < width; ++x) {
    red[x] = rgb[3 * x];
    green[x] = rgb[3 * x + 1];
    blue[x] = rgb[3 * x + 2];
  }
}

// A row of output, of the input rows above and below.
// - fraction: weight of the lower row, inverse: of the upper.
void blendRows(const std::uint8_t* const* upper, const std::uint8_t* const* lower,
               const ResizeColumns& columns, float fraction, float inverse, std::uint8_t* const* outputs) {
  const hn::ScalableTag<float> d;
  const hn::RebindToUnsigned<decltype(d)> lanesOf;
  const hn::Rebind<std::uint8_t, decltype(d)> narrow;
  const std::int64_t lanes = static_cast<std::int64_t>(hn::Lanes(d));
  const auto one = hn::Set(d, 1.0f), up = hn::Set(d, inverse), low = hn::Set(d, fraction);
  for (std::int64_t x = 0; x < columns.vectors; x += lanes) {
    const auto rightness = hn::LoadU(d, columns.fraction.data() + x);
    const auto leftness = hn::Sub(one, rightness);
    const auto upLeft = hn::Mul(up, leftness), upRight = hn::Mul(up, rightness);
    const auto lowLeft = hn::Mul(low, leftness), lowRight = hn::Mul(low, rightness);
#if HWY_TARGET == HWY_SCALAR
    const auto near = [&](const std::uint8_t* row) { return row + columns.left[x]; };
    const auto pick = [&](const std::uint8_t* near, std::int64_t right) {
      return hn::Set(d, static_cast<float>(near[right]));
    };
#else
    const hn::Repartition<std::uint8_t, decltype(d)> bytes;
    const hn::RebindToSigned<decltype(d)> integers;
    // A byte for each float, and zeros.
    const auto leftOf = hn::BitCast(bytes, hn::LoadU(lanesOf, columns.offset.data() + x));
    const auto rightOf = hn::BitCast(bytes, hn::Add(hn::BitCast(lanesOf, leftOf), hn::Set(lanesOf, 1)));
    const auto near = [&](const std::uint8_t* row) HWY_ATTR {
#if HWY_TARGET <= HWY_AVX3
      const hn::Half<decltype(bytes)> half;
      return hn::Combine(bytes, hn::LoadDup128(half, row + columns.left[x + kNear]),
                         hn::LoadDup128(half, row + columns.left[x]));
#else
      return hn::LoadDup128(bytes, row + columns.left[x / kNear * kNear]);
#endif
    };
    const auto pick = [&](hn::Vec<decltype(bytes)> near, std::int64_t right) HWY_ATTR {
      const auto picked = hn::TableLookupBytesOr0(near, right ? rightOf : leftOf);
      return hn::ConvertTo(d, hn::BitCast(integers, picked));
    };
#endif
    for (std::int64_t k = 0; k < PlanarImage::kChannels; ++k) {
      const auto above = near(upper[k]), below = near(lower[k]);
      // No fused multiply-add: the bytes must be dlib's.
      auto value = hn::Mul(upLeft, pick(above, 0));
      value = hn::Add(value, hn::Mul(upRight, pick(above, 1)));
      value = hn::Add(value, hn::Mul(lowLeft, pick(below, 0)));
      value = hn::Add(value, hn::Mul(lowRight, pick(below, 1)));
      // From 2^23 on a float's last bits are those of a whole number.
      const auto whole = hn::BitCast(lanesOf, hn::Add(hn::Floor(value), hn::Set(d, 8388608.0f)));
      hn::StoreU(hn::U8FromU32(hn::And(whole, hn::Set(lanesOf, 0xFF))), narrow, outputs[k] + x);
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace fcn
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fcn {
namespace {

HWY_EXPORT(splitRow);
HWY_EXPORT(blendRows);

// More than any vector's number of floats.
constexpr std::int64_t kSlack = 64;
constexpr std::int64_t kRowsBetweenPolls = 256;

ResizeColumns columnsOf(std::int64_t inputWidth, std::int64_t outputWidth) {
  ResizeColumns columns;
  columns.vectors = walkColumns(inputWidth, outputWidth, [&](std::int64_t, float position) {
    const auto left = static_cast<std::int32_t>(position);
    columns.left.push_back(left);
    columns.fraction.push_back(position - static_cast<float>(left));
  });

  const std::int64_t padded = columns.vectors + kSlack;
  columns.left.resize(padded, columns.left.empty() ? 0 : columns.left.back());
  columns.fraction.resize(padded, 0.0f);
  for (std::int64_t x = 0; x < padded; ++x) {
    // Bytes from 128 on give zeros.
    const std::int32_t offset = columns.left[x] - columns.left[x / kNear * kNear];
    columns.offset.push_back(0x80808000U | static_cast<std::uint32_t>(offset));
  }
  return columns;
}

// The columns that dlib computes one by one, in float64.
void blendLastColumns(const PlanarImage& input, std::int64_t top, std::int64_t bottom, double fraction,
                      double step, std::int64_t first, PlanarImage& output, std::int64_t y) {
  double position = -step + static_cast<double>(first) * step;
  for (std::int64_t x = first; x < output.width(); ++x) {
    position += step;
    const std::int64_t left = static_cast<std::int64_t>(std::floor(position));
    const std::int64_t right = std::min(left + 1, input.width() - 1);
    const double rightness = position - static_cast<double>(left);
    for (std::int64_t k = 0; k < PlanarImage::kChannels; ++k) {
      const std::uint8_t *upper = input.row(k, top), *lower = input.row(k, bottom);
      output.row(k, y)[x] = static_cast<std::uint8_t>(
          (1 - fraction) * ((1 - rightness) * upper[left] + rightness * upper[right]) +
          fraction * ((1 - rightness) * lower[left] + rightness * lower[right]));
    }
  }
}

}  // namespace

double resizeStep(std::int64_t from, std::int64_t to) {
  return static_cast<double>(from - 1) / static_cast<double>(std::max(to - 1, std::int64_t{1}));
}

void split(const std::uint8_t* rgb, std::int64_t rows, PlanarImage& planes, std::int64_t first) {
  const std::int64_t width = planes.width();
  for (std::int64_t y = first; y < first + rows; ++y, rgb += width * 3) {
    HWY_DYNAMIC_DISPATCH(splitRow)(rgb, width, planes.row(0, y), planes.row(1, y), planes.row(2, y));
  }
}

BilinearResize::BilinearResize(std::int64_t inputWidth, std::int64_t inputHeight, std::int64_t outputWidth,
                               std::int64_t outputHeight)
    : inputWidth_(inputWidth),
      inputHeight_(inputHeight),
      outputWidth_(outputWidth),
      outputHeight_(outputHeight),
      columnStep_(resizeStep(inputWidth, outputWidth)),
      columns_(std::make_shared<const ResizeColumns>(columnsOf(inputWidth, outputWidth))) {
  // Added up, as dlib does: multiplied, they would be other numbers.
  const double step = resizeStep(inputHeight, outputHeight);
  double position = -step;
  rowPositions_.reserve(outputHeight);
  for (std::int64_t y = 0; y < outputHeight; ++y) rowPositions_.push_back(position += step);
}

RowRange BilinearResize::inputRows(RowRange rows) const {
  const auto top = [&](std::int64_t y) { return static_cast<std::int64_t>(std::floor(rowPositions_[y])); };
  return {top(rows.first), std::min(top(rows.last - 1) + 2, inputHeight_)};
}

RowRange BilinearResize::outputRows(RowRange upper) const {
  const auto firstFrom = [&](std::int64_t row) {
    return std::lower_bound(rowPositions_.begin(), rowPositions_.end(), static_cast<double>(row)) -
           rowPositions_.begin();
  };
  return {firstFrom(upper.first), firstFrom(upper.last)};
}

void BilinearResize::run(const PlanarImage& input, std::int64_t inputFirst, RowRange rows,
                         PlanarImage& output, std::int64_t outputFirst, const CancelToken& cancel) const {
  for (std::int64_t y = rows.first; y < rows.last; ++y) {
    if (y % kRowsBetweenPolls == 0) cancel.throwIfCancelled();
    const double position = rowPositions_[y];
    const std::int64_t top = static_cast<std::int64_t>(std::floor(position));
    const std::int64_t bottom = std::min(top + 1, inputHeight_ - 1);
    const double fraction = position - static_cast<double>(top);
    const std::int64_t row = y - outputFirst;
    const std::uint8_t *upper[PlanarImage::kChannels], *lower[PlanarImage::kChannels];
    std::uint8_t* outputs[PlanarImage::kChannels];
    for (std::int64_t k = 0; k < PlanarImage::kChannels; ++k) {
      upper[k] = input.row(k, top - inputFirst);
      lower[k] = input.row(k, bottom - inputFirst);
      outputs[k] = output.row(k, row);
    }
    HWY_DYNAMIC_DISPATCH(blendRows)
    (upper, lower, *columns_, static_cast<float>(fraction), static_cast<float>(1 - fraction), outputs);
    blendLastColumns(input, top - inputFirst, bottom - inputFirst, fraction, columnStep_, columns_->vectors,
                     output, row);
  }
}

}  // namespace fcn
#endif  // HWY_ONCE
