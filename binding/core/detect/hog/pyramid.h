#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/cancel_token.h"
#include "image/enlarged_photo.h"
#include "image/planar_image.h"
#include "image/resize.h"

namespace fcn {

// The sizes of all levels that dlib's HOG detector looks at, each 5/6 of the one before (pyramid_down<6>).
// The first is the image itself, however small.
std::vector<ImageSize> hogPyramidSizes(ImageSize image);

// The levels of a photo, byte for byte dlib's. They are gone through from the largest to the smallest. The
// current one and the next are held, but the largest need not be: their rows are computed from the photo's
// whenever they are asked for, through all levels between, which costs time and saves most of the memory.
class HogPyramid {
 public:
  // - photo: must live as long as this.
  // - firstHeld: levels from this one on are held; at least 1, for the photo itself never is.
  HogPyramid(const EnlargedPhoto& photo, std::size_t firstHeld);

  const std::vector<ImageSize>& sizes() const { return sizes_; }

  // Makes a level the current one.
  // - requires that the levels come in their order, and that all of the one before has been given to
  // shrink().
  void goTo(std::size_t level);

  // Rows of the current level, and some around them perhaps.
  struct Rows {
    const PlanarImage* pixels;
    std::int64_t first;  // the level's row that the image begins with
  };
  // May be called by many threads at once, until the next goTo(), as the following.
  // - scratch: holds the rows if the level is not held.
  // - throws Error(Aborted)
  Rows rows(RowRange range, PlanarImage& scratch, const CancelToken& cancel) const;

  // Makes what of the next level, if that is held, lies at rows of the current one.
  // - rows: these, and the one after the last.
  // - throws Error(Aborted)
  void shrink(const Rows& rows, RowRange range, const CancelToken& cancel);

  // What is held at most, and what a thread needs that computes rows through the levels before `firstHeld`.
  static std::size_t heldBytes(const std::vector<ImageSize>& sizes, std::size_t firstHeld);
  static std::size_t bandBytes(const std::vector<ImageSize>& sizes, std::size_t firstHeld);

 private:
  // Computes a level's rows from the photo's.
  void computeRows(std::size_t level, RowRange range, PlanarImage& out, std::int64_t outFirst,
                   const CancelToken& cancel) const;

  const EnlargedPhoto& photo_;
  const std::size_t firstHeld_;
  const std::vector<ImageSize> sizes_;
  std::vector<BilinearResize> steps_;  // to each level from the one before; none to the first
  std::size_t current_ = 0;
  PlanarImage held_, next_;
};

}  // namespace fcn
