#pragma once

#include <cstddef>
#include <cstdint>

#include "base/buffer.h"
#include "base/thread_pool.h"
#include "image_view.h"

namespace fcn {

// The size of an image whose longer side is brought down to `longer` pixels, the other in proportion, to the
// nearest whole number, at least 1. Its own if it is no longer than that, or `longer` is 0.
ImageSize reducedSize(ImageSize size, std::int64_t longer);

// A photo made smaller, see resizeByArea(): nothing finer than a pixel is left to look like something else.
class ReducedPhoto {
 public:
  // - requires a size of at least 1 and no more than the photo's, either way
  // - throws Error(Aborted)
  ReducedPhoto(const ImageView& photo, ImageSize size, const Parallel& parallel);

  // Of use as long as this lives.
  ImageView view() const { return {pixels_.data(), size_.width, size_.height}; }

  // What one of that size takes.
  static std::size_t bytes(ImageSize size) { return static_cast<std::size_t>(size.width * size.height * 3); }

 private:
  const ImageSize size_;
  Buffer<std::uint8_t> pixels_;
};

}  // namespace fcn
