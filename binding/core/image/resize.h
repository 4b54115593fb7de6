#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/cancel_token.h"
#include "planar_image.h"

namespace fcn {

// Takes interleaved RGB apart.
// - rgb: planes.width() * rows * 3 bytes, without padding.
// - planes: rows from `first` on are filled.
void split(const std::uint8_t* rgb, std::int64_t rows, PlanarImage& planes, std::int64_t first = 0);

struct ResizeColumns;

// Rows [first, last) of an image.
struct RowRange {
  std::int64_t first, last;
};

// How far apart the pixels of a row or column of `to` pixels lie in the one of `from` pixels that it is made
// of.
double resizeStep(std::int64_t from, std::int64_t to);

// dlib's walk over the columns of a resized image, in float32 and four at a time, until the last of four has
// no right neighbour; its rounding adds up to hundredths of a pixel over a wide photo. Calls take(column,
// position) for each, where the last four may go beyond `to`; returns how many columns that were. dlib
// computes the others in float64.
template <typename Take>
std::int64_t walkColumns(std::int64_t from, std::int64_t to, Take take) {
  const double step = resizeStep(from, to);
  float positions[4];
  for (std::int64_t lane = 0; lane < 4; ++lane) positions[lane] = static_cast<float>((lane - 4) * step);
  const auto stride = static_cast<float>(4 * step);
  std::int64_t column = 0;
  // From 2^25 on float32 can't add the stride any more: the columns end the walk where the position does not.
  while (column < to) {
    for (float& position : positions) position += stride;
    if (static_cast<std::int64_t>(positions[3]) + 1 >= from) break;
    for (const float position : positions) take(column++, position);
  }
  return column;
}

// How an image of one size is enlarged or reduced to another: byte for byte what dlib::resize_image(in, out)
// with its bilinear interpolation gives for RGB images on x86. That includes its rounding down, the drift of
// positions that it adds up in float32, and the float64 arithmetic of its last columns. Some rows or all can
// be asked for, by many threads at once.
class BilinearResize {
 public:
  // - requires an input of at least one pixel, and output sizes of at least half the input's.
  BilinearResize(std::int64_t inputWidth, std::int64_t inputHeight, std::int64_t outputWidth,
                 std::int64_t outputHeight);

  std::int64_t inputWidth() const { return inputWidth_; }
  std::int64_t outputWidth() const { return outputWidth_; }
  std::int64_t outputHeight() const { return outputHeight_; }

  // The input rows that these output rows, which must not be none, are made from.
  RowRange inputRows(RowRange rows) const;

  // The output rows whose upper input row is one of these: each output row is of one range of many that lie
  // side by side. The input row after the last may be needed for them, too.
  RowRange outputRows(RowRange upper) const;

  // Computes these rows.
  // - input: holds the input's rows from inputFirst on, at least as far as inputRows() says.
  // - output: as wide as outputWidth(), holds the output's rows from outputFirst on.
  // - throws Error(Aborted)
  void run(const PlanarImage& input, std::int64_t inputFirst, RowRange rows, PlanarImage& output,
           std::int64_t outputFirst, const CancelToken& cancel) const;

 private:
  std::int64_t inputWidth_, inputHeight_, outputWidth_, outputHeight_;
  double columnStep_;
  std::vector<double> rowPositions_;
  std::shared_ptr<const ResizeColumns> columns_;
};

// Rows on their way through several resizings: those of two images at once, each made from the other. Kept
// for the next.
struct RowsBetween {
  PlanarImage images[2];  // in turn, from the first image on
};

// Rows of what resizings make, each of what the one before has made: computed through all images between, of
// which no more rows are made than these need.
// - steps: so many resizings; perhaps none.
// - copyFirst(RowRange rows, PlanarImage& to, std::int64_t toFirst): gives rows of the first image.
// - out: as wide as the last image, holds its rows from outFirst on.
// - throws Error(Aborted)
template <typename CopyFirst>
void resizeRows(const BilinearResize* steps, std::size_t count, const CopyFirst& copyFirst, RowRange rows,
                PlanarImage& out, std::int64_t outFirst, RowsBetween& between, const CancelToken& cancel) {
  std::vector<RowRange> of(count + 1, rows);
  for (std::size_t i = count; i > 0; --i) of[i - 1] = steps[i - 1].inputRows(of[i]);
  for (std::size_t i = 0; i <= count; ++i) {
    cancel.throwIfCancelled();
    PlanarImage& to = i < count ? between.images[i % 2] : out;
    if (i < count) to.resize(steps[i].inputWidth(), of[i].last - of[i].first);
    const std::int64_t toFirst = i < count ? of[i].first : outFirst;
    if (i == 0) {
      copyFirst(of[0], to, toFirst);
    } else {
      steps[i - 1].run(between.images[(i - 1) % 2], of[i - 1].first, of[i], to, toFirst, cancel);
    }
  }
}

}  // namespace fcn
