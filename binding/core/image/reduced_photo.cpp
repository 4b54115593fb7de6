#include "reduced_photo.h"

#include <algorithm>

#include "area_resize.h"

namespace fcn {

ImageSize reducedSize(ImageSize size, std::int64_t longer) {
  const std::int64_t longest = std::max(size.width, size.height);
  if (longer == 0 || longest <= longer) return size;
  const auto reduced = [&](std::int64_t side) {
    return std::max((2 * side * longer + longest) / (2 * longest), std::int64_t{1});
  };
  return {reduced(size.width), reduced(size.height)};
}

ReducedPhoto::ReducedPhoto(const ImageView& photo, ImageSize size, const Parallel& parallel) : size_(size) {
  resizeByArea(photo, {0, photo.width, photo.height, 0}, size.width, size.height, pixels_.resize(bytes(size)),
               parallel);
}

}  // namespace fcn
