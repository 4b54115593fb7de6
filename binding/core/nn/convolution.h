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

// Where a convolution's taps go, and what follows.
struct ConvolutionOptions {
  std::int64_t stride;   // pixels from one output's taps to the next's
  std::int64_t padding;  // zeros around the input
  bool relu;             // max(0, output) in the end
  // Whether it is added to what the output holds already.
  bool add = false;
};

// A convolution on Tensors: no matrix of patches, no other library. Immutable; may be used by many threads.
//
// Each output is computed in a fixed order, so that it does not depend on how the work is cut up, and is the
// same to the bit on every processor with fused multiply-add (x86 from AVX2 on, arm64). Weights are packed
// for the vector instructions that are picked when it is made, which must not change as long as it is used.
class Convolution {
 public:
  virtual ~Convolution() = default;

  // Number of rows (columns) that come out for that many rows (columns).
  std::int64_t outputSize(std::int64_t input) const {
    return (input + 2 * options_.padding - size_) / options_.stride + 1;
  }
  std::int64_t filters() const { return filters_; }
  std::int64_t stride() const { return options_.stride; }
  std::int64_t padding() const { return options_.padding; }

  // Computes whole images.
  // - requires input.channels() == the weights' channels and a border of at least the padding.
  // - output is resized to the result, with the given border.
  // - throws Error(Aborted)
  void run(const Tensor& input, Tensor& output, std::int64_t outputBorder, const Parallel& parallel) const;

  // The same into an output of that size and pixelStride, or a larger one's upper left: what options.add
  // needs.
  // - throws Error(Aborted)
  void runInto(const Tensor& input, Tensor& output, const Parallel& parallel) const;

  // Floats from one output pixel to the next that a Tensor for the result must have.
  virtual std::int64_t outputStride() const = 0;

  // For an image whose rows come from top to bottom: how many rows of outputs can be computed from so many
  // rows, which begin with the first output's taps. A kernel may compute several rows together; these are
  // whole groups of them.
  virtual std::int64_t readyRows(std::int64_t inputRows) const = 0;
  // The same where these are all rows to the end of the image, and padding follows: the rest of the outputs.
  std::int64_t lastRows(std::int64_t inputRows) const {
    const std::int64_t rows = inputRows + options_.padding;
    return rows < size_ ? 0 : (rows - size_) / options_.stride + 1;
  }

  // Rows of an output whose size is set already.
  struct Rows {
    const Tensor& input;
    std::int64_t inputRow;  // where the first of them has its first taps
    Tensor& output;
    std::int64_t outputRow, rows;
  };

  // Computes them, as many columns as input has.
  // - requires what is ready: counted from the first row of the image whole groups, and the last rows
  // together with the end of the input.
  // - throws Error(Aborted)
  virtual void runRows(const Rows& part, const Parallel& parallel) const = 0;

 protected:
  Convolution(const ConvolutionWeights& weights, const ConvolutionOptions& options)
      : filters_(weights.filters), channels_(weights.channels), size_(weights.size), options_(options) {}

  const std::int64_t filters_, channels_, size_;
  const ConvolutionOptions options_;
};

// All taps of an output one after another: its bias, then by row, column and channel.
std::shared_ptr<const Convolution> makeDirectConvolution(const ConvolutionWeights& weights,
                                                         const ConvolutionOptions& options);

// With fewer multiplications (winograd_points.h): in tiles of `outputs` x `outputs` pixels, from the inputs'
// values at some points in each direction. A stride takes every so many rows and columns for an image of its
// own, whose products are summed before the outputs are read off.
//
// The error is larger than a direct sum's: relative to the outputs' spread (root of the mean square; the
// largest of millions) 2e-7 and 8e-7 with 4 points, 1e-6 and 1e-5 with 6, 2e-6 and 2e-5 with 8; directly,
// 2e-7 and 1.3e-6.
//
// - outputs: of ceil(size / stride) taps, one of those that transformOutput has (kernels.h).
std::shared_ptr<const Convolution> makeWinogradConvolution(const ConvolutionWeights& weights,
                                                           const ConvolutionOptions& options,
                                                           std::int64_t outputs);

// That where it is the faster way, which is wherever vectors have fused multiply-adds (measured: not with
// SSE4), else the direct one; and for outputs == 1.
std::shared_ptr<const Convolution> makeConvolution(const ConvolutionWeights& weights,
                                                   const ConvolutionOptions& options, std::int64_t outputs);

}  // namespace fcn
