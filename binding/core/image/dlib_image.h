#pragma once

#include <dlib/image_processing/generic_image.h>
#include <dlib/pixel.h>

#include "image_view.h"

// dlib's image functions take an ImageView as an image (its generic image interface), without a copy.
namespace fcn {

inline long num_rows(const ImageView& image) { return static_cast<long>(image.height); }
inline long num_columns(const ImageView& image) { return static_cast<long>(image.width); }
inline const void* image_data(const ImageView& image) { return image.pixels; }
inline long width_step(const ImageView& image) { return static_cast<long>(image.width * 3); }

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
