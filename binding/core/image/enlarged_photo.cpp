#include "enlarged_photo.h"

#include <dlib/image_transforms/image_pyramid.h>

#include <utility>

namespace fcn {

ImageSize enlargedSize(ImageSize size, int upsample) {
  for (int i = 0; i < upsample; ++i) {
    // As dlib::pyramid_up has it, which rounds the size to whole pixels.
    const dlib::rectangle larger = dlib::pyramid_down<2>().rect_up(dlib::rectangle(size.width, size.height));
    size = {larger.right() + 1, larger.bottom() + 1};
  }
  return size;
}

EnlargedPhoto::EnlargedPhoto(const ImageView& photo, int upsample, CancelToken cancel)
    : photo_(photo), cancel_(std::move(cancel)) {
  for (int i = 0; i < upsample; ++i) {
    const ImageSize size = enlargedSize({width(), height()}, 1);
    steps_.emplace_back(width(), height(), size.width, size.height);
  }
}

void EnlargedPhoto::copyRows(RowRange rows, PlanarImage& out, std::int64_t outFirst,
                             RowsBetween& between) const {
  const auto copyPhoto = [&](RowRange from, PlanarImage& to, std::int64_t toFirst) {
    split(photo_.pixels + from.first * photo_.width * 3, from.last - from.first, to, from.first - toFirst);
  };
  resizeRows(steps_.data(), steps_.size(), copyPhoto, rows, out, outFirst, between, cancel_);
}

}  // namespace fcn
