#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/buffer.h"
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
  // - memory: for what is held.
  HogPyramid(const EnlargedPhoto& photo, std::size_t firstHeld, MemoryPieces& memory);

  const std::vector<ImageSize>& sizes() const { return sizes_; }

  // Makes a level the current one.
  // - requires that the levels come in their order, and that all of the one before has been given to
  // shrink().
  void goTo(std::size_t level);

  // Where a thread computes rows of levels that are not held.
  class Scratch {
   public:
    // Takes the memory for so many rows at a time, of any level before `firstHeld`.
    Scratch(MemoryPieces& memory, const std::vector<ImageSize>& sizes, std::size_t firstHeld,
            std::int64_t mostRows);

   private:
    friend HogPyramid;

    PlanarImage rows_;
    RowsBetween levels_, doublings_;
  };

  // Rows of the current level, and some around them perhaps.
  struct Rows {
    const PlanarImage* pixels;
    std::int64_t first;  // the level's row that the image begins with
  };
  // May be called by many threads at once, until the next goTo(), as the following.
  // - scratch: holds the rows if the level is not held.
  // - throws Error(Aborted)
  Rows rows(RowRange range, Scratch& scratch, const CancelToken& cancel) const;

  // Makes what of the next level, if that is held, lies at rows of the current one.
  // - rows: these, and the one after the last.
  // - throws Error(Aborted)
  void shrink(const Rows& rows, RowRange range, const CancelToken& cancel);

  // What is held at most.
  static std::size_t heldBytes(const std::vector<ImageSize>& sizes, std::size_t firstHeld);

 private:
  const EnlargedPhoto& photo_;
  const std::size_t firstHeld_;
  const std::vector<ImageSize> sizes_;
  std::vector<BilinearResize> steps_;  // to each level from the one before; none to the first
  std::size_t current_ = 0;
  PlanarImage next_, held_;
};

}  // namespace fcn
