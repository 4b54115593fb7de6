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

void EnlargedPhoto::copyRows(std::size_t doublings, RowRange rows, PlanarImage& out,
                             std::int64_t outFirst) const {
  if (doublings == 0) {
    split(photo_.pixels + rows.first * photo_.width * 3, rows.last - rows.first, out, rows.first - outFirst);
    return;
  }
  const BilinearResize& step = steps_[doublings - 1];
  const RowRange from = step.inputRows(rows);
  PlanarImage smaller;
  smaller.resize(doublings == 1 ? photo_.width : steps_[doublings - 2].outputWidth(), from.last - from.first);
  copyRows(doublings - 1, from, smaller, from.first);
  step.run(smaller, from.first, rows, out, outFirst, cancel_);
}

}  // namespace fcn
