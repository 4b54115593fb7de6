#include "pyramid.h"

#include <dlib/image_transforms/image_pyramid.h>

#include <algorithm>
#include <utility>

#include "geometry.h"

namespace fcn {
namespace {

using Pyramid = dlib::pyramid_down<6>;

// Rows that a thread computes at a time: more need more memory, and fewer more of the rows above twice.
constexpr std::int64_t kBand = 64;

// Memory for a level, if there is such a one.
PlanarImage heldLevel(MemoryPieces& memory, const std::vector<ImageSize>& sizes, std::size_t level) {
  if (level >= sizes.size()) return PlanarImage();
  return PlanarImage(memory.take<std::uint8_t>(PlanarImage::bytes(sizes[level].width, sizes[level].height)));
}

}  // namespace

std::vector<ImageSize> hogPyramidSizes(ImageSize image) {
  std::vector<ImageSize> sizes{image};
  const Pyramid pyramid;
  // dlib counts the levels by rectangles, and rounds the images themselves down.
  dlib::rectangle size = pyramid.rect_down(dlib::rectangle(image.width, image.height));
  while (size.width() >= kHogMinLevel && size.height() >= kHogMinLevel && sizes.size() < kHogMaxLevels) {
    sizes.push_back({sizes.back().width * 5 / 6, sizes.back().height * 5 / 6});
    size = pyramid.rect_down(size);
  }
  return sizes;
}

HogPyramid::HogPyramid(const EnlargedPhoto& photo, std::size_t firstHeld, MemoryPieces& memory)
    : photo_(photo),
      firstHeld_(firstHeld),
      sizes_(hogPyramidSizes({photo.width(), photo.height()})),
      next_(heldLevel(memory, sizes_, firstHeld)),
      held_(heldLevel(memory, sizes_, firstHeld + 1)) {
  for (std::size_t level = 1; level < sizes_.size(); ++level) {
    const ImageSize from = sizes_[level - 1], to = sizes_[level];
    steps_.emplace_back(from.width, from.height, to.width, to.height);
  }
}

void HogPyramid::goTo(std::size_t level) {
  current_ = level;
  if (level >= firstHeld_) std::swap(held_, next_);
  const std::size_t next = level + 1;
  if (next >= firstHeld_ && next < sizes_.size()) next_.resize(sizes_[next].width, sizes_[next].height);
}

HogPyramid::Scratch::Scratch(MemoryPieces& memory, const std::vector<ImageSize>& sizes, std::size_t firstHeld,
                             std::int64_t mostRows)
    : rows_(memory.take<std::uint8_t>(PlanarImage::bytes(sizes[0].width, mostRows))) {
  // Rows of a level are made from 6/5 as many of the level above and at most 4 more, those of a doubled photo
  // from half as many and at most 3 more.
  std::int64_t band = std::min(kBand, mostRows);
  std::size_t ofLevels[2] = {0, 0};
  for (std::size_t level = std::min(firstHeld, sizes.size()) - 1; level-- > 0;) {
    band = std::min(band * 6 / 5 + 4, sizes[level].height);
    ofLevels[level % 2] = std::max(ofLevels[level % 2], PlanarImage::bytes(sizes[level].width, band));
  }
  const std::size_t ofDoublings = PlanarImage::bytes(sizes[0].width / 2 + 1, band / 2 + 3);
  for (std::size_t i = 0; i < 2; ++i) {
    levels_.images[i] = PlanarImage(memory.take<std::uint8_t>(ofLevels[i]));
    doublings_.images[i] = PlanarImage(memory.take<std::uint8_t>(ofDoublings));
  }
}

HogPyramid::Rows HogPyramid::rows(RowRange range, Scratch& scratch, const CancelToken& cancel) const {
  if (current_ >= firstHeld_) return {&held_, 0};
  PlanarImage& out = scratch.rows_;
  out.resize(sizes_[current_].width, range.last - range.first);
  const auto copyPhoto = [&](RowRange rows, PlanarImage& to, std::int64_t toFirst) {
    photo_.copyRows(rows, to, toFirst, scratch.doublings_);
  };
  for (std::int64_t first = range.first; first < range.last; first += kBand) {
    resizeRows(steps_.data(), current_, copyPhoto, {first, std::min(first + kBand, range.last)}, out,
               range.first, scratch.levels_, cancel);
  }
  return {&out, range.first};
}

void HogPyramid::shrink(const Rows& rows, RowRange range, const CancelToken& cancel) {
  const std::size_t next = current_ + 1;
  if (next < firstHeld_ || next >= sizes_.size()) return;
  const BilinearResize& step = steps_[current_];
  step.run(*rows.pixels, rows.first, step.outputRows(range), next_, 0, cancel);
}

std::size_t HogPyramid::heldBytes(const std::vector<ImageSize>& sizes, std::size_t firstHeld) {
  MemoryPieces counted;
  // The next level is made beside the current one.
  heldLevel(counted, sizes, firstHeld);
  heldLevel(counted, sizes, firstHeld + 1);
  return counted.taken();
}

}  // namespace fcn
