#pragma once

#include <dlib/image_processing/generic_image.h>
#include <dlib/pixel.h>

#include <cstddef>
#include <cstdint>

namespace fcn {

// Somebody else's pixels: 8-bit RGB, interleaved, `height` rows of `width` pixels without padding.
// dlib's image functions take it as an image (the generic image interface below), without a copy.
struct ImageView {
  const std::uint8_t* pixels;
  long width;
  long height;
};

inline long num_rows(const ImageView& image) { return image.height; }
inline long num_columns(const ImageView& image) { return image.width; }
inline const void* image_data(const ImageView& image) { return image.pixels; }
inline long width_step(const ImageView& image) { return image.width * 3; }

static_assert(sizeof(dlib::rgb_pixel) == 3, "pixels are read as packed RGB");

}  // namespace fcn

namespace dlib {
template <>
struct image_traits<fcn::ImageView> {
  typedef rgb_pixel pixel_type;
};
template <>
struct image_traits<const fcn::ImageView> {
  typedef rgb_pixel pixel_type;
};
}  // namespace dlib
