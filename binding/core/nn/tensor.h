#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace fcn {

// Activations of a batch of images: float32, [image][row][column][channel] with the channels of a pixel
// beside each other, and around each image a border of zeros that stands for a convolution's padding. A pixel
// takes `pixelStride`
// >= channels floats; what lies between is undefined.
class Tensor {
 public:
  // Makes room; the border is zero afterwards, the rest undefined. Memory is kept for the next call.
  void resize(long images, long rows, long columns, long channels, long pixelStride, long border) {
    images_ = images;
    rows_ = rows;
    columns_ = columns;
    channels_ = channels;
    pixelStride_ = pixelStride;
    border_ = border;
    const std::size_t size = images * imageStride();
    // Growing would copy what nobody wants, and hold both meanwhile.
    if (size > values_.capacity()) values_ = {};
    // Shrinking would have it filled with zeros when it grows again.
    if (size > values_.size()) values_.resize(size);
    for (long image = 0; image < images; ++image) clearBorder(values_.data() + image * imageStride());
  }

  long images() const { return images_; }
  long rows() const { return rows_; }
  long columns() const { return columns_; }
  long channels() const { return channels_; }
  long pixelStride() const { return pixelStride_; }
  long rowStride() const { return (columns_ + 2 * border_) * pixelStride_; }
  long imageStride() const { return (rows_ + 2 * border_) * rowStride(); }

  // The first channel of a pixel; row and column may reach into the border.
  float* at(long image, long row, long column) { return values_.data() + offset(image, row, column); }
  const float* at(long image, long row, long column) const {
    return values_.data() + offset(image, row, column);
  }

 private:
  long offset(long image, long row, long column) const {
    return image * imageStride() + (row + border_) * rowStride() + (column + border_) * pixelStride_;
  }

  void clearBorder(float* image) const {
    const long side = border_ * pixelStride_;
    const long inner = columns_ * pixelStride_;
    std::fill_n(image, border_ * rowStride(), 0.0F);
    for (long row = border_; row < border_ + rows_; ++row) {
      std::fill_n(image + row * rowStride(), side, 0.0F);
      std::fill_n(image + row * rowStride() + side + inner, side, 0.0F);
    }
    std::fill_n(image + (border_ + rows_) * rowStride(), border_ * rowStride(), 0.0F);
  }

  std::vector<float> values_;
  long images_ = 0, rows_ = 0, columns_ = 0, channels_ = 0, pixelStride_ = 0, border_ = 0;
};

}  // namespace fcn
