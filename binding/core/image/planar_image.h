#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace fcn {

// An 8-bit RGB image whose red, green and blue values lie in rows of their own, as vector code wants them.
class PlanarImage {
 public:
  static constexpr long kChannels = 3;
  // Bytes before and after each row's pixels that may be read and written; they hold anything.
  static constexpr long kMargin = 64;

  long width() const { return width_; }
  long height() const { return height_; }

  // Its pixels are anything afterwards. Keeps its memory where that suffices.
  void resize(long width, long height) {
    width_ = width;
    height_ = height;
    stride_ = strideOf(width);
    bytes_.resize(height * kChannels * stride_);
  }

  // What an image of that size takes.
  static std::size_t bytes(long width, long height) { return height * kChannels * strideOf(width); }

  // The first of a row's `width` values.
  const std::uint8_t* row(long channel, long y) const { return bytes_.data() + offset(channel, y); }
  std::uint8_t* row(long channel, long y) { return bytes_.data() + offset(channel, y); }

 private:
  static long strideOf(long width) { return (kMargin + width + kMargin + 63) / 64 * 64; }
  // A pixel row's three rows follow each other: they are used together.
  long offset(long channel, long y) const { return (y * kChannels + channel) * stride_ + kMargin; }

  long width_ = 0, height_ = 0, stride_ = 0;
  std::vector<std::uint8_t> bytes_;
};

}  // namespace fcn
