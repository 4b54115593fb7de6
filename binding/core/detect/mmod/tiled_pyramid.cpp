#include "tiled_pyramid.h"

#include <algorithm>
#include <cmath>

namespace fcn {

namespace {

std::int64_t smaller(std::int64_t size) {
  return static_cast<std::int64_t>(std::floor(5.0 / 6.0 * static_cast<double>(size)));
}

}  // namespace

TiledLayout layOutPyramid(std::int64_t rows, std::int64_t columns, std::int64_t padding,
                          std::int64_t outerPadding) {
  constexpr std::int64_t kSmallestHeight = 5;
  TiledLayout layout{};
  std::vector<std::pair<std::int64_t, std::int64_t>> sizes;  // rows, columns
  for (std::int64_t r = rows, c = columns; sizes.empty() || (r >= kSmallestHeight && c > 0);
       r = smaller(r), c = smaller(c)) {
    sizes.emplace_back(r, c);
  }

  // The left side ends where half of the remaining height would fit beside it, so that both sides end about
  // level.
  std::int64_t totalHeight = -2 * padding;
  for (const auto& [r, c] : sizes) totalHeight += r + padding;
  std::int64_t height = 0;
  std::int64_t above = 0;
  for (const auto& [r, c] : sizes) {
    // dlib subtracts unsigned numbers here: without room for anything beside the level above, there is room
    // for all.
    const std::int64_t room = columns - above - padding;
    if ((room < 0 || c <= room) && (height - rows) * 2 >= totalHeight - rows) break;
    height += r + padding;
    above = c;
  }
  height -= padding;
  layout.rows = height + 2 * outerPadding;
  layout.columns = columns + 2 * outerPadding;

  std::size_t level = 0;
  std::int64_t y = outerPadding;
  for (; y < height + outerPadding && level < sizes.size(); ++level) {
    const auto [r, c] = sizes[level];
    layout.levels.emplace_back(outerPadding, y, outerPadding + c - 1, y + r - 1);
    y += r + padding;
  }
  y -= padding;
  for (; level < sizes.size(); ++level) {
    const auto [r, c] = sizes[level];
    const std::int64_t right = outerPadding + columns - 1;
    const dlib::rectangle place(right - c + 1, y - r, right, y - 1);
    if (!layout.levels[0].intersect(place).is_empty()) break;
    layout.levels.push_back(place);
    y -= r + padding;
  }
  return layout;
}

namespace {

// The buffer, with room for so many floats, and for a vector read from the last one on.
float* withRoom(std::vector<float>& buffer, std::size_t floats) {
  floats += kLongestVector;
  if (buffer.size() < floats) {
    buffer = {};  // growing would copy what nobody wants
    buffer.resize(floats);
  }
  return buffer.data();
}

// Rows that a thread computes at a time: more need more memory, and fewer more of the rows above twice.
constexpr std::int64_t kBand = 16;

}  // namespace

TiledPyramid::TiledPyramid(const EnlargedPhoto& photo, TiledLayout layout, const Memory& memory,
                           const float (&means)[3], Buffers& buffers, const Parallel& parallel)
    : photo_(photo),
      layout_(std::move(layout)),
      bandsAtOnce_(std::max<std::size_t>(memory.bands / bandBytes(layout_, memory.firstHeld), 1)),
      buffers_(buffers) {
  for (int channel = 0; channel < 3; ++channel) {
    for (int value = 0; value < 256; ++value) {
      converted_[channel][value] = (static_cast<float>(value) - means[channel]) / 256;
    }
  }

  const std::size_t count = layout_.levels.size();
  float* next = withRoom(buffers_.levels, heldBytes(layout_, memory.firstHeld) / sizeof(float));
  std::int64_t columnsAbove = photo.width();
  for (std::size_t index = 0; index < count; ++index) {
    const dlib::rectangle& place = layout_.levels[index];
    const std::int64_t rows = static_cast<std::int64_t>(place.height()),
                       columns = static_cast<std::int64_t>(place.width());
    levels_.push_back({rows, columns, ShrinkColumns(columnsAbove, columns), nullptr});
    columnsAbove = columns;
    if (index < memory.firstHeld) continue;
    float* values = next;
    next += rows * columns * 3;
    forEachBand(rows, parallel, [&](std::int64_t first, std::int64_t last, Scratch& scratch) {
      shrinkRows(index, first, last, values + first * columns * 3, columns * 3, scratch);
    });
    levels_.back().values = values;
  }
}

std::size_t TiledPyramid::heldBytes(const TiledLayout& layout, std::size_t firstHeld) {
  std::size_t pixels = 0;
  for (std::size_t level = firstHeld; level < layout.levels.size(); ++level) {
    pixels += layout.levels[level].area();
  }
  return pixels * 3 * sizeof(float);
}

std::size_t TiledPyramid::bandBytes(const TiledLayout& layout, std::size_t firstHeld) {
  std::size_t bytes = 0;
  double rows = kBand;
  for (std::size_t level = std::min(firstHeld, layout.levels.size() - 1); level-- > 0;) {
    const dlib::rectangle& place = layout.levels[level];
    rows = std::min(rows * 6 / 5 + 2, static_cast<double>(place.height()));
    bytes += static_cast<std::size_t>(rows) * place.width() * 3 * sizeof(float);
  }
  // The photo's own rows, before and after they are enlarged.
  return bytes + static_cast<std::size_t>(rows) * layout.levels[0].width() * 3 * 2;
}

template <typename Body>
void TiledPyramid::forEachBand(std::int64_t rows, const Parallel& parallel, const Body& body) const {
  const std::int64_t bands = (rows + kBand - 1) / kBand;
  const std::int64_t atOnce = std::min(bands, static_cast<std::int64_t>(bandsAtOnce_));
  parallel.forEach(atOnce, [&](std::size_t start) {
    for (std::int64_t band = static_cast<std::int64_t>(start); band < bands; band += atOnce) {
      parallel.throwIfCancelled();
      const auto scratch = buffers_.scratch.borrow();
      if (scratch->levels.size() < levels_.size()) scratch->levels.resize(levels_.size());
      body(band * kBand, std::min((band + 1) * kBand, rows), *scratch);
    }
  });
}

void TiledPyramid::computeRows(std::size_t level, std::int64_t first, std::int64_t last, float* out,
                               std::int64_t stride, Scratch& scratch) const {
  const Level& here = levels_[level];
  if (level == 0) return convertRows(first, last, out, stride, scratch);
  if (!here.values) return shrinkRows(level, first, last, out, stride, scratch);
  for (std::int64_t row = first; row < last; ++row, out += stride) {
    std::copy_n(here.values + row * here.columns * 3, here.columns * 3, out);
  }
}

void TiledPyramid::convertRows(std::int64_t first, std::int64_t last, float* out, std::int64_t stride,
                               Scratch& scratch) const {
  PlanarImage& rows = scratch.photo;
  rows.resize(photo_.width(), last - first);
  photo_.copyRows({first, last}, rows, first, scratch.enlarging);
  for (std::int64_t row = 0; row < rows.height(); ++row, out += stride) {
    const std::uint8_t *red = rows.row(0, row), *green = rows.row(1, row), *blue = rows.row(2, row);
    float* value = out;
    for (std::int64_t column = 0; column < rows.width(); ++column) {
      *value++ = converted_[0][red[column]];
      *value++ = converted_[1][green[column]];
      *value++ = converted_[2][blue[column]];
    }
  }
}

void TiledPyramid::shrinkRows(std::size_t level, std::int64_t first, std::int64_t last, float* out,
                              std::int64_t stride, Scratch& scratch) const {
  const Level& above = levels_[level - 1];
  const Level& here = levels_[level];
  const double scale = resizeStep(above.rows, here.rows);
  const auto position = [&](std::int64_t row) {
    return std::min(static_cast<double>(row) * scale, static_cast<double>(above.rows - 1));
  };
  const std::int64_t firstAbove = static_cast<std::int64_t>(position(first));
  const std::int64_t lastAbove = std::min(static_cast<std::int64_t>(position(last - 1)) + 2, above.rows);
  const std::int64_t strideAbove = above.columns * 3;
  const float* source = above.values + firstAbove * strideAbove;
  if (!above.values) {
    float* computed = withRoom(scratch.levels[level - 1], (lastAbove - firstAbove) * strideAbove);
    computeRows(level - 1, firstAbove, lastAbove, computed, strideAbove, scratch);
    source = computed;
  }

  for (std::int64_t row = first; row < last; ++row, out += stride) {
    const double y = position(row);
    const std::int64_t top = static_cast<std::int64_t>(y);
    const float* upper = source + (top - firstAbove) * strideAbove;
    const float* lower = top + 1 < above.rows ? upper + strideAbove : upper;
    shrinkRow(upper, lower, static_cast<float>(y - static_cast<double>(top)), here.from, out);
  }
}

void TiledPyramid::copyRows(std::int64_t top, std::int64_t height, Tensor& out,
                            const Parallel& parallel) const {
  float* rows = out.at(0, out.rows() - height, 0);
  const std::int64_t stride = out.rowStride();
  forEachBand(height, parallel, [&](std::int64_t first, std::int64_t last, Scratch& scratch) {
    std::fill_n(rows + first * stride, (last - first) * stride, 0.0F);
    for (std::size_t level = 0; level < layout_.levels.size(); ++level) {
      const dlib::rectangle& place = layout_.levels[level];
      const std::int64_t from = std::max(first, place.top() - top);
      const std::int64_t to = std::min(last, place.bottom() + 1 - top);
      if (from >= to) continue;
      computeRows(level, from + top - place.top(), to + top - place.top(),
                  rows + from * stride + place.left() * 3, stride, scratch);
    }
  });
}

}  // namespace fcn
