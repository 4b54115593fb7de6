#include "area_resize.h"

#include <algorithm>
#include <vector>

namespace fcn {
namespace {

constexpr std::int64_t kChannels = 3;
// Pixels are divided into so many.
constexpr std::int64_t kOne = 256;

// The pixels that an area covers along one side: the first and the last in part, those between as a whole.
struct Span {
  std::int64_t first, last;
  std::int64_t ofFirst, ofLast;  // in units of 1/kOne; where there is but one, ofFirst is all of it
  double share;                  // of 1/kOne in the area

  // The i-th of `to` equal areas that `from` pixels are divided into.
  static Span of(std::int64_t i, std::int64_t from, std::int64_t to) {
    const std::int64_t begin = i * from * kOne / to, end = (i + 1) * from * kOne / to;
    const std::int64_t first = begin / kOne, last = (end - 1) / kOne;
    const double share = 1.0 / static_cast<double>(end - begin);
    if (first == last) return {first, last, end - begin, 0, share};
    return {first, last, (first + 1) * kOne - begin, end - last * kOne, share};
  }
};

std::vector<Span> divide(std::int64_t from, std::int64_t to) {
  std::vector<Span> spans(to);
  for (std::int64_t i = 0; i < to; ++i) spans[i] = Span::of(i, from, to);
  return spans;
}

// 16 bits hold each product, which compilers make vector code of for every processor.
void addRow(const std::uint8_t* row, std::int64_t values, std::uint16_t weight, std::uint32_t* sums) {
  for (std::int64_t i = 0; i < values; ++i) sums[i] += static_cast<std::uint16_t>(row[i] * weight);
}

}  // namespace

void resizeByArea(const ImageView& image, const ImagePart& part, std::int64_t width, std::int64_t height,
                  std::uint8_t* out) {
  const std::int64_t values = (part.right - part.left) * kChannels;
  const std::vector<Span> across = divide(part.right - part.left, width);
  std::vector<std::uint32_t> sums(values);
  for (const Span& down : divide(part.bottom - part.top, height)) {
    std::fill(sums.begin(), sums.end(), 0);
    for (std::int64_t row = down.first; row <= down.last; ++row) {
      const std::int64_t weight = row == down.first ? down.ofFirst : row == down.last ? down.ofLast : kOne;
      const std::uint8_t* pixels = image.pixels + ((part.top + row) * image.width + part.left) * kChannels;
      addRow(pixels, values, static_cast<std::uint16_t>(weight), sums.data());
    }
    for (const Span& columns : across) {
      const std::uint32_t* pixel = sums.data() + columns.first * kChannels;
      const std::uint32_t* const last = sums.data() + columns.last * kChannels;
      std::int64_t sum[kChannels];
      for (std::int64_t k = 0; k < kChannels; ++k) {
        sum[k] = columns.ofFirst * pixel[k] + columns.ofLast * last[k];
      }
      for (pixel += kChannels; pixel < last; pixel += kChannels) {
        for (std::int64_t k = 0; k < kChannels; ++k) sum[k] += kOne * pixel[k];
      }
      const double share = columns.share * down.share;
      for (std::int64_t k = 0; k < kChannels; ++k) {
        *out++ = static_cast<std::uint8_t>(static_cast<double>(sum[k]) * share + 0.5);
      }
    }
  }
}

}  // namespace fcn
