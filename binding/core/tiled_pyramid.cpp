#include "tiled_pyramid.h"

#include <algorithm>
#include <cmath>

namespace fcn {

namespace {

long smaller(long size) { return static_cast<long>(std::floor(5.0 / 6.0 * static_cast<double>(size))); }

}  // namespace

TiledLayout layOutPyramid(long rows, long columns, long padding, long outerPadding) {
  constexpr long kSmallestHeight = 5;
  TiledLayout layout{};
  std::vector<std::pair<long, long>> sizes;  // rows, columns
  for (long r = rows, c = columns; sizes.empty() || (r >= kSmallestHeight && c > 0);
       r = smaller(r), c = smaller(c)) {
    sizes.emplace_back(r, c);
  }

  // The left side ends where half of the remaining height would fit beside it, so that both sides end about
  // level.
  long totalHeight = -2 * padding;
  for (const auto& [r, c] : sizes) totalHeight += r + padding;
  long height = 0;
  long above = 0;
  for (const auto& [r, c] : sizes) {
    // dlib subtracts unsigned numbers here: without room for anything beside the level above, there is room
    // for all.
    const long room = columns - above - padding;
    if ((room < 0 || c <= room) && (height - rows) * 2 >= totalHeight - rows) break;
    height += r + padding;
    above = c;
  }
  height -= padding;
  layout.rows = height + 2 * outerPadding;
  layout.columns = columns + 2 * outerPadding;

  std::size_t level = 0;
  long y = outerPadding;
  for (; y < height + outerPadding && level < sizes.size(); ++level) {
    const auto [r, c] = sizes[level];
    layout.levels.emplace_back(outerPadding, y, outerPadding + c - 1, y + r - 1);
    y += r + padding;
  }
  y -= padding;
  for (; level < sizes.size(); ++level) {
    const auto [r, c] = sizes[level];
    const long right = outerPadding + columns - 1;
    const dlib::rectangle place(right - c + 1, y - r, right, y - 1);
    if (!layout.levels[0].intersect(place).is_empty()) break;
    layout.levels.push_back(place);
    y -= r + padding;
  }
  return layout;
}

namespace {

// Where a resized image's columns come from. dlib computes the position in float32, four columns at a time,
// and so do we: its rounding adds up to hundredths of a pixel over a wide photo, which shows in the scores.
struct Columns {
  Columns(long from, long to) : left(to), fraction(to) {
    const double scale = static_cast<double>(from - 1) / static_cast<double>(std::max(to - 1, 1L));
    float position[4];
    for (int lane = 0; lane < 4; ++lane) position[lane] = static_cast<float>((lane - 4) * scale);
    const float step = static_cast<float>(4 * scale);
    long column = 0;
    for (;; column += 4) {
      for (float& p : position) p += step;
      if (static_cast<long>(position[3]) + 1 >= from) break;
      for (long lane = 0; lane < 4 && column + lane < to; ++lane) set(column + lane, position[lane]);
    }
    for (double p = static_cast<double>(column) * scale; column < to; ++column, p += scale) {
      set(column, std::min(p, static_cast<double>(from - 1)));
    }
  }

  std::vector<long> left;
  std::vector<float> fraction;  // of the pixel to the right of `left`

 private:
  template <typename Position>
  void set(long column, Position position) {
    left[column] = static_cast<long>(position);
    fraction[column] = static_cast<float>(position - static_cast<Position>(left[column]));
  }
};

}  // namespace

TiledPyramid::TiledPyramid(const dlib::matrix<dlib::rgb_pixel>& image, TiledLayout layout,
                           const float (&means)[3], const Parallel& parallel)
    : image_(image), layout_(std::move(layout)) {
  for (int channel = 0; channel < 3; ++channel) {
    for (int value = 0; value < 256; ++value) {
      converted_[channel][value] = (static_cast<float>(value) - means[channel]) / 256;
    }
  }

  for (std::size_t level = 1; level < layout_.levels.size(); ++level) {
    const long rows = static_cast<long>(layout_.levels[level].height());
    const long columns = static_cast<long>(layout_.levels[level].width());
    const long fromRows = static_cast<long>(layout_.levels[level - 1].height());
    const long fromColumns = static_cast<long>(layout_.levels[level - 1].width());
    smaller_.push_back({rows, columns, std::vector<float>(rows * columns * 3)});
    std::vector<float>& values = smaller_.back().values;
    const Columns from(fromColumns, columns);
    const double scale = static_cast<double>(fromRows - 1) / static_cast<double>(std::max(rows - 1, 1L));

    constexpr long kBand = 32;
    parallel.forEach((rows + kBand - 1) / kBand, [&](std::size_t band) {
      std::vector<float> rowAbove(fromColumns * 3), rowBelow(fromColumns * 3);
      const long last = std::min((static_cast<long>(band) + 1) * kBand, rows);
      for (long row = static_cast<long>(band) * kBand; row < last; ++row) {
        const double y = std::min(static_cast<double>(row) * scale, static_cast<double>(fromRows - 1));
        const long top = static_cast<long>(y);
        levelRow(level - 1, top, rowAbove.data());
        levelRow(level - 1, std::min(top + 1, fromRows - 1), rowBelow.data());
        const float below = static_cast<float>(y - static_cast<double>(top)), above = 1 - below;
        float* out = values.data() + row * columns * 3;
        for (long column = 0; column < columns; ++column) {
          const long l = from.left[column] * 3;
          const long r = std::min(from.left[column] + 1, fromColumns - 1) * 3;
          const float right = from.fraction[column], left = 1 - right;
          const float topLeft = above * left, topRight = above * right;
          const float bottomLeft = below * left, bottomRight = below * right;
          for (long channel = 0; channel < 3; ++channel) {
            *out++ = topLeft * rowAbove[l + channel] + topRight * rowAbove[r + channel] +
                     bottomLeft * rowBelow[l + channel] + bottomRight * rowBelow[r + channel];
          }
        }
      }
    });
  }
}

void TiledPyramid::levelRow(std::size_t level, long row, float* out) const {
  if (level > 0) {
    const Level& from = smaller_[level - 1];
    std::copy_n(from.values.data() + row * from.columns * 3, from.columns * 3, out);
    return;
  }
  for (long column = 0; column < image_.nc(); ++column) {
    const dlib::rgb_pixel& pixel = image_(row, column);
    *out++ = converted_[0][pixel.red];
    *out++ = converted_[1][pixel.green];
    *out++ = converted_[2][pixel.blue];
  }
}

void TiledPyramid::copyRows(long top, long height, Tensor& out, const Parallel& parallel) const {
  out.resize(1, height, layout_.columns, 3, 3, 0);
  constexpr long kBand = 32;
  parallel.forEach((height + kBand - 1) / kBand, [&](std::size_t band) {
    const long first = static_cast<long>(band) * kBand;
    const long last = std::min(first + kBand, height);
    for (long row = first; row < last; ++row) std::fill_n(out.at(0, row, 0), layout_.columns * 3, 0.0F);
    for (std::size_t level = 0; level < layout_.levels.size(); ++level) {
      const dlib::rectangle& place = layout_.levels[level];
      for (long row = std::max(first, place.top() - top); row < std::min(last, place.bottom() + 1 - top);
           ++row) {
        levelRow(level, row + top - place.top(), out.at(0, row, place.left()));
      }
    }
  });
}

}  // namespace fcn
