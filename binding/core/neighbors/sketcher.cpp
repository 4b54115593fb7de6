#include "sketcher.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace fcn {
namespace {

// Beyond these powers of two, squares of coordinates and of eps could leave the range of float64.
constexpr int kLargestExponent = 400;
// The relative error of float32 sums over so many values is still small.
constexpr std::size_t kMostDimensions = std::size_t{1} << 20;

// Below that many points, all pairs are compared sooner than good axes found.
constexpr std::size_t kWorthAxes = 2000;
constexpr std::size_t kMostAxes = 63, kUsualAxes = 31;

// Points of the sample that axes are found from: enough to know 64 directions, few enough to take a small
// part of the time that all pairs of so many points take.
std::size_t sampleSize(const PointsView& points) {
  const std::size_t affordable = std::clamp<std::size_t>((std::size_t{1} << 18) / points.d, 256, 2048);
  return std::min({points.n, affordable, std::max<std::size_t>(512, points.n / 32)});
}

// How many of the axes to use: more reject more pairs, but each pair takes longer.
// - limit: squared distance of neighbours, in units of the sample
std::size_t chooseCount(const std::vector<double>& sample, std::size_t d, const Axes& axes, double limit) {
  if (std::isnan(limit)) return std::min(axes.count, kUsualAxes);
  constexpr std::size_t kCounts[] = {3, 7, 11, 15, 19, 23, 27, 31, 39, 47, kMostAxes};
  constexpr std::size_t kPoints = 256;
  // Measured, in units of what one number of a sketch costs: a candidate's full distance, its way there.
  const double candidateCost = 350 + 4 * static_cast<double>(d);

  const std::size_t m = std::min(sample.size() / d, kPoints),
                    stride = sample.size() / d / std::max<std::size_t>(m, 1);
  std::vector<double> projections(m * axes.count), lengths(m);
  for (std::size_t i = 0; i < m; ++i) {
    const double* point = sample.data() + i * stride * d;
    for (std::size_t j = 0; j < d; ++j) {
      lengths[i] += point[j] * point[j];
      for (std::size_t k = 0; k < axes.count; ++k) {
        projections[i * axes.count + k] += point[j] * axes.values[j * axes.count + k];
      }
    }
  }

  const double pairs = static_cast<double>(m) * (static_cast<double>(m) - 1) / 2;
  std::vector<double> partial(m * m), rest = lengths;
  std::size_t best = 0, done = 0;
  double least = std::numeric_limits<double>::infinity();
  for (const std::size_t wanted : kCounts) {
    const std::size_t count = std::min(wanted, axes.count);
    for (; done < count; ++done) {
      for (std::size_t a = 0; a < m; ++a) {
        const double value = projections[a * axes.count + done];
        rest[a] -= value * value;
        for (std::size_t b = 0; b < a; ++b) {
          const double difference = value - projections[b * axes.count + done];
          partial[a * m + b] += difference * difference;
        }
      }
    }
    double candidates = 0;
    for (std::size_t a = 0; a < m; ++a) {
      for (std::size_t b = 0; b < a; ++b) {
        const double tails = std::sqrt(std::max(rest[a], 0.0)) - std::sqrt(std::max(rest[b], 0.0));
        if (partial[a * m + b] + tails * tails <= limit) ++candidates;
      }
    }
    const double cost = static_cast<double>(count + 1) + candidates / std::max(pairs, 1.0) * candidateCost;
    if (cost >= least) continue;
    least = cost;
    best = count;
  }
  return best;
}

}  // namespace

Sketcher::Sketcher(const PointsView& points, double largest, double eps, const CancelToken& cancel)
    : points_(points), centre_(points.d) {
  const int exponent = largest > 0 ? std::ilogb(largest) + 1 : 0;
  if (std::abs(exponent) > kLargestExponent || points.d > kMostDimensions) {
    usable_ = false;
    return;
  }
  scale_ = std::ldexp(1.0, -exponent);
  if (points.n == 0) return;

  const std::size_t d = points.d, m = sampleSize(points);
  std::vector<double> sample = sampleRows(m);
  std::vector<double> mean(d);
  for (std::size_t i = 0; i < sample.size(); ++i) mean[i % d] += sample[i] / static_cast<double>(m);
  for (std::size_t i = 0; i < sample.size(); ++i) sample[i] -= mean[i % d];
  centre_ = mean;

  const std::size_t most = std::min(d, kMostAxes);
  Axes axes =
      points.n < kWorthAxes ? coordinateAxes(sample, d, most) : principalAxes(sample, d, most, cancel);
  // Never seen; but the bound of bounds.h relies on it.
  if (!(axes.defect < 0x1p-21)) axes = coordinateAxes(sample, d, most);

  const std::size_t count = chooseCount(sample, d, axes, eps * scale_ * (eps * scale_));
  axes_.count = count;
  axes_.values.resize(d * count);
  transposed_.resize(d * count);
  for (std::size_t j = 0; j < d; ++j) {
    for (std::size_t k = 0; k < count; ++k) {
      axes_.values[j * count + k] = transposed_[k * d + j] = axes.values[j * axes.count + k];
    }
  }
}

std::vector<double> Sketcher::sampleRows(std::size_t count) const {
  std::vector<double> rows(count * points_.d);
  for (std::size_t i = 0; i < count; ++i) centre(i * points_.n / count, rows.data() + i * points_.d);
  return rows;
}

void Sketcher::centre(std::size_t row, double* values) const {
  const std::size_t d = points_.d;
  if (points_.float64) {
    for (std::size_t j = 0; j < d; ++j) values[j] = points_.float64[row * d + j] * scale_ - centre_[j];
  } else {
    for (std::size_t j = 0; j < d; ++j) values[j] = points_.float32[row * d + j] * scale_ - centre_[j];
  }
}

double Sketcher::sketch(double* values, float* sketch) const {
  const std::size_t d = points_.d, count = axes_.count;
  double projections[kMostAxes] = {};
  double squares = 0, rest = 0;
  for (std::size_t j = 0; j < d; ++j) {
    squares += values[j] * values[j];
    const double* axes = axes_.values.data() + j * count;
    for (std::size_t k = 0; k < count; ++k) projections[k] += values[j] * axes[k];
  }
  for (std::size_t k = 0; k < count; ++k) {
    const double projection = projections[k];
    const double* axis = transposed_.data() + k * d;
    for (std::size_t j = 0; j < d; ++j) values[j] -= projection * axis[j];
    sketch[k] = static_cast<float>(projection);
  }
  for (std::size_t j = 0; j < d; ++j) rest += values[j] * values[j];
  sketch[count] = static_cast<float>(std::sqrt(rest));
  return std::sqrt(squares);
}

}  // namespace fcn
