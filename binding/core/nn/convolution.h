#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/thread_pool.h"
#include "tensor.h"

namespace fcn {

// A convolution's numbers, with whatever followed it linearly folded in.
struct ConvolutionWeights {
  std::int64_t filters, channels, size;  // size x size taps
  std::vector<float> values;             // (filters, channels, size, size) row-major, as dlib has them
  std::vector<float> bias;               // (filters)
};

// What the kernels behind Convolution walk over: `rows` rows of `runs` runs of `length` floats that lie
// beside each other; the steps lead from the beginning of one row or run to the next.
struct ConvolutionTaps {
  std::int64_t rows, runs, length;
  std::int64_t rowStep, runStep;
};

// A convolution on Tensors, computed directly: no matrix of patches, no other library.
//
// Each output is one sum of fused multiply-adds in a fixed order: its bias, then all taps by row, column and
// channel. So the result does not depend on how the work is cut up, and is the same to the bit on every
// processor with fused multiply-add (x86 from AVX2 on, arm64). The vector instructions are picked at run
// time.
class Convolution {
 public:
  Convolution(const ConvolutionWeights& weights, std::int64_t stride, std::int64_t padding, bool relu);

  // Number of rows (columns) that come out for that many rows (columns).
  std::int64_t outputSize(std::int64_t input) const { return (input + 2 * padding_ - size_) / stride_ + 1; }

  // - requires input.channels() == the weights' channels and a border of at least `padding`.
  // - output is resized to the result, with the given border.
  void run(const Tensor& input, Tensor& output, std::int64_t outputBorder, const Parallel& parallel) const;

 private:
  void runPixels(const Tensor& input, Tensor& output, std::int64_t firstPixel, std::int64_t count) const;

  std::int64_t filters_, channels_, size_, stride_, padding_;
  bool relu_;
  // Filters that are computed together: vectorsPerBlock_ registers of them.
  std::int64_t vectorsPerBlock_, blocks_, blockWidth_;
  // Shared by copies: weights don't change.
  std::shared_ptr<const std::vector<float>> weights_;  // (blocks, size, size, channels, blockWidth)
  std::shared_ptr<const std::vector<float>> bias_;     // (blocks, blockWidth)
};

}  // namespace fcn
