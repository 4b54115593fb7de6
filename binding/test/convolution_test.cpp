#include "../core/nn/convolution.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

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
    {4, 5, 5, 2, 0, 23, 31, 1},    {4, 13, 5, 2, 0, 23, 31, 1},  {4, 13, 7, 2, 0, 33, 29, 1},
    {100, 5, 2, 2, 0, 6, 4, 2},
};

struct Made {
  std::int64_t outputs;  // of a tile in each direction; 1: directly
  double error;          // relative to the outputs' spread
  std::shared_ptr<const Convolution> convolution;
};

// Every way to compute it.
std::vector<Made> makeAll(const ConvolutionWeights& weights, const ConvolutionOptions& options) {
  std::vector<Made> made = {{1, 2e-5, makeDirectConvolution(weights, options)}};
  const auto add = [&](std::int64_t outputs, double error) {
    made.push_back({outputs, error, makeWinogradConvolution(weights, options, outputs)});
  };
  const std::int64_t taps = (weights.size + options.stride - 1) / options.stride;
  if (taps == 3) {
    add(2, 2e-5);
    add(4, 1e-4);
    add(6, 3e-4);
  }
  if (taps == 4) add(5, 3e-4);
  if (taps == 5) add(4, 3e-4);
  return made;
}

ConvolutionWeights randomWeights(std::mt19937& random, std::int64_t filters, std::int64_t channels,
                                 std::int64_t size) {
  std::normal_distribution<float> normal;
  ConvolutionWeights weights{filters, channels, size, {}, {}};
  for (std::int64_t i = 0; i < filters * channels * size * size; ++i)
    weights.values.push_back(normal(random));
  for (std::int64_t i = 0; i < filters; ++i) weights.bias.push_back(normal(random));
  return weights;
}

// What lies between the pixels is NaN, so that nothing takes it for a channel.
Tensor randomTensor(std::mt19937& random, std::int64_t images, std::int64_t rows, std::int64_t columns,
                    std::int64_t channels, std::int64_t pixelStride, std::int64_t border) {
  std::normal_distribution<float> normal;
  Tensor tensor;
  tensor.resize(images, rows, columns, channels, pixelStride, border);
  for (std::int64_t image = 0; image < images; ++image) {
    for (std::int64_t row = 0; row < rows; ++row) {
      for (std::int64_t column = 0; column < columns; ++column) {
        float* pixel = tensor.at(image, row, column);
        for (std::int64_t channel = 0; channel < pixelStride; ++channel) {
          pixel[channel] = channel < channels ? normal(random) : NAN;
        }
      }
    }
  }
  return tensor;
}

double definition(const ConvolutionWeights& weights, const ConvolutionOptions& options, const Tensor& input,
                  std::int64_t image, std::int64_t row, std::int64_t column, std::int64_t filter) {
  double sum = weights.bias[filter];
  for (std::int64_t y = 0; y < weights.size; ++y) {
    for (std::int64_t x = 0; x < weights.size; ++x) {
      const std::int64_t r = row * options.stride + y - options.padding;
      const std::int64_t c = column * options.stride + x - options.padding;
      if (r < 0 || c < 0 || r >= input.rows() || c >= input.columns()) continue;
      for (std::int64_t channel = 0; channel < weights.channels; ++channel) {
        const std::int64_t tap = y * weights.size + x;
        sum += static_cast<double>(input.at(image, r, c)[channel]) *
               weights.values[(filter * weights.channels + channel) * weights.size * weights.size + tap];
      }
    }
  }
  return options.relu ? std::max(sum, 0.0) : sum;
}

TEST(Convolution, EqualsItsDefinition) {
  std::mt19937 random(3);
  for (const Shape& shape : kShapes) {
    for (const std::int64_t between : {0, 1}) {
      const ConvolutionOptions options{shape.stride, shape.padding, between == 1};
      const auto weights = randomWeights(random, shape.filters, shape.channels, shape.size);
      const Tensor input = randomTensor(random, shape.images, shape.rows, shape.columns, shape.channels,
                                        shape.channels + between, shape.padding);
      const std::int64_t rows = (shape.rows + 2 * shape.padding - shape.size) / shape.stride + 1;
      const std::int64_t columns = (shape.columns + 2 * shape.padding - shape.size) / shape.stride + 1;
      std::vector<double> expected;
      double squares = 0;
      for (std::int64_t i = 0; i < shape.images * rows * columns * shape.filters; ++i) {
        const std::int64_t pixel = i / shape.filters;
        expected.push_back(definition(weights, options, input, pixel / columns / rows, pixel / columns % rows,
                                      pixel % columns, i % shape.filters));
        squares += expected.back() * expected.back();
      }
      const double spread = std::sqrt(squares / static_cast<double>(expected.size())) + 1e-3;

      onEachInstructionSet([&] {
        for (const Made& made : makeAll(weights, options)) {
          Tensor output;
          made.convolution->run(input, output, 1, Parallel());
          ASSERT_EQ(output.rows(), rows);
          ASSERT_EQ(output.columns(), columns);
          ASSERT_EQ(output.channels(), shape.filters);
          double worst = 0;
          for (std::int64_t i = 0; i < static_cast<std::int64_t>(expected.size()); ++i) {
            const std::int64_t pixel = i / shape.filters;
            const float* out = output.at(pixel / columns / rows, pixel / columns % rows, pixel % columns);
            const double error = std::abs(expected[i] - out[i % shape.filters]);
            if (!(error <= worst)) worst = error;
          }
          EXPECT_LT(worst, made.error * spread)
              << shape.filters << " filters, " << shape.channels << " channels, size " << shape.size
              << ", tiles of " << made.outputs;
          for (std::int64_t column = -1; column <= columns; ++column) {
            EXPECT_EQ(output.at(0, -1, column)[0], 0);
            EXPECT_EQ(output.at(0, rows, column)[0], 0);
          }
        }
      });
    }
  }
}

// Into an output that holds something and is larger than the result.
TEST(Convolution, AddsToWhatIsThere) {
  constexpr std::int64_t kRows = 9, kColumns = 14, kMore = 2;
  std::mt19937 random(7);
  const auto weights = randomWeights(random, 32, 20, 3);
  const Tensor input = randomTensor(random, 2, kRows, kColumns, 20, 23, 1);
  onEachInstructionSet([&] {
    for (std::size_t way = 0; way < makeAll(weights, {1, 1, false, false}).size(); ++way) {
      Tensor plain, added, before;
      makeAll(weights, {1, 1, false, false})[way].convolution->run(input, plain, 0, Parallel());
      const Made adding = std::move(makeAll(weights, {1, 1, true, true})[way]);
      added =
          randomTensor(random, 2, kRows + kMore, kColumns + kMore, 32, adding.convolution->outputStride(), 0);
      before = added;
      adding.convolution->runInto(input, added, Parallel());
      for (std::int64_t image = 0; image < 2; ++image) {
        for (std::int64_t pixel = 0; pixel < (kRows + kMore) * (kColumns + kMore); ++pixel) {
          const std::int64_t row = pixel / (kColumns + kMore), column = pixel % (kColumns + kMore);
          for (std::int64_t filter = 0; filter < 32; ++filter) {
            const float was = before.at(image, row, column)[filter],
                        is = added.at(image, row, column)[filter];
            if (row >= kRows || column >= kColumns) {
              ASSERT_EQ(is, was);
            } else {
              ASSERT_NEAR(is, std::max(0.0F, was + plain.at(image, row, column)[filter]), 1e-4);
            }
          }
        }
      }
    }
  });
}

// Whether hn::MulAdd rounds once; where there is no such instruction, it rounds twice.
bool isFused(const std::string& instructions) {
  const std::set<std::string> without = {"SSE4", "SSSE3", "SCALAR", "EMU128"};
  return without.count(instructions) == 0;
}

std::vector<float> valuesOf(const Tensor& tensor) {
  std::vector<float> values;
  for (std::int64_t image = 0; image < tensor.images(); ++image) {
    for (std::int64_t row = 0; row < tensor.rows(); ++row) {
      for (std::int64_t column = 0; column < tensor.columns(); ++column) {
        const float* pixel = tensor.at(image, row, column);
        values.insert(values.end(), pixel, pixel + tensor.channels());
      }
    }
  }
  return values;
}

// What resuming a run on another machine relies on: not about the same, but the same.
TEST(Convolution, GivesTheBitsOfItsOrderOfSums) {
  constexpr std::int64_t kChannels = 45, kSize = 5, kRows = 2, kColumns = 41;
  std::mt19937 random(4);
  const ConvolutionOptions options{1, 2, false};
  const auto weights = randomWeights(random, kChannels, kChannels, kSize);
  const Tensor input = randomTensor(random, 1, kRows, kColumns, kChannels, kChannels, options.padding);
  const auto sum = [&](std::int64_t row, std::int64_t column, std::int64_t filter, bool fused) {
    float result = weights.bias[filter];
    for (std::int64_t y = 0; y < kSize; ++y) {
      for (std::int64_t x = 0; x < kSize; ++x) {
        for (std::int64_t channel = 0; channel < kChannels; ++channel) {
          const float value = input.at(0, row + y - options.padding, column + x - options.padding)[channel];
          const float weight = weights.values[((filter * kChannels + channel) * kSize + y) * kSize + x];
          result = fused ? std::fma(value, weight, result) : result + value * weight;
        }
      }
    }
    return result;
  };
  onEachInstructionSet([&](const char* instructions) {
    Tensor output;
    makeDirectConvolution(weights, options)->run(input, output, 0, Parallel());
    for (std::int64_t pixel = 0; pixel < kRows * kColumns; ++pixel) {
      const std::int64_t row = pixel / kColumns, column = pixel % kColumns;
      for (std::int64_t filter = 0; filter < kChannels; ++filter) {
        ASSERT_EQ(output.at(0, row, column)[filter], sum(row, column, filter, isFused(instructions)));
      }
    }
  });
}

TEST(Convolution, GivesTheSameBitsOnEveryInstructionSetWithFusedMultiplyAdds) {
  std::mt19937 random(5);
  for (const Shape& shape : kShapes) {
    const ConvolutionOptions options{shape.stride, shape.padding, true};
    const auto weights = randomWeights(random, shape.filters, shape.channels, shape.size);
    const Tensor input = randomTensor(random, shape.images, shape.rows, shape.columns, shape.channels,
                                      shape.channels + 3, shape.padding);
    std::vector<std::vector<float>> first;
    onEachInstructionSet([&](const char* instructions) {
      if (!isFused(instructions)) return;
      std::vector<std::vector<float>> all;
      for (const Made& made : makeAll(weights, options)) {
        Tensor output;
        made.convolution->run(input, output, 0, Parallel());
        all.push_back(valuesOf(output));
      }
      if (first.empty()) first = all;
      EXPECT_EQ(all, first);
    });
  }
}

TEST(Convolution, GivesTheSameBitsHoweverTheWorkIsCut) {
  std::mt19937 random(4);
  ThreadPool pool(3);
  const Parallel parallel(&pool, CancelToken());
  for (const Shape& shape : {Shape{45, 45, 5, 1, 2, 37, 61, 1}, Shape{32, 16, 5, 2, 0, 57, 83, 1},
                             Shape{16, 3, 5, 2, 0, 101, 67, 1}, Shape{64, 32, 3, 1, 1, 35, 35, 1}}) {
    const ConvolutionOptions options{shape.stride, shape.padding, true};
    const auto weights = randomWeights(random, shape.filters, shape.channels, shape.size);
    const Tensor input =
        randomTensor(random, 1, shape.rows, shape.columns, shape.channels, shape.channels, shape.padding);
    onEachInstructionSet([&] {
      for (const Made& made : makeAll(weights, options)) {
        const Convolution& convolution = *made.convolution;
        Tensor whole;
        convolution.run(input, whole, 0, Parallel());
        // As rows come: a few more each time, and only those that are ready.
        Tensor output;
        output.resize(1, whole.rows(), whole.columns(), whole.channels(), convolution.outputStride(), 0);
        std::int64_t done = 0;
        for (std::int64_t there = 1; there <= shape.rows; ++there) {
          Tensor part;
          part.resize(1, there, shape.columns, shape.channels, shape.channels, shape.padding);
          for (std::int64_t row = 0; row < there; ++row) {
            std::copy_n(input.at(0, row, 0), shape.columns * shape.channels, part.at(0, row, 0));
          }
          const std::int64_t next = done * shape.stride - shape.padding;
          const std::int64_t ready =
              there == shape.rows ? convolution.lastRows(there - next) : convolution.readyRows(there - next);
          convolution.runRows({part, next, output, done, ready}, parallel);
          done += ready;
        }
        EXPECT_EQ(done, whole.rows());
        EXPECT_EQ(valuesOf(output), valuesOf(whole)) << "tiles of " << made.outputs;
      }
    });
  }
}

// A batch is one image after another.
TEST(Convolution, GivesTheSameBitsForImagesAloneAndTogether) {
  std::mt19937 random(6);
  const ConvolutionOptions options{1, 1, false};
  const auto weights = randomWeights(random, 256, 256, 3);
  const Tensor images = randomTensor(random, 7, 4, 4, 256, 256, 1);
  onEachInstructionSet([&] {
    for (const Made& made : makeAll(weights, options)) {
      Tensor together, alone, output;
      made.convolution->run(images, together, 0, Parallel());
      std::vector<float> joined;
      for (std::int64_t image = 0; image < images.images(); ++image) {
        alone.resize(1, 4, 4, 256, 256, 1);
        for (std::int64_t row = 0; row < 4; ++row)
          std::copy_n(images.at(image, row, 0), 4 * 256, alone.at(0, row, 0));
        made.convolution->run(alone, output, 0, Parallel());
        const std::vector<float> values = valuesOf(output);
        joined.insert(joined.end(), values.begin(), values.end());
      }
      EXPECT_EQ(joined, valuesOf(together)) << "tiles of " << made.outputs;
    }
  });
}

}  // namespace
}  // namespace fcn
