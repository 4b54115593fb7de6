#include "mmod_network.h"

#include <algorithm>

#include "convolution.h"

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

// The rows of a layer's input that are there and still needed: they come in at the bottom, and leave at the
// top when no further output depends on them.
struct Window {
  Tensor rows;
  std::int64_t next;  // where the taps of the next output begin
};

class FoldedMmod final : public MmodNetwork {
 public:
  explicit FoldedMmod(const std::vector<ConvolutionWeights>& weights)
      : lastSize_(weights[6].size), lastBias_(weights[6].bias[0]) {
    for (std::int64_t i = 0; i < 3; ++i)
      layers_.push_back(makeConvolution(weights[i], {2, 0, true}, kOutputs[i]));
    for (std::int64_t i = 3; i < 6; ++i)
      layers_.push_back(makeConvolution(weights[i], {1, 2, true}, kOutputs[i]));
    layers_.push_back(makeDirectConvolution(tapsAsFilters(weights[6]), {1, 0, false}));
    windows_.resize(layers_.size() + 1);
  }

  std::unique_ptr<MmodNetwork> clone() const override { return std::make_unique<FoldedMmod>(*this); }

  void start(std::int64_t columns) override {
    begin(windows_[0], columns, 3, 3, 0);
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      const Convolution& layer = *layers_[i];
      columns = layer.outputSize(columns);
      const std::int64_t padding = i + 1 < layers_.size() ? layers_[i + 1]->padding() : lastSize_ / 2;
      begin(windows_[i + 1], columns, layer.filters(), layer.outputStride(), padding);
    }
  }

  Tensor& addRows(std::int64_t rows) override {
    windows_[0].rows.addRows(rows);
    return windows_[0].rows;
  }

  void forward(bool last, std::vector<float>& scores, const Parallel& parallel) override {
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      const Convolution& layer = *layers_[i];
      Window& from = windows_[i];
      Tensor& to = windows_[i + 1].rows;
      const std::int64_t there = from.rows.rows() - from.next;
      const std::int64_t ready = last ? layer.lastRows(there) : layer.readyRows(there);
      to.addRows(ready);
      layer.runRows({from.rows, from.next, to, to.rows() - ready, ready}, parallel);
      advance(from, ready * layer.stride());
    }
    Window& taps = windows_.back();
    const std::int64_t below = last ? lastSize_ / 2 : 0;
    const std::int64_t ready =
        std::max(taps.rows.rows() + below - taps.next - lastSize_ + 1, std::int64_t{0});
    sumTaps(taps, ready, scores);
    advance(taps, ready);
  }

 private:
  // Outputs of a tile of each layer (convolution.h), as measured best.
  static constexpr std::int64_t kOutputs[] = {6, 6, 6, 4, 4, 4};

  static void begin(Window& window, std::int64_t columns, std::int64_t channels, std::int64_t pixelStride,
                    std::int64_t padding) {
    window.rows.resize(1, 0, columns, channels, pixelStride, padding);
    window.next = -padding;
  }

  static void advance(Window& window, std::int64_t rows) {
    window.next += rows;
    const std::int64_t done = std::clamp(window.next, std::int64_t{0}, window.rows.rows());
    window.rows.dropRows(done);
    window.next -= done;
  }

  // The sums over the taps of the last convolution, in their order; those outside of the image are zero.
  void sumTaps(const Window& window, std::int64_t rows, std::vector<float>& scores) const {
    const Tensor& taps = window.rows;
    const std::int64_t columns = taps.columns(), reach = lastSize_ / 2;
    scores.assign(rows * columns, lastBias_);
    for (std::int64_t row = 0; row < rows; ++row) {
      float* out = scores.data() + row * columns;
      for (std::int64_t y = 0; y < lastSize_; ++y) {
        for (std::int64_t x = 0; x < lastSize_; ++x) {
          const float* tap = taps.at(0, window.next + row + y, x - reach) + y * lastSize_ + x;
          for (std::int64_t column = 0; column < columns; ++column, tap += taps.pixelStride())
            out[column] += *tap;
        }
      }
    }
  }

  std::vector<std::shared_ptr<const Convolution>> layers_;  // the last one's taps as filters
  std::int64_t lastSize_;
  float lastBias_;
  std::vector<Window> windows_;  // each layer's input, and the last one's output
};

}  // namespace

std::unique_ptr<MmodNetwork> makeMmodNetwork(const std::vector<ConvolutionWeights>& weights) {
  return std::make_unique<FoldedMmod>(weights);
}

}  // namespace fcn
