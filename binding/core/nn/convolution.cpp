#include "convolution.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/convolution.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace fcn {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Floats = hn::ScalableTag<float>;

#if HWY_TARGET <= HWY_AVX3 || HWY_ARCH_ARM_A64
constexpr bool kManyRegisters = true;  // 32
#else
constexpr bool kManyRegisters = false;  // 16
#endif

// The sums of a tile of pixels x vectors of filters stay in registers, beside one vector of each filter's
// weights and one broadcast input: pixels * vectors + vectors + 1 registers.
constexpr std::int64_t kMaxVectors = kManyRegisters ? 4 : 3;
constexpr std::int64_t pixelsPerTile(std::int64_t vectors) {
  return kManyRegisters ? (vectors == 4 ? 6 : 8) : (vectors == 3 ? 4 : 6);
}

// Clang would load the next pixel before this one is used, for which there is no register left: it then keeps
// a sum in memory, and the network takes half as long again.
#ifdef __clang__
#define FCN_ONE_PIXEL_AT_A_TIME asm volatile("" ::: "memory")
#else
#define FCN_ONE_PIXEL_AT_A_TIME
#endif

// Adds `taps` to the sums of `Pixels` pixels x `Vectors` vectors of filters.
// - first: start from the bias instead of what the outputs hold. last: apply ReLU if asked to.
template <std::int64_t Vectors, std::int64_t Pixels>
HWY_INLINE void tile(const float* const* inputs, float* const* outputs, const float* HWY_RESTRICT weights,
                     const float* HWY_RESTRICT bias, const ConvolutionTaps& taps, bool first, bool relu) {
  const Floats d;
  const std::int64_t lanes = static_cast<std::int64_t>(hn::Lanes(d));
  hn::Vec<Floats> sums[Pixels][Vectors];
  const float* pixel[Pixels];
#pragma GCC unroll 8
  for (std::int64_t p = 0; p < Pixels; ++p) {
    pixel[p] = inputs[p];
#pragma GCC unroll 4
    for (std::int64_t v = 0; v < Vectors; ++v)
      sums[p][v] = hn::LoadU(d, (first ? bias : outputs[p]) + v * lanes);
  }

  for (std::int64_t row = 0; row < taps.rows; ++row) {
    for (std::int64_t run = 0; run < taps.runs; ++run) {
      const std::int64_t start = row * taps.rowStep + run * taps.runStep;
      for (std::int64_t i = start; i < start + taps.length; ++i) {
        hn::Vec<Floats> weight[Vectors];
#pragma GCC unroll 4
        for (std::int64_t v = 0; v < Vectors; ++v) weight[v] = hn::LoadU(d, weights + v * lanes);
        weights += Vectors * lanes;
#pragma GCC unroll 8
        for (std::int64_t p = 0; p < Pixels; ++p) {
          FCN_ONE_PIXEL_AT_A_TIME;
          const auto input = hn::Set(d, pixel[p][i]);
#pragma GCC unroll 4
          for (std::int64_t v = 0; v < Vectors; ++v) sums[p][v] = hn::MulAdd(input, weight[v], sums[p][v]);
        }
      }
    }
  }

  const auto zero = hn::Zero(d);
#pragma GCC unroll 8
  for (std::int64_t p = 0; p < Pixels; ++p) {
#pragma GCC unroll 4
    for (std::int64_t v = 0; v < Vectors; ++v) {
      hn::StoreU(relu ? hn::Max(sums[p][v], zero) : sums[p][v], d, outputs[p] + v * lanes);
    }
  }
}

// `count` pixels, for one block of filters.
template <std::int64_t Vectors>
void pixels(const float* const* inputs, float* const* outputs, std::int64_t count, const float* weights,
            const float* bias, const ConvolutionTaps& taps, bool first, bool relu) {
  constexpr std::int64_t kTile = pixelsPerTile(Vectors);
  std::int64_t p = 0;
  for (; p + kTile <= count; p += kTile) {
    tile<Vectors, kTile>(inputs + p, outputs + p, weights, bias, taps, first, relu);
  }
  for (; p + 2 <= count; p += 2) {
    tile<Vectors, 2>(inputs + p, outputs + p, weights, bias, taps, first, relu);
  }
  if (p < count) tile<Vectors, 1>(inputs + p, outputs + p, weights, bias, taps, first, relu);
}

void addTaps(std::int64_t vectors, const float* const* inputs, float* const* outputs, std::int64_t count,
             const float* weights, const float* bias, const ConvolutionTaps& taps, bool first, bool relu) {
  switch (vectors) {
    case 1:
      return pixels<1>(inputs, outputs, count, weights, bias, taps, first, relu);
    case 2:
      return pixels<2>(inputs, outputs, count, weights, bias, taps, first, relu);
    case 3:
      return pixels<3>(inputs, outputs, count, weights, bias, taps, first, relu);
    default:
#if HWY_TARGET <= HWY_AVX3 || HWY_ARCH_ARM_A64
      return pixels<4>(inputs, outputs, count, weights, bias, taps, first, relu);
#else
      return;                           // see kMaxVectors
#endif
  }
}

// How a number of filters is best cut into blocks: as few filters of padding as possible, then as wide as
// possible. With few registers, a tile of one vector has too few sums under way to keep the processor busy,
// and counts twice.
void chooseBlock(std::int64_t filters, std::int64_t* vectorsPerBlock, std::int64_t* blockWidth) {
  const std::int64_t lanes = static_cast<std::int64_t>(hn::Lanes(Floats()));
  std::int64_t best = -1;
  for (std::int64_t vectors = kMaxVectors; vectors >= 1; --vectors) {
    const std::int64_t width = vectors * lanes;
    const std::int64_t cost =
        (filters + width - 1) / width * width * (vectors == 1 && !kManyRegisters ? 2 : 1);
    if (best != -1 && cost >= best) continue;
    best = cost;
    *vectorsPerBlock = vectors;
    *blockWidth = width;
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace fcn
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fcn {
namespace {

HWY_EXPORT(addTaps);
HWY_EXPORT(chooseBlock);

// Pixels whose sums are taken further together, so that a row of taps' weights is loaded into the first-level
// cache once for all of them.
constexpr std::int64_t kPixelsAtOnce = 96;
// How many of those make a task for a thread: some tens of microseconds in the smallest layers.
constexpr std::int64_t kPiecesPerTask = 2;
// Floats of weights that stay in a first-level cache of 32 KB beside the inputs.
constexpr std::int64_t kCachedWeights = 6000;

}  // namespace

Convolution::Convolution(const ConvolutionWeights& weights, std::int64_t stride, std::int64_t padding,
                         bool relu)
    : filters_(weights.filters),
      channels_(weights.channels),
      size_(weights.size),
      stride_(stride),
      padding_(padding),
      relu_(relu) {
  HWY_DYNAMIC_DISPATCH(chooseBlock)(filters_, &vectorsPerBlock_, &blockWidth_);
  blocks_ = (filters_ + blockWidth_ - 1) / blockWidth_;

  const std::int64_t taps = size_ * size_;
  auto packed = std::make_shared<std::vector<float>>(blocks_ * taps * channels_ * blockWidth_);
  auto bias = std::make_shared<std::vector<float>>(blocks_ * blockWidth_);
  for (std::int64_t filter = 0; filter < filters_; ++filter) {
    const std::int64_t block = filter / blockWidth_, lane = filter % blockWidth_;
    (*bias)[filter] = weights.bias[filter];
    for (std::int64_t channel = 0; channel < channels_; ++channel) {
      for (std::int64_t tap = 0; tap < taps; ++tap) {
        (*packed)[((block * taps + tap) * channels_ + channel) * blockWidth_ + lane] =
            weights.values[(filter * channels_ + channel) * taps + tap];
      }
    }
  }
  weights_ = std::move(packed);
  bias_ = std::move(bias);
}

void Convolution::run(const Tensor& input, Tensor& output, std::int64_t outputBorder,
                      const Parallel& parallel) const {
  const std::int64_t rows = outputSize(input.rows()), columns = outputSize(input.columns());
  output.resize(input.images(), rows, columns, filters_, blocks_ * blockWidth_, outputBorder);
  const std::int64_t total = input.images() * rows * columns;
  const std::int64_t pieces = (total + kPixelsAtOnce - 1) / kPixelsAtOnce;
  parallel.forEach(pieces, kPiecesPerTask, [&](std::size_t piece) {
    const std::int64_t pixel = static_cast<std::int64_t>(piece) * kPixelsAtOnce;
    runPixels(input, output, pixel, std::min(kPixelsAtOnce, total - pixel));
  });
}

// The output pixels [firstPixel, firstPixel + count) of the batch, counted image by image and row by row.
void Convolution::runPixels(const Tensor& input, Tensor& output, std::int64_t firstPixel,
                            std::int64_t count) const {
  // Where the pixels of a run of taps touch, they are one run.
  const bool touching = input.pixelStride() == channels_;
  ConvolutionTaps taps{};
  taps.runs = touching ? 1 : size_;
  taps.length = touching ? size_ * channels_ : channels_;
  taps.rowStep = input.rowStride();
  taps.runStep = input.pixelStride();

  const std::int64_t rows = output.rows(), columns = output.columns();
  const float* inputs[kPixelsAtOnce];
  float* outputs[kPixelsAtOnce];
  // Row by row: divisions for each pixel would take as long as the convolution of one with three channels.
  std::int64_t column = firstPixel % columns, row = firstPixel / columns;
  for (std::int64_t i = 0; i < count; ++row, column = 0) {
    const std::int64_t image = row / rows, rowOfImage = row % rows;
    const float* in = input.at(image, rowOfImage * stride_ - padding_, column * stride_ - padding_);
    float* out = output.at(image, rowOfImage, column);
    for (; i < count && column < columns; ++i, ++column) {
      inputs[i] = in;
      outputs[i] = out;
      in += stride_ * input.pixelStride();
      out += output.pixelStride();
    }
  }

  const std::int64_t rowWeights = size_ * channels_ * blockWidth_;
  const std::int64_t rowsAtOnce = std::clamp(kCachedWeights / rowWeights, std::int64_t{1}, size_);
  const float* shifted[kPixelsAtOnce];
  float* blockOutputs[kPixelsAtOnce];
  for (std::int64_t block = 0; block < blocks_; ++block) {
    for (std::int64_t i = 0; i < count; ++i) blockOutputs[i] = outputs[i] + block * blockWidth_;
    for (std::int64_t tapRow = 0; tapRow < size_; tapRow += rowsAtOnce) {
      taps.rows = std::min(rowsAtOnce, size_ - tapRow);
      for (std::int64_t i = 0; i < count; ++i) shifted[i] = inputs[i] + tapRow * taps.rowStep;
      const bool last = tapRow + taps.rows == size_;
      HWY_DYNAMIC_DISPATCH(addTaps)
      (vectorsPerBlock_, shifted, blockOutputs, count,
       weights_->data() + (block * size_ + tapRow) * rowWeights, bias_->data() + block * blockWidth_, taps,
       tapRow == 0, last && relu_);
    }
  }
}

}  // namespace fcn
#endif  // HWY_ONCE
