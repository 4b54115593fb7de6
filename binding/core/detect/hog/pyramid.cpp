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

HogPyramid::HogPyramid(const EnlargedPhoto& photo, std::size_t firstHeld)
    : photo_(photo), firstHeld_(firstHeld), sizes_(hogPyramidSizes({photo.width(), photo.height()})) {
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

HogPyramid::Rows HogPyramid::rows(RowRange range, PlanarImage& scratch, const CancelToken& cancel) const {
  if (current_ >= firstHeld_) return {&held_, 0};
  scratch.resize(sizes_[current_].width, range.last - range.first);
  for (std::int64_t first = range.first; first < range.last; first += kBand) {
    computeRows(current_, {first, std::min(first + kBand, range.last)}, scratch, range.first, cancel);
  }
  return {&scratch, range.first};
}

void HogPyramid::shrink(const Rows& rows, RowRange range, const CancelToken& cancel) {
  const std::size_t next = current_ + 1;
  if (next < firstHeld_ || next >= sizes_.size()) return;
  const BilinearResize& step = steps_[current_];
  step.run(*rows.pixels, rows.first, step.outputRows(range), next_, 0, cancel);
}

void HogPyramid::computeRows(std::size_t level, RowRange range, PlanarImage& out, std::int64_t outFirst,
                             const CancelToken& cancel) const {
  cancel.throwIfCancelled();
  if (level == 0) return photo_.copyRows(range, out, outFirst);
  const BilinearResize& step = steps_[level - 1];
  const RowRange from = step.inputRows(range);
  PlanarImage above;
  above.resize(sizes_[level - 1].width, from.last - from.first);
  computeRows(level - 1, from, above, from.first, cancel);
  step.run(above, from.first, range, out, outFirst, cancel);
}

std::size_t HogPyramid::heldBytes(const std::vector<ImageSize>& sizes, std::size_t firstHeld) {
  std::size_t bytes = 0;
  // The next level is made beside the current one.
  for (std::size_t level = firstHeld; level < std::min(firstHeld + 2, sizes.size()); ++level) {
    bytes += PlanarImage::bytes(sizes[level].width, sizes[level].height);
  }
  return bytes;
}

std::size_t HogPyramid::bandBytes(const std::vector<ImageSize>& sizes, std::size_t firstHeld) {
  double rows = kBand;
  for (std::size_t level = std::min(firstHeld, sizes.size() - 1); level > 0; --level) rows = rows * 6 / 5 + 2;
  // Those of the two largest levels at once.
  return 2 * PlanarImage::bytes(sizes[0].width, std::min(static_cast<std::int64_t>(rows), sizes[0].height));
}

}  // namespace fcn
