#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace fcn {

// Floats of the longest vector register.
constexpr std::int64_t kLongestVector = 16;

// Activations of a batch of images: float32, [image][row][column][channel] with the channels of a pixel
// beside each other, and around each image a border of zeros that stands for a convolution's padding. A pixel
// takes `pixelStride` >= channels floats; what lies between is undefined. A vector's floats may be read from
// any channel on, over the last one's end.
class Tensor {
 public:
  // Makes room; the border is zero afterwards, the rest undefined. Memory is kept for the next call.
  void resize(std::int64_t images, std::int64_t rows, std::int64_t columns, std::int64_t channels,
              std::int64_t pixelStride, std::int64_t border) {
    images_ = images;
    rows_ = rows;
    columns_ = columns;
    channels_ = channels;
    pixelStride_ = pixelStride;
    border_ = border;
    const std::size_t size = images * imageStride() + kLongestVector;
    // Growing would copy what nobody wants, and hold both meanwhile.
    if (size > values_.capacity()) values_ = {};
    // Shrinking would have it filled with zeros when it grows again.
    if (size > values_.size()) values_.resize(size);
    for (std::int64_t image = 0; image < images; ++image) clearBorder(values_.data() + image * imageStride());
  }

  // For a single image whose rows come from top to bottom: adds rows below the last one, undefined but for
  // their border.
  void addRows(std::int64_t rows) {
    rows_ += rows;
    const std::size_t size = imageStride() + kLongestVector;
    values_.reserve(size);  // no more than that
    if (size > values_.size()) values_.resize(size);
    clearBorder(values_.data(), rows_ - rows);
  }

  // Takes rows off the top of it.
  void dropRows(std::int64_t rows) {
    float* first = at(0, 0, -border_);
    std::copy(at(0, rows, -border_), values_.data() + imageStride(), first);
    rows_ -= rows;
  }

  std::int64_t images() const { return images_; }
  std::int64_t rows() const { return rows_; }
  std::int64_t columns() const { return columns_; }
  std::int64_t channels() const { return channels_; }
  std::int64_t pixelStride() const { return pixelStride_; }
  std::int64_t border() const { return border_; }
  std::int64_t rowStride() const { return (columns_ + 2 * border_) * pixelStride_; }
  std::int64_t imageStride() const { return (rows_ + 2 * border_) * rowStride(); }

  // The first channel of a pixel; row and column may reach into the border.
  float* at(std::int64_t image, std::int64_t row, std::int64_t column) {
    return values_.data() + offset(image, row, column);
  }
  const float* at(std::int64_t image, std::int64_t row, std::int64_t column) const {
    return values_.data() + offset(image, row, column);
  }

 private:
  std::int64_t offset(std::int64_t image, std::int64_t row, std::int64_t column) const {
    return image * imageStride() + (row + border_) * rowStride() + (column + border_) * pixelStride_;
  }

  void clearBorder(float* image, std::int64_t firstRow = 0) const {
    const std::int64_t side = border_ * pixelStride_;
    const std::int64_t inner = columns_ * pixelStride_;
    std::fill_n(image, border_ * rowStride(), 0.0F);
    for (std::int64_t row = border_ + firstRow; row < border_ + rows_; ++row) {
      std::fill_n(image + row * rowStride(), side, 0.0F);
      std::fill_n(image + row * rowStride() + side + inner, side, 0.0F);
    }
    std::fill_n(image + (border_ + rows_) * rowStride(), border_ * rowStride(), 0.0F);
  }

  std::vector<float> values_;
  std::int64_t images_ = 0, rows_ = 0, columns_ = 0, channels_ = 0, pixelStride_ = 0, border_ = 0;
};

}  // namespace fcn
