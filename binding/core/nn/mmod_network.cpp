#include "mmod_network.h"

#include <algorithm>

namespace fcn {
namespace {

// A convolution with one filter would use one lane of each register. Taken as size * size filters of one tap
// each, it fills them: filter (row, column) holds the weights of that tap, and the outputs are sums of
// neighbours' filters.
ConvolutionWeights tapsAsFilters(const ConvolutionWeights& weights) {
  const std::int64_t taps = weights.size * weights.size;
  ConvolutionWeights spread{taps, weights.channels, 1, {}, std::vector<float>(taps, 0.0F)};
  for (std::int64_t tap = 0; tap < taps; ++tap) {
    for (std::int64_t channel = 0; channel < weights.channels; ++channel) {
      spread.values.push_back(weights.values[channel * taps + tap]);
    }
  }
  return spread;
}

class DirectMmod final : public MmodNetwork {
 public:
  explicit DirectMmod(const std::vector<ConvolutionWeights>& weights)
      : last_(tapsAsFilters(weights[6]), 1, 0, false),
        lastSize_(weights[6].size),
        lastBias_(weights[6].bias[0]) {
    for (std::int64_t i = 0; i < 6; ++i) layers_.emplace_back(weights[i], i < 3 ? 2 : 1, i < 3 ? 0 : 2, true);
  }

  std::unique_ptr<MmodNetwork> clone() const override { return std::make_unique<DirectMmod>(*this); }

  void forward(const Tensor& image, std::vector<float>& scores, const Parallel& parallel) override {
    const Tensor* input = &image;
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      const bool nextIsPadded = i >= 2 && i + 1 < layers_.size();
      layers_[i].run(*input, to_, nextIsPadded ? 2 : 0, parallel);
      std::swap(from_, to_);
      input = &from_;
    }
    last_.run(from_, to_, 0, parallel);
    sumTaps(to_, scores);
  }

 private:
  // The sum over the taps of the last convolution, in their order; those outside of the image are zero.
  void sumTaps(const Tensor& taps, std::vector<float>& scores) const {
    const std::int64_t rows = taps.rows(), columns = taps.columns(), reach = lastSize_ / 2;
    scores.assign(rows * columns, lastBias_);
    for (std::int64_t row = 0; row < rows; ++row) {
      float* out = scores.data() + row * columns;
      for (std::int64_t y = std::max(std::int64_t{0}, reach - row);
           y < std::min(lastSize_, rows - row + reach); ++y) {
        for (std::int64_t x = 0; x < lastSize_; ++x) {
          const std::int64_t first = std::max(std::int64_t{0}, reach - x),
                             last = std::min(columns, columns - x + reach);
          if (first >= last) continue;
          const float* tap = taps.at(0, row + y - reach, first + x - reach) + y * lastSize_ + x;
          for (std::int64_t column = first; column < last; ++column, tap += taps.pixelStride())
            out[column] += *tap;
        }
      }
    }
  }

  std::vector<Convolution> layers_;
  Convolution last_;
  std::int64_t lastSize_;
  float lastBias_;
  Tensor from_, to_;  // scratch
};

}  // namespace

std::unique_ptr<MmodNetwork> makeMmodNetwork(const std::vector<ConvolutionWeights>& weights) {
  return std::make_unique<DirectMmod>(weights);
}

}  // namespace fcn
