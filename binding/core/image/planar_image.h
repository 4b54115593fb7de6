#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "base/buffer.h"

namespace fcn {

// An 8-bit RGB image whose red, green and blue values lie in rows of their own, as vector code wants them.
class PlanarImage {
 public:
  static constexpr std::int64_t kChannels = 3;
  // Bytes before and after each row's pixels that may be read and written; they hold anything.
  static constexpr std::int64_t kMargin = 64;

  PlanarImage() = default;
  // - memory: see Buffer.
  explicit PlanarImage(Buffer<std::uint8_t> memory) : bytes_(std::move(memory)) {}

  std::int64_t width() const { return width_; }
  std::int64_t height() const { return height_; }

  // Its pixels are anything afterwards. Keeps its memory where that suffices.
  void resize(std::int64_t width, std::int64_t height) {
    width_ = width;
    height_ = height;
    stride_ = strideOf(width);
    bytes_.resize(bytes(width, height));
  }

  // What an image of that size takes.
  static std::size_t bytes(std::int64_t width, std::int64_t height) {
    return height * kChannels * strideOf(width);
  }

  // The first of a row's `width` values.
  const std::uint8_t* row(std::int64_t channel, std::int64_t y) const {
    return bytes_.data() + offset(channel, y);
  }
  std::uint8_t* row(std::int64_t channel, std::int64_t y) { return bytes_.data() + offset(channel, y); }

 private:
  static std::int64_t strideOf(std::int64_t width) { return (kMargin + width + kMargin + 63) / 64 * 64; }
  // A pixel row's three rows follow each other: they are used together.
  std::int64_t offset(std::int64_t channel, std::int64_t y) const {
    return (y * kChannels + channel) * stride_ + kMargin;
  }

  std::int64_t width_ = 0, height_ = 0, stride_ = 0;
  Buffer<std::uint8_t> bytes_;
};

}  // namespace fcn
