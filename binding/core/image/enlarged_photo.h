#pragma once

#include <cstdint>
#include <vector>

#include "base/cancel_token.h"
#include "image_view.h"
#include "planar_image.h"
#include "resize.h"

namespace fcn {

// The size of an image of that size after so many doublings.
ImageSize enlargedSize(ImageSize size, int upsample);

// A photo, doubled in size as often as asked for: byte for byte what dlib::pyramid_up gives. Nothing of it is
// held: rows are computed from the photo's when they are asked for, by many threads at once, which costs next
// to nothing beside what the detectors do with them. For the usual doubling that saves 12 bytes for each of
// the photo's pixels.
class EnlargedPhoto {
 public:
  // - photo: must live as long as this.
  // - cancel: makes copyRows throw Error(Aborted).
  EnlargedPhoto(const ImageView& photo, int upsample, CancelToken cancel);

  std::int64_t width() const { return steps_.empty() ? photo_.width : steps_.back().outputWidth(); }
  std::int64_t height() const { return steps_.empty() ? photo_.height : steps_.back().outputHeight(); }

  // Computes these rows.
  // - out: as wide as width(), holds the rows from outFirst on.
  // - between: the caller's, for those of the photo before it is as large.
  void copyRows(RowRange rows, PlanarImage& out, std::int64_t outFirst, RowsBetween& between) const;

 private:
  const ImageView photo_;
  const CancelToken cancel_;
  std::vector<BilinearResize> steps_;
};

}  // namespace fcn
