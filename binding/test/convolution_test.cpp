#include "../core/nn/convolution.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <set>
#include <string>

#include "instruction_sets.h"

namespace fcn {
namespace {

struct Shape {
  std::int64_t filters, channels, size, stride, padding, rows, columns, images;
};

// Every shape of both networks, and some of none.
const Shape kShapes[] = {
    {16, 3, 5, 2, 0, 31, 29, 1},   {32, 16, 5, 2, 0, 17, 40, 1}, {45, 32, 5, 1, 2, 9, 13, 1},
    {45, 45, 5, 1, 2, 7, 101, 1},  {81, 45, 1, 1, 0, 5, 19, 1},  {32, 3, 7, 2, 0, 30, 30, 3},
    {32, 32, 3, 1, 1, 35, 35, 2},  {64, 32, 3, 2, 0, 35, 35, 2}, {128, 64, 3, 2, 0, 17, 17, 2},
    {256, 128, 3, 2, 0, 8, 8, 3},  {256, 256, 3, 1, 1, 4, 4, 5}, {256, 256, 3, 1, 1, 2, 2, 1},
    {128, 256, 1, 1, 0, 1, 1, 16}, {1, 1, 1, 1, 0, 1, 1, 1},     {1, 7, 3, 1, 1, 2, 5, 1},
    {100, 5, 2, 2, 0, 6, 4, 2},
};

TEST(Convolution, EqualsItsDefinition) {
  std::mt19937 random(3);
  std::normal_distribution<float> normal;
  for (const Shape& shape : kShapes) {
    for (const bool relu : {false, true}) {
      ConvolutionWeights weights{shape.filters, shape.channels, shape.size, {}, {}};
      weights.values.resize(shape.filters * shape.channels * shape.size * shape.size);
      for (float& value : weights.values) value = normal(random);
      for (std::int64_t i = 0; i < shape.filters; ++i) weights.bias.push_back(normal(random));

      // One float between the pixels, which must not be taken for a channel.
      Tensor input;
      input.resize(shape.images, shape.rows, shape.columns, shape.channels, shape.channels + 1,
                   shape.padding);
      for (std::int64_t image = 0; image < shape.images; ++image) {
        for (std::int64_t row = 0; row < shape.rows; ++row) {
          for (std::int64_t column = 0; column < shape.columns; ++column) {
            float* pixel = input.at(image, row, column);
            for (std::int64_t channel = 0; channel < shape.channels; ++channel)
              pixel[channel] = normal(random);
            pixel[shape.channels] = NAN;
          }
        }
      }

      onEachInstructionSet([&] {
        const Convolution convolution(weights, shape.stride, shape.padding, relu);
        Tensor output;
        convolution.run(input, output, 1, Parallel());
        ASSERT_EQ(output.rows(), (shape.rows + 2 * shape.padding - shape.size) / shape.stride + 1);
        ASSERT_EQ(output.channels(), shape.filters);
        double worst = 0;
        for (std::int64_t image = 0; image < shape.images; ++image) {
          for (std::int64_t row = 0; row < output.rows(); ++row) {
            for (std::int64_t column = 0; column < output.columns(); ++column) {
              for (std::int64_t filter = 0; filter < shape.filters; ++filter) {
                double sum = weights.bias[filter];
                for (std::int64_t y = 0; y < shape.size; ++y) {
                  for (std::int64_t x = 0; x < shape.size; ++x) {
                    const std::int64_t r = row * shape.stride + y - shape.padding;
                    const std::int64_t c = column * shape.stride + x - shape.padding;
                    if (r < 0 || c < 0 || r >= shape.rows || c >= shape.columns) continue;
                    for (std::int64_t channel = 0; channel < shape.channels; ++channel) {
                      sum +=
                          static_cast<double>(input.at(image, r, c)[channel]) *
                          weights.values[((filter * shape.channels + channel) * shape.size + y) * shape.size +
                                         x];
                    }
                  }
                }
                const double expected = relu ? std::max(sum, 0.0) : sum;
                worst = std::max(worst, std::abs(expected - output.at(image, row, column)[filter]));
              }
            }
          }
        }
        // float32 sums of up to 2304 products of normal numbers.
        EXPECT_LT(worst, 1e-3) << shape.filters << " filters, " << shape.channels << " channels, size "
                               << shape.size;

        for (std::int64_t column = -1; column <= output.columns(); ++column) {
          EXPECT_EQ(output.at(0, -1, column)[0], 0);
          EXPECT_EQ(output.at(0, output.rows(), column)[0], 0);
        }
      });
    }
  }
}

// Whether hn::MulAdd rounds once; where there is no such instruction, it rounds twice.
bool isFused(const std::string& instructions) {
  const std::set<std::string> without = {"SSE4", "SSSE3", "SCALAR", "EMU128"};
  return without.count(instructions) == 0;
}

// What resuming a run on another machine relies on: not about the same, but the same.
TEST(Convolution, GivesTheBitsOfItsOrderOfSums) {
  constexpr std::int64_t kChannels = 45, kSize = 5, kPadding = 2, kRows = 2, kColumns = 41;
  std::mt19937 random(4);
  std::normal_distribution<float> normal;
  ConvolutionWeights weights{kChannels, kChannels, kSize, {}, std::vector<float>(kChannels, 0.1F)};
  weights.values.resize(kChannels * kChannels * kSize * kSize);
  for (float& value : weights.values) value = normal(random);
  Tensor input, output;
  input.resize(1, kRows, kColumns, kChannels, kChannels, kPadding);
  for (std::int64_t pixel = 0; pixel < kRows * kColumns; ++pixel) {
    for (std::int64_t channel = 0; channel < kChannels; ++channel) {
      input.at(0, pixel / kColumns, pixel % kColumns)[channel] = normal(random);
    }
  }
  const auto sum = [&](std::int64_t row, std::int64_t column, std::int64_t filter, bool fused) {
    float result = weights.bias[filter];
    for (std::int64_t y = 0; y < kSize; ++y) {
      for (std::int64_t x = 0; x < kSize; ++x) {
        for (std::int64_t channel = 0; channel < kChannels; ++channel) {
          const float value = input.at(0, row + y - kPadding, column + x - kPadding)[channel];
          const float weight = weights.values[((filter * kChannels + channel) * kSize + y) * kSize + x];
          result = fused ? std::fma(value, weight, result) : result + value * weight;
        }
      }
    }
    return result;
  };
  onEachInstructionSet([&](const char* instructions) {
    const bool fused = isFused(instructions);
    Convolution(weights, 1, kPadding, false).run(input, output, 0, Parallel());
    for (std::int64_t pixel = 0; pixel < kRows * kColumns; ++pixel) {
      const std::int64_t row = pixel / kColumns, column = pixel % kColumns;
      for (std::int64_t filter = 0; filter < kChannels; ++filter) {
        ASSERT_EQ(output.at(0, row, column)[filter], sum(row, column, filter, fused));
      }
    }
  });
}

TEST(Convolution, GivesTheSameBitsHoweverTheWorkIsCut) {
  std::mt19937 random(4);
  std::normal_distribution<float> normal;
  ConvolutionWeights weights{45, 45, 5, {}, std::vector<float>(45, 0.1F)};
  weights.values.resize(45 * 45 * 25);
  for (float& value : weights.values) value = normal(random);
  Tensor all, one, allOut, oneOut;
  all.resize(1, 1, 211, 45, 48, 2);
  for (std::int64_t column = 0; column < 211; ++column) {
    for (std::int64_t channel = 0; channel < 45; ++channel) all.at(0, 0, column)[channel] = normal(random);
  }
  onEachInstructionSet([&] {
    const Convolution convolution(weights, 1, 2, true);
    convolution.run(all, allOut, 0, Parallel());
    for (std::int64_t first = 0; first + 5 <= 211; first += 17) {
      one.resize(1, 1, 5, 45, 45, 2);
      for (std::int64_t column = 0; column < 5; ++column) {
        std::copy_n(all.at(0, 0, first + column), 45, one.at(0, 0, column));
      }
      convolution.run(one, oneOut, 0, Parallel());
      for (std::int64_t channel = 0; channel < 45; ++channel) {
        EXPECT_EQ(oneOut.at(0, 0, 2)[channel], allOut.at(0, 0, first + 2)[channel]);
      }
    }
  });
}

}  // namespace
}  // namespace fcn
