#include "encoder_network.h"

#include <algorithm>
#include <array>
#include <memory>

#include "convolution.h"
#include "kernels.h"

namespace fcn {
namespace {

// Zeros around each map: what tiles at the edges reach over it, at the most.
constexpr std::int64_t kBorder = 2;

// Largest of each 3 x 3 pixels, two pixels apart.
void maxPool(const Tensor& input, Tensor& output, const Parallel& parallel) {
  const std::int64_t rows = (input.rows() - 3) / 2 + 1, columns = (input.columns() - 3) / 2 + 1;
  const std::int64_t channels = input.pixelStride();
  output.resize(input.images(), rows, columns, input.channels(), channels, kBorder);
  parallel.forEach(input.images(), [&](std::size_t image) {
    const std::int64_t i = static_cast<std::int64_t>(image);
    std::vector<float> ofColumns(input.columns() * channels);
    for (std::int64_t row = 0; row < rows; ++row) {
      largestOfThree(input.at(i, 2 * row, 0), input.at(i, 2 * row + 1, 0), input.at(i, 2 * row + 2, 0),
                     input.columns() * channels, ofColumns.data());
      for (std::int64_t column = 0; column < columns; ++column) {
        const float* first = ofColumns.data() + 2 * column * channels;
        largestOfThree(first, first + channels, first + 2 * channels, channels, output.at(i, row, column));
      }
    }
  });
}

// Mean of each 2 x 2 pixels, and as many channels of zeros more as `channels` asks for.
void averagePool(const Tensor& input, Tensor& output, std::int64_t channels) {
  const std::int64_t rows = input.rows() / 2, columns = input.columns() / 2;
  output.resize(input.images(), rows, columns, channels, channels, kBorder);
  for (std::int64_t image = 0; image < input.images(); ++image) {
    for (std::int64_t row = 0; row < rows; ++row) {
      for (std::int64_t column = 0; column < columns; ++column) {
        const float* a = input.at(image, 2 * row, 2 * column);
        const float* b = input.at(image, 2 * row, 2 * column + 1);
        const float* c = input.at(image, 2 * row + 1, 2 * column);
        const float* d = input.at(image, 2 * row + 1, 2 * column + 1);
        float* out = output.at(image, row, column);
        for (std::int64_t i = 0; i < input.channels(); ++i) out[i] = (a[i] + b[i] + c[i] + d[i]) / 4;
        std::fill(out + input.channels(), out + channels, 0.0F);
      }
    }
  }
}

// Mean of all pixels of each image, as an image of one pixel.
void averageAll(const Tensor& input, Tensor& output) {
  output.resize(input.images(), 1, 1, input.channels(), input.channels(), 0);
  for (std::int64_t image = 0; image < input.images(); ++image) {
    float* out = output.at(image, 0, 0);
    std::fill_n(out, input.channels(), 0.0F);
    for (std::int64_t row = 0; row < input.rows(); ++row) {
      for (std::int64_t column = 0; column < input.columns(); ++column) {
        const float* in = input.at(image, row, column);
        for (std::int64_t i = 0; i < input.channels(); ++i) out[i] += in[i];
      }
    }
    const float count = static_cast<float>(input.rows() * input.columns());
    for (std::int64_t i = 0; i < input.channels(); ++i) out[i] /= count;
  }
}

// Two convolutions, whose result is added to what goes around them: the input itself, or its 2 x 2 means
// where the unit halves the image. The means can have a row and a column more than the convolutions' result,
// which dlib's add_prev takes for zero there: 4 x 4 pixels meet 3 x 3.
struct Unit {
  std::shared_ptr<const Convolution> first, second;
  bool halving;
};

// Of 3 x 3 taps on a single pixel, padded with zeros, all but the one in the middle see zeros.
ConvolutionWeights middleTap(const ConvolutionWeights& weights) {
  ConvolutionWeights middle{weights.filters, weights.channels, 1, {}, weights.bias};
  const std::int64_t taps = weights.size * weights.size;
  for (std::int64_t i = 0; i < weights.filters * weights.channels; ++i) {
    middle.values.push_back(weights.values[i * taps + taps / 2]);
  }
  return middle;
}

class FoldedEncoder final : public EncoderNetwork {
 public:
  FoldedEncoder(std::vector<ConvolutionWeights> weights, const std::array<float, 3>& means) : means_(means) {
    // Each is let go when its convolution is made, so that there is no second copy of them all.
    std::size_t next = 0;
    const auto take = [&] { return std::move(weights[next++]); };
    stem_ = makeConvolution(take(), {2, 0, true}, 5);
    for (const Group& group : kGroups) {
      for (std::int64_t i = 0; i < group.units; ++i) {
        const bool halving = group.halving && i == 0;
        const ConvolutionOptions first{halving ? 2 : 1, halving ? 0 : 1, true}, second{1, 1, true, true};
        Unit unit{makeConvolution(take(), first, halving ? 1 : group.outputs), nullptr, halving};
        unit.second = group.onePixel ? makeDirectConvolution(middleTap(take()), {1, 0, true, true})
                                     : makeConvolution(take(), second, group.outputs);
        units_.push_back(std::move(unit));
      }
    }
    head_ = makeDirectConvolution(take(), {1, 0, false});
  }

  std::unique_ptr<EncoderNetwork> clone() const override { return std::make_unique<FoldedEncoder>(*this); }

  void forward(const FaceChip* chips, std::size_t count, std::vector<float>& encodings,
               const Parallel& parallel) override {
    load(chips, static_cast<std::int64_t>(count));
    stem_->run(current_, next_, 0, parallel);
    maxPool(next_, current_, parallel);
    for (const Unit& unit : units_) {
      unit.first->run(current_, next_, kBorder, parallel);
      if (unit.halving) {
        averagePool(current_, around_, unit.second->filters());
        std::swap(current_, around_);
      }
      unit.second->runInto(next_, current_, parallel);
    }
    averageAll(current_, next_);
    head_->run(next_, current_, 0, parallel);
    encodings.clear();
    for (std::int64_t image = 0; image < current_.images(); ++image) {
      const float* values = current_.at(image, 0, 0);
      encodings.insert(encodings.end(), values, values + kEncodingLength);
    }
  }

 private:
  // Units whose maps are of one size. All groups but the first begin with one that halves it. Tiles as
  // measured best, for a face alone and for 16; larger ones of the 256 channels would need 47 MB of weights.
  struct Group {
    std::int64_t units;
    bool halving;
    std::int64_t outputs;  // of a tile, see makeConvolution
    bool onePixel;         // is what the first convolution leaves
  };
  static constexpr Group kGroups[] = {{3, false, 6, false},
                                      {4, true, 6, false},
                                      {3, true, 4, false},
                                      {3, true, 2, false},
                                      {1, true, 1, true}};

  void load(const FaceChip* chips, std::int64_t count) {
    current_.resize(count, kChipSize, kChipSize, 3, 3, 0);
    for (std::int64_t image = 0; image < count; ++image) {
      float* out = current_.at(image, 0, 0);
      for (const dlib::rgb_pixel& pixel : chips[image]) {
        *out++ = (static_cast<float>(pixel.red) - means_[0]) / 256;
        *out++ = (static_cast<float>(pixel.green) - means_[1]) / 256;
        *out++ = (static_cast<float>(pixel.blue) - means_[2]) / 256;
      }
    }
  }

  std::shared_ptr<const Convolution> stem_;
  std::vector<Unit> units_;
  std::shared_ptr<const Convolution> head_;
  std::array<float, 3> means_;
  Tensor current_, next_, around_;  // scratch
};

}  // namespace

std::unique_ptr<EncoderNetwork> makeEncoderNetwork(std::vector<ConvolutionWeights> weights,
                                                   const std::array<float, 3>& means) {
  return std::make_unique<FoldedEncoder>(std::move(weights), means);
}

}  // namespace fcn
