#include <algorithm>
#include <functional>

#include "convolution.h"
#include "kernels.h"

namespace fcn {
namespace {

// Pixels whose sums are taken further together, so that a row of taps' weights is loaded into the first-level
// cache once for all of them.
constexpr std::int64_t kPixelsAtOnce = 96;
// How many of those make a task for a thread: some tens of microseconds in the smallest layers.
constexpr std::int64_t kPiecesPerTask = 2;
// Floats of weights that stay in a first-level cache of 32 KB beside the inputs.
constexpr std::int64_t kCachedWeights = 6000;

class DirectConvolution final : public Convolution {
 public:
  DirectConvolution(const ConvolutionWeights& weights, const ConvolutionOptions& options)
      : Convolution(weights, options),
        block_(chooseFilterBlock(filters_)),
        blocks_((filters_ + block_.width - 1) / block_.width),
        weights_(blocks_ * size_ * size_ * channels_ * block_.width),
        bias_(blocks_ * block_.width) {
    const std::int64_t taps = size_ * size_;
    for (std::int64_t filter = 0; filter < filters_; ++filter) {
      const std::int64_t block = filter / block_.width, lane = filter % block_.width;
      bias_[filter] = weights.bias[filter];
      for (std::int64_t channel = 0; channel < channels_; ++channel) {
        for (std::int64_t tap = 0; tap < taps; ++tap) {
          weights_[((block * taps + tap) * channels_ + channel) * block_.width + lane] =
              weights.values[(filter * channels_ + channel) * taps + tap];
        }
      }
    }
  }

  std::int64_t outputStride() const override { return blocks_ * block_.width; }
  std::int64_t readyRows(std::int64_t inputRows) const override {
    return inputRows < size_ ? 0 : (inputRows - size_) / options_.stride + 1;
  }

  void runRows(const Rows& part, const Parallel& parallel) const override {
    const std::int64_t total = part.input.images() * part.rows * outputSize(part.input.columns());
    const std::int64_t pieces = (total + kPixelsAtOnce - 1) / kPixelsAtOnce;
    parallel.forEach(pieces, kPiecesPerTask, [&](std::size_t piece) {
      const std::int64_t pixel = static_cast<std::int64_t>(piece) * kPixelsAtOnce;
      runPixels(part, pixel, std::min(kPixelsAtOnce, total - pixel));
    });
  }

 private:
  // The output pixels [firstPixel, firstPixel + count) of those rows, counted image by image and row by row.
  void runPixels(const Rows& part, std::int64_t firstPixel, std::int64_t count) const {
    const Tensor& input = part.input;
    Tensor& output = part.output;
    // Where the pixels of a run of taps touch, they are one run.
    const bool touching = input.pixelStride() == channels_;
    SumTaps taps{};
    taps.runs = touching ? 1 : size_;
    taps.length = touching ? size_ * channels_ : channels_;
    taps.rowStep = input.rowStride();
    taps.runStep = input.pixelStride();

    const std::int64_t columns = outputSize(input.columns());
    const float* inputs[kPixelsAtOnce];
    float* outputs[kPixelsAtOnce];
    // Row by row: divisions for each pixel would take as long as the convolution of one with three channels.
    std::int64_t column = firstPixel % columns, row = firstPixel / columns;
    for (std::int64_t i = 0; i < count; ++row, column = 0) {
      const std::int64_t image = row / part.rows, rowOfImage = row % part.rows;
      const float* in = input.at(image, part.inputRow + rowOfImage * options_.stride,
                                 column * options_.stride - options_.padding);
      float* out = output.at(image, part.outputRow + rowOfImage, column);
      for (; i < count && column < columns; ++i, ++column) {
        inputs[i] = in;
        outputs[i] = out;
        in += options_.stride * input.pixelStride();
        out += output.pixelStride();
      }
    }

    const std::int64_t rowWeights = size_ * channels_ * block_.width;
    const std::int64_t rowsAtOnce = std::clamp(kCachedWeights / rowWeights, std::int64_t{1}, size_);
    const float* shifted[kPixelsAtOnce];
    float* blockOutputs[kPixelsAtOnce];
    for (std::int64_t block = 0; block < blocks_; ++block) {
      for (std::int64_t i = 0; i < count; ++i) blockOutputs[i] = outputs[i] + block * block_.width;
      const float* bias = bias_.data() + block * block_.width;
      if (options_.add) {
        for (std::int64_t i = 0; i < count; ++i) {
          std::transform(bias, bias + block_.width, blockOutputs[i], blockOutputs[i], std::plus<>());
        }
        bias = nullptr;
      }
      for (std::int64_t tapRow = 0; tapRow < size_; tapRow += rowsAtOnce) {
        taps.rows = std::min(rowsAtOnce, size_ - tapRow);
        for (std::int64_t i = 0; i < count; ++i) shifted[i] = inputs[i] + tapRow * taps.rowStep;
        addTaps(block_, shifted, blockOutputs, count, weights_.data() + (block * size_ + tapRow) * rowWeights,
                tapRow == 0 ? bias : nullptr, taps, tapRow + taps.rows == size_ && options_.relu);
      }
    }
  }

  const FilterBlock block_;
  const std::int64_t blocks_;
  std::vector<float> weights_;  // (blocks, size, size, channels, width)
  std::vector<float> bias_;     // (blocks, width)
};

}  // namespace

void Convolution::run(const Tensor& input, Tensor& output, std::int64_t outputBorder,
                      const Parallel& parallel) const {
  output.resize(input.images(), outputSize(input.rows()), outputSize(input.columns()), filters_,
                outputStride(), outputBorder);
  runInto(input, output, parallel);
}

void Convolution::runInto(const Tensor& input, Tensor& output, const Parallel& parallel) const {
  runRows({input, -options_.padding, output, 0, outputSize(input.rows())}, parallel);
}

std::shared_ptr<const Convolution> makeDirectConvolution(const ConvolutionWeights& weights,
                                                         const ConvolutionOptions& options) {
  return std::make_shared<DirectConvolution>(weights, options);
}

}  // namespace fcn
