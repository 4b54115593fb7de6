#include "encoder_network.h"

#include <algorithm>
#include <array>

namespace fcn {
namespace {

// Largest of each 3 x 3 pixels, two pixels apart.
void maxPool(const Tensor& input, Tensor& output, std::int64_t border) {
  const std::int64_t rows = (input.rows() - 3) / 2 + 1, columns = (input.columns() - 3) / 2 + 1;
  output.resize(input.images(), rows, columns, input.channels(), input.channels(), border);
  for (std::int64_t image = 0; image < input.images(); ++image) {
    for (std::int64_t row = 0; row < rows; ++row) {
      for (std::int64_t column = 0; column < columns; ++column) {
        float* out = output.at(image, row, column);
        std::copy_n(input.at(image, 2 * row, 2 * column), input.channels(), out);
        for (std::int64_t y = 0; y < 3; ++y) {
          for (std::int64_t x = 0; x < 3; ++x) {
            const float* in = input.at(image, 2 * row + y, 2 * column + x);
            for (std::int64_t channel = 0; channel < input.channels(); ++channel) {
              out[channel] = std::max(out[channel], in[channel]);
            }
          }
        }
      }
    }
  }
}

// Mean of each 2 x 2 pixels.
void averagePool(const Tensor& input, Tensor& output) {
  const std::int64_t rows = input.rows() / 2, columns = input.columns() / 2;
  output.resize(input.images(), rows, columns, input.channels(), input.channels(), 0);
  for (std::int64_t image = 0; image < input.images(); ++image) {
    for (std::int64_t row = 0; row < rows; ++row) {
      for (std::int64_t column = 0; column < columns; ++column) {
        const float* a = input.at(image, 2 * row, 2 * column);
        const float* b = input.at(image, 2 * row, 2 * column + 1);
        const float* c = input.at(image, 2 * row + 1, 2 * column);
        const float* d = input.at(image, 2 * row + 1, 2 * column + 1);
        float* out = output.at(image, row, column);
        for (std::int64_t i = 0; i < input.channels(); ++i) out[i] = (a[i] + b[i] + c[i] + d[i]) / 4;
      }
    }
  }
}

// output = max(0, a + b), as large as the larger of the two in every direction; what the smaller one lacks
// counts as zero. dlib's add_prev does that, and the networks need it: 4 x 4 pixels of the pool meet 3 x 3 of
// the convolution.
void addAndRectify(const Tensor& a, const Tensor& b, Tensor& output, std::int64_t border) {
  const std::int64_t rows = std::max(a.rows(), b.rows()), columns = std::max(a.columns(), b.columns());
  const std::int64_t channels = std::max(a.channels(), b.channels());
  output.resize(a.images(), rows, columns, channels, channels, border);
  const auto add = [](const Tensor& from, std::int64_t image, std::int64_t row, std::int64_t column,
                      float* out) {
    if (row >= from.rows() || column >= from.columns()) return;
    const float* in = from.at(image, row, column);
    for (std::int64_t i = 0; i < from.channels(); ++i) out[i] += in[i];
  };
  for (std::int64_t image = 0; image < a.images(); ++image) {
    for (std::int64_t row = 0; row < rows; ++row) {
      for (std::int64_t column = 0; column < columns; ++column) {
        float* out = output.at(image, row, column);
        std::fill_n(out, channels, 0.0F);
        add(a, image, row, column, out);
        add(b, image, row, column, out);
        for (std::int64_t i = 0; i < channels; ++i) out[i] = std::max(out[i], 0.0F);
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

// Two convolutions and what goes around them: the input itself, or its 2 x 2 means where the unit halves the
// image.
struct Unit {
  Convolution first, second;
  bool halving;
};

class DirectEncoder final : public EncoderNetwork {
 public:
  DirectEncoder(const std::vector<ConvolutionWeights>& weights, const std::array<float, 3>& means)
      : stem_(weights[0], 2, 0, true), head_(weights[29], 1, 0, false), means_(means) {
    // Units in groups of 3, 4, 3, 3 and 1; all groups but the first begin with a halving one.
    constexpr bool kHalving[] = {false, false, false, true, false, false, false,
                                 true,  false, false, true, false, false, true};
    for (std::int64_t i = 0; i < 14; ++i) {
      units_.push_back({Convolution(weights[1 + 2 * i], kHalving[i] ? 2 : 1, kHalving[i] ? 0 : 1, true),
                        Convolution(weights[2 + 2 * i], 1, 1, false), kHalving[i]});
    }
  }

  std::unique_ptr<EncoderNetwork> clone() const override { return std::make_unique<DirectEncoder>(*this); }

  void forward(const FaceChip* chips, std::size_t count, std::vector<float>& encodings,
               const Parallel& parallel) override {
    load(chips, static_cast<std::int64_t>(count));
    stem_.run(current_, next_, 0, parallel);
    maxPool(next_, current_, 1);
    for (const Unit& unit : units_) {
      unit.first.run(current_, next_, 1, parallel);
      unit.second.run(next_, inner_, 0, parallel);
      if (unit.halving) averagePool(current_, around_);
      addAndRectify(inner_, unit.halving ? around_ : current_, next_, 1);
      std::swap(current_, next_);
    }
    averageAll(current_, next_);
    head_.run(next_, current_, 0, parallel);
    encodings.clear();
    for (std::int64_t image = 0; image < current_.images(); ++image) {
      const float* values = current_.at(image, 0, 0);
      encodings.insert(encodings.end(), values, values + kEncodingLength);
    }
  }

 private:
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

  Convolution stem_;
  std::vector<Unit> units_;
  Convolution head_;
  std::array<float, 3> means_;
  Tensor current_, next_, inner_, around_;  // scratch
};

}  // namespace

std::unique_ptr<EncoderNetwork> makeEncoderNetwork(const std::vector<ConvolutionWeights>& weights,
                                                   float meanRed, float meanGreen, float meanBlue) {
  return std::make_unique<DirectEncoder>(weights, std::array<float, 3>{meanRed, meanGreen, meanBlue});
}

}  // namespace fcn
