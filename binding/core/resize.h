#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "cancel_token.h"
#include "planar_image.h"

namespace fcn {

// Takes interleaved RGB apart.
// - rgb: width * height * 3 bytes, without padding.
void split(const std::uint8_t* rgb, long width, long height, PlanarImage& planes);

struct ResizeColumns;

// Rows [first, last) of an image.
struct RowRange {
  long first, last;
};

// How an image of one size is enlarged or reduced to another: byte for byte what dlib::resize_image(in, out)
// with its bilinear interpolation gives for RGB images on x86. That includes its rounding down, the drift of
// positions that it adds up in float32, and the float64 arithmetic of its last columns. Some rows or all can
// be asked for, by many threads at once.
class BilinearResize {
 public:
  // - requires an input of at least one pixel, and output sizes of at least half the input's.
  BilinearResize(long inputWidth, long inputHeight, long outputWidth, long outputHeight);

  long outputWidth() const { return outputWidth_; }
  long outputHeight() const { return outputHeight_; }

  // The input rows that these output rows, which must not be none, are made from.
  RowRange inputRows(RowRange rows) const;

  // Fills `output`, which is resized to hold them, with these rows.
  // - input: holds the input's rows from inputFirst on, at least as far as inputRows() says.
  // - throws Error(Aborted)
  void run(const PlanarImage& input, long inputFirst, RowRange rows, PlanarImage& output,
           const CancelToken& cancel) const;

 private:
  long inputWidth_, inputHeight_, outputWidth_, outputHeight_;
  double columnStep_;
  std::vector<double> rowPositions_;
  std::shared_ptr<const ResizeColumns> columns_;
};

// The whole image at once: fills `output`, which has its size already.
// - throws Error(Aborted)
void resizeBilinear(const PlanarImage& input, PlanarImage& output, const CancelToken& cancel);

}  // namespace fcn
