#pragma once

#include <dlib/geometry/rectangle.h>
#include <dlib/image_processing/box_overlap_testing.h>
#include <dlib/matrix.h>
#include <dlib/pixel.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/thread_pool.h"
#include "encoding.h"
#include "layers.h"
#include "tensor.h"

namespace fcn {

// The seam between what the networks are used for (detect/mmod, recognize) and how they are computed. An
// instance is used by one thread at a time; clone() makes further ones for other threads, sharing what it
// can.

// An aligned face, 150 x 150 pixels.
using FaceChip = dlib::matrix<dlib::rgb_pixel>;
constexpr std::int64_t kChipSize = 150;

// The convolutional part of dlib's max-margin detector: three 5x5 convolutions with stride 2 and no padding,
// three 5x5 ones with stride 1, and a last one of 9x9 to the scores; see the constants for what follows from
// that.
class MmodNetwork {
 public:
  virtual ~MmodNetwork() = default;
  virtual std::unique_ptr<MmodNetwork> clone() const = 0;

  // Begins an image that comes in parts, from top to bottom; what an earlier one left is forgotten.
  // - requires columns >= kWindow
  virtual void start(std::int64_t columns) = 0;

  // Makes room for the next rows of it, which are to be filled in: the last ones of the tensor, which is
  // (1, any number, columns, 3) without border.
  virtual Tensor& addRows(std::int64_t rows) = 0;

  // Computes the score of every detector window.
  // - last: no more rows will come. There are kWindow at least in all.
  // - scores: becomes those rows of scores that are complete now and were not before, row-major with
  // outputSize(columns) each; with the last part, outputSize(all rows) rows have come. They are the same to
  // the bit however the image is cut.
  // - throws Error(Aborted), after which the image must be begun anew.
  virtual void forward(bool last, std::vector<float>& scores, const Parallel& parallel) = 0;

  // One step in the scores is this many pixels of the input: 2 * 2 * 2.
  static constexpr std::int64_t kStride = 8;
  // Input pixels that one value behind the three strided layers sees: 5 + 2 * 4 + 4 * 4.
  static constexpr std::int64_t kWindow = 29;

  static constexpr std::int64_t outputSize(std::int64_t input) { return (input - kWindow) / kStride + 1; }
};

// Everything a detector's file says.
struct MmodModel {
  std::unique_ptr<MmodNetwork> network;
  // Size of the window that a score belongs to, in pixels of the tiled pyramid.
  std::size_t windowWidth, windowHeight;
  // Where a score's window has its centre: kStride * (column, row) + this.
  double centreX, centreY;
  // Which of two windows suppresses the other.
  dlib::test_box_overlap overlaps;
  // Pixels between the levels of the tiled pyramid, and around them all.
  std::size_t padding, outerPadding;
  // Of red, green and blue.
  float means[3];
};

// dlib's face recognition ResNet.
class EncoderNetwork {
 public:
  virtual ~EncoderNetwork() = default;
  virtual std::unique_ptr<EncoderNetwork> clone() const = 0;

  // Encodes `count` chips at once: encodings becomes (count, kEncodingLength) row-major.
  // - throws Error(Aborted)
  virtual void forward(const FaceChip* chips, std::size_t count, std::vector<float>& encodings,
                       const Parallel& parallel) = 0;
};

// Read the model files.
// - throws Error(ModelMissing), Error(ModelDamaged)
MmodModel loadMmod(const std::string& path, Layers layers);
std::unique_ptr<EncoderNetwork> loadEncoder(const std::string& path, Layers layers);

}  // namespace fcn
