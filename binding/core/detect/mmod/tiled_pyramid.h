#pragma once

#include <dlib/geometry/rectangle.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/instance_pool.h"
#include "base/thread_pool.h"
#include "image/enlarged_photo.h"
#include "image/planar_image.h"
#include "nn/tensor.h"
#include "shrink_row.h"

namespace fcn {

// Where the levels of a pyramid_down<6> pyramid (each 5/6 of the one before, down to 5 rows) lie in one
// image: below each other on the left side, then upwards on the right side as far as there is room, `padding`
// pixels apart and with `outerPadding` pixels around all. The layout is dlib's (input_rgb_image_pyramid),
// which the detector was trained on; it matters, for the network sees a level's neighbours.
struct TiledLayout {
  std::int64_t rows, columns;
  std::vector<dlib::rectangle> levels;
};

// - requires columns > padding: dlib's own layout is undefined for less.
TiledLayout layOutPyramid(std::int64_t rows, std::int64_t columns, std::int64_t padding,
                          std::int64_t outerPadding);

// All levels of a photo, as the detector's network wants to see them: (value - mean) / 256, channels beside
// each other.
//
// Large levels are not held: their rows are computed from the photo's whenever they are asked for, through
// all levels between. That costs more arithmetic, a few per cent of what the network costs, and saves
// gigabytes for large photos.
class TiledPyramid {
 public:
  // What is held, and what computing the rest may take.
  struct Memory {
    // Levels from this one on are held; at least 1, for the photo itself never is.
    std::size_t firstHeld;
    // For the rows of other levels that threads compute theirs from, all in all. Less than bandBytes() counts
    // as that: one thread at a time.
    std::size_t bands;
  };

  // The rows of a photo and of levels that a band is computed from.
  struct Scratch {
    PlanarImage photo;
    RowsBetween enlarging;
    std::vector<std::vector<float>> levels;

    std::unique_ptr<Scratch> clone() const { return std::make_unique<Scratch>(); }
  };

  // Where a pyramid is held. Getting so much memory from the system takes as long as filling it: it serves
  // one photo after another.
  struct Buffers {
    std::vector<float> levels;  // all that are held, one after another
    InstancePool<Scratch> scratch{std::make_unique<Scratch>()};
  };

  // - photo, buffers: must live as long as this.
  // - means: of red, green and blue.
  TiledPyramid(const EnlargedPhoto& photo, TiledLayout layout, const Memory& memory, const float (&means)[3],
               Buffers& buffers, const Parallel& parallel);

  const TiledLayout& layout() const { return layout_; }

  // The rows [top, top + height) of the tiled image, into the last rows of `out`, which is (1, height at
  // least, columns, 3) without border. Zero between levels.
  void copyRows(std::int64_t top, std::int64_t height, Tensor& out, const Parallel& parallel) const;

  // What the levels from `firstHeld` on take.
  static std::size_t heldBytes(const TiledLayout& layout, std::size_t firstHeld);
  // What a thread needs at most that computes rows through the levels before `firstHeld`.
  static std::size_t bandBytes(const TiledLayout& layout, std::size_t firstHeld);

 private:
  struct Level {
    std::int64_t rows, columns;
    ShrinkColumns from;
    const float* values;  // (rows, columns, 3) of a level that is held, else null
  };

  // Calls body(first, last, scratch) for bands of rows that together are [0, rows).
  template <typename Body>
  void forEachBand(std::int64_t rows, const Parallel& parallel, const Body& body) const;
  // The rows [first, last) of a level, each `stride` floats after the one before.
  void computeRows(std::size_t level, std::int64_t first, std::int64_t last, float* out, std::int64_t stride,
                   Scratch& scratch) const;
  // Those of the photo itself.
  void convertRows(std::int64_t first, std::int64_t last, float* out, std::int64_t stride,
                   Scratch& scratch) const;
  // Those of a level that is not, from the level above.
  void shrinkRows(std::size_t level, std::int64_t first, std::int64_t last, float* out, std::int64_t stride,
                  Scratch& scratch) const;

  const EnlargedPhoto& photo_;
  TiledLayout layout_;
  std::size_t bandsAtOnce_;
  // What a byte becomes, for each channel.
  float converted_[3][256];
  std::vector<Level> levels_;
  Buffers& buffers_;
};

}  // namespace fcn
