#include <algorithm>
#include <cmath>

#include "convolution.h"
#include "kernels.h"
#include "winograd_points.h"

namespace fcn {
namespace {

// Bytes of tiles under way that a thread keeps in its second-level cache, beside the weights.
constexpr std::int64_t kCachedTiles = 400 << 10;

// The row of `points` x `taps` numbers that the taps are multiplied with to have the value at a point: its
// powers, over Lagrange's denominator. For infinity, it picks the last tap.
std::vector<double> tapsAtPoint(std::int64_t points, std::int64_t taps, std::int64_t point) {
  const std::int64_t pairs = (points - 2) / 2;
  std::vector<double> row(taps, 0.0);
  if (point == points - 1) {
    row[taps - 1] = 1;
    return row;
  }
  const double x = point == 0 ? 0 : kWinogradPoints[(point - 1) / 2] * (point % 2 == 1 ? 1.0 : -1.0);
  // The product of the distances to the other points.
  double denominator = 1;
  if (point != 0) denominator *= x;
  for (std::int64_t pair = 0; pair < pairs; ++pair) {
    const double other = kWinogradPoints[pair];
    if (x != other) denominator *= x - other;
    if (x != -other) denominator *= x + other;
  }
  double power = 1;
  for (std::int64_t tap = 0; tap < taps; ++tap, power *= x) row[tap] = power / denominator;
  return row;
}

std::int64_t roundUp(std::int64_t value, std::int64_t step) { return (value + step - 1) / step * step; }

// Memory of a thread for the tiles that it works on; kept for the next ones.
class Scratch {
 public:
  // 64 bytes aligned, as cache lines are.
  float* floats(std::int64_t count) {
    constexpr std::int64_t kLine = 16;
    if (static_cast<std::int64_t>(values_.size()) < count + kLine) values_.resize(count + kLine);
    void* start = values_.data();
    std::size_t space = values_.size() * sizeof(float);
    return static_cast<float*>(std::align(kLine * sizeof(float), count * sizeof(float), start, space));
  }

 private:
  std::vector<float> values_;
};

class WinogradConvolution final : public Convolution {
 public:
  WinogradConvolution(const ConvolutionWeights& weights, const ConvolutionOptions& options,
                      std::int64_t outputs)
      : Convolution(weights, options),
        taps_((size_ + options.stride - 1) / options.stride),
        outputs_(outputs),
        points_(outputs + taps_ - 1),
        phases_(options.stride * options.stride),
        block_(chooseFilterBlock(filters_)),
        blocks_((filters_ + block_.width - 1) / block_.width),
        pointFloats_(std::max(roundUp(writtenFloats(), floatsOfVector()), outputStride())),
        weights_(points_ * points_ * blocks_ * phases_ * channels_ * block_.width),
        bias_(blocks_ * block_.width) {
    std::copy(weights.bias.begin(), weights.bias.end(), bias_.begin());
    std::vector<std::vector<double>> atPoint;
    for (std::int64_t point = 0; point < points_; ++point) {
      atPoint.push_back(tapsAtPoint(points_, taps_, point));
    }
    // What each tap is multiplied with at each point.
    std::vector<double> factors;
    for (std::int64_t tap = 0; tap < size_ * size_; ++tap) {
      const std::int64_t y = tap / size_ / options.stride, x = tap % size_ / options.stride;
      for (std::int64_t point = 0; point < points_ * points_; ++point) {
        factors.push_back(atPoint[point / points_][y] * atPoint[point % points_][x]);
      }
    }
    for (std::int64_t block = 0; block < blocks_; ++block) {
      for (std::int64_t channel = 0; channel < channels_; ++channel) {
        transformTaps(weights.values, factors, block, channel);
      }
    }
  }

  std::int64_t outputStride() const override { return blocks_ * block_.width; }
  std::int64_t readyRows(std::int64_t inputRows) const override {
    const std::int64_t rows = inputRows / options_.stride;
    return rows < points_ ? 0 : ((rows - points_) / outputs_ + 1) * outputs_;
  }

  void runRows(const Rows& part, const Parallel& parallel) const override {
    const std::int64_t total = part.input.images() * tilesFor(part.rows) * tilesAcross(part);
    const std::int64_t atOnce = tilesAtOnce();
    parallel.forEach((total + atOnce - 1) / atOnce, [&](std::size_t piece) {
      const std::int64_t first = static_cast<std::int64_t>(piece) * atOnce;
      runTiles(part, first, std::min(atOnce, total - first));
    });
  }

 private:
  // Where a tile's outputs begin.
  struct Place {
    std::int64_t image, row, column;
  };

  std::int64_t tilesFor(std::int64_t outputs) const { return (outputs + outputs_ - 1) / outputs_; }
  std::int64_t tilesAcross(const Rows& part) const { return tilesFor(outputSize(part.input.columns())); }

  // Counted image by image and row by row.
  Place placeOf(const Rows& part, std::int64_t tile) const {
    const std::int64_t across = tilesAcross(part), down = tilesFor(part.rows);
    return {tile / across / down, tile / across % down * outputs_, tile % across * outputs_};
  }

  // Of a point, by its transforms, which write whole vectors: by phases, or by rows of phases where pixels
  // touch.
  std::int64_t writtenFloats() const {
    const std::int64_t vector = floatsOfVector(), row = options_.stride * channels_;
    return std::max((phases_ - 1) * channels_ + roundUp(channels_, vector),
                    phases_ * channels_ - row + roundUp(row, vector));
  }

  // A line more, or the same place of all tiles would compete for the same few lines of the cache.
  std::int64_t tileFloats() const { return points_ * points_ * pointFloats_ + 16; }

  // Whole groups of those that are multiplied together.
  std::int64_t tilesAtOnce() const {
    const std::int64_t group = block_.pixels * tileFloats() * static_cast<std::int64_t>(sizeof(float));
    return std::max(kCachedTiles / group, std::int64_t{1}) * block_.pixels;
  }

  void transformTaps(const std::vector<float>& values, const std::vector<double>& factors, std::int64_t block,
                     std::int64_t channel) {
    const std::int64_t places = points_ * points_, first = block * block_.width;
    // Not at once to where they belong: that is so far from point to point that caches would not keep it.
    std::vector<float> transformed(phases_ * places * block_.width);
    std::vector<double> sums(phases_ * places);
    for (std::int64_t lane = 0; lane < std::min(block_.width, filters_ - first); ++lane) {
      const float* taps = values.data() + ((first + lane) * channels_ + channel) * size_ * size_;
      std::fill(sums.begin(), sums.end(), 0.0);
      for (std::int64_t tap = 0; tap < size_ * size_; ++tap) {
        const std::int64_t row = tap / size_ % options_.stride, column = tap % size_ % options_.stride;
        double* sum = sums.data() + (row * options_.stride + column) * places;
        for (std::int64_t point = 0; point < places; ++point) {
          sum[point] += factors[tap * places + point] * taps[tap];
        }
      }
      for (std::int64_t i = 0; i < phases_ * places; ++i) {
        transformed[i * block_.width + lane] = static_cast<float>(sums[i]);
      }
    }
    for (std::int64_t phase = 0; phase < phases_; ++phase) {
      for (std::int64_t point = 0; point < places; ++point) {
        std::copy_n(transformed.data() + (phase * places + point) * block_.width, block_.width,
                    weights_.data() +
                        (((point * blocks_ + block) * phases_ + phase) * channels_ + channel) * block_.width);
      }
    }
  }

  // The tiles [first, first + count).
  void runTiles(const Rows& part, std::int64_t first, std::int64_t count) const {
    thread_local Scratch tileScratch, edgeScratch, productScratch;
    float* tiles = tileScratch.floats(count * tileFloats());
    float* room = productScratch.floats(block_.pixels * outputStride());
    for (std::int64_t i = 0; i < count; ++i) takeTile(part, first + i, tiles + i * tileFloats(), edgeScratch);
    const std::int64_t length = phases_ * channels_;
    for (std::int64_t point = 0; point < points_ * points_; ++point) {
      multiplyTiles(block_, blocks_, tiles + point * pointFloats_, tileFloats(), count, length,
                    weights_.data() + point * length * outputStride(), room);
    }
    for (std::int64_t i = 0; i < count; ++i) putTile(part, first + i, tiles + i * tileFloats());
  }

  void takeTile(const Rows& part, std::int64_t tile, float* out, Scratch& edgeScratch) const {
    const std::int64_t stride = options_.stride;
    const Place place = placeOf(part, tile);
    const std::int64_t image = place.image;
    const std::int64_t row = part.inputRow + place.row * stride;
    const std::int64_t column = place.column * stride - options_.padding;
    const Tensor& input = part.input;
    const std::int64_t side = points_ * stride;
    const float* from = nullptr;
    std::int64_t rowStep = input.rowStride(), columnStep = input.pixelStride();
    const std::int64_t border = input.border();
    if (row >= -border && column >= -border && row + side <= input.rows() + border &&
        column + side <= input.columns() + border) {
      from = input.at(image, row, column);
    } else {
      columnStep = channels_;
      rowStep = side * columnStep;
      float* edge = edgeScratch.floats(side * rowStep + kLongestVector);
      copyEdge(input, image, row, column, side, edge);
      from = edge;
    }
    const std::int64_t lineStep = stride * rowStep, pixelStep = stride * columnStep;
    if (columnStep == channels_) {
      // The pixels of a row touch: the phases of a row are taken for one, with the channels of all.
      transformInput(points_, {from, lineStep, pixelStep, stride * channels_, rowStep, stride}, out,
                     pointFloats_);
      return;
    }
    for (std::int64_t phase = 0; phase < phases_; ++phase) {
      const float* first = from + phase / stride * rowStep + phase % stride * columnStep;
      transformInput(points_, {first, lineStep, pixelStep, channels_, 0, 1}, out + phase * channels_,
                     pointFloats_);
    }
  }

  // side x side pixels; those outside of the image are zero.
  void copyEdge(const Tensor& input, std::int64_t image, std::int64_t row, std::int64_t column,
                std::int64_t side, float* out) const {
    std::fill_n(out, side * side * channels_, 0.0F);
    const std::int64_t first = std::max(column, std::int64_t{0});
    const std::int64_t last = std::min(column + side, input.columns());
    for (std::int64_t y = std::max(row, std::int64_t{0}); y < std::min(row + side, input.rows()); ++y) {
      for (std::int64_t x = first; x < last; ++x) {
        std::copy_n(input.at(image, y, x), channels_, out + ((y - row) * side + x - column) * channels_);
      }
    }
  }

  void putTile(const Rows& part, std::int64_t tile, const float* products) const {
    const Place place = placeOf(part, tile);
    const WinogradOutput out{part.output.at(place.image, part.outputRow + place.row, place.column),
                             part.output.rowStride(),
                             part.output.pixelStride(),
                             outputStride(),
                             std::min(outputs_, part.rows - place.row),
                             std::min(outputs_, outputSize(part.input.columns()) - place.column),
                             options_.add,
                             options_.relu};
    transformOutput(points_, outputs_, products, pointFloats_, bias_.data(), out);
  }

  const std::int64_t taps_, outputs_, points_, phases_;
  const FilterBlock block_;
  const std::int64_t blocks_;
  const std::int64_t pointFloats_;  // for the values of a tile at a pair of points, then their products
  std::vector<float> weights_;      // (points * points, blocks, phases, channels, width)
  std::vector<float> bias_;         // (blocks, width)
};

}  // namespace

std::shared_ptr<const Convolution> makeWinogradConvolution(const ConvolutionWeights& weights,
                                                           const ConvolutionOptions& options,
                                                           std::int64_t outputs) {
  return std::make_shared<WinogradConvolution>(weights, options, outputs);
}

std::shared_ptr<const Convolution> makeConvolution(const ConvolutionWeights& weights,
                                                   const ConvolutionOptions& options, std::int64_t outputs) {
  if (outputs == 1 || !multiplyAddIsFused()) return makeDirectConvolution(weights, options);
  return makeWinogradConvolution(weights, options, outputs);
}

}  // namespace fcn
