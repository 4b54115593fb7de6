#include "sketcher.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "bounds.h"
#include "kernels.h"

namespace fcn {
namespace {

// Beyond these powers of two, squares of coordinates and of eps could leave the range of float64.
constexpr int kLargestExponent = 400;
// The relative error of float32 sums over so many values is still small.
constexpr std::size_t kMostDimensions = std::size_t{1} << 20;

// Below that many points, all pairs are compared sooner than good axes found.
constexpr std::size_t kWorthAxes = 2000;
constexpr std::size_t kMostAxes = 63, kUsualAxes = 47;
// So many coordinates tell which blocks may be neighbours, and in which order points lie.
constexpr std::size_t kMostCoordinates = 16;

// Points of the sample that axes are found from: enough to know 64 directions, few enough to take a small
// part of the time that all pairs of so many points take.
std::size_t sampleSize(const PointsView& points) {
  const std::size_t affordable = std::clamp<std::size_t>((std::size_t{1} << 18) / points.d, 256, 2048);
  return std::min({points.n, affordable, std::max<std::size_t>(512, points.n / 32)});
}

// The sketches of some points of the sample, with any number of axes.
class SampleSketches {
 public:
  SampleSketches(const std::vector<double>& sample, std::size_t d, const Axes& axes)
      : m_(std::min(sample.size() / d, kPoints)),
        count_(axes.count),
        projections_(m_ * count_),
        rests_(m_),
        roots_(m_) {
    const std::size_t stride = sample.size() / d / std::max<std::size_t>(m_, 1);
    for (std::size_t i = 0; i < m_; ++i) {
      const double* point = sample.data() + i * stride * d;
      for (std::size_t j = 0; j < d; ++j) {
        rests_[i] += point[j] * point[j];
        for (std::size_t k = 0; k < count_; ++k) {
          projections_[i * count_ + k] += point[j] * axes.values[j * count_ + k];
        }
      }
    }
    squares_.assign(m_ * m_, 0);
  }

  double pairs() const { return static_cast<double>(m_) * (static_cast<double>(m_) - 1) / 2; }

  // The root of the mean square of the largest coordinate.
  double spread() const {
    double largest = 0;
    for (std::size_t k = 0; k < count_; ++k) {
      double sum = 0;
      for (std::size_t a = 0; a < m_; ++a) sum += std::pow(projections_[a * count_ + k], 2);
      largest = std::max(largest, sum);
    }
    return std::sqrt(largest / static_cast<double>(std::max<std::size_t>(m_, 1)));
  }

  // Goes on to `count` axes, more than before, and calls take(squared distance) for each pair.
  template <typename Take>
  void forPairs(std::size_t count, const Take& take) {
    for (; done_ < count; ++done_) {
      for (std::size_t a = 0; a < m_; ++a) {
        const double value = projections_[a * count_ + done_];
        rests_[a] -= value * value;
        for (std::size_t b = 0; b < a; ++b) {
          squares_[a * m_ + b] += std::pow(value - projections_[b * count_ + done_], 2);
        }
      }
    }
    for (std::size_t a = 0; a < m_; ++a) roots_[a] = std::sqrt(std::max(rests_[a], 0.0));
    for (std::size_t a = 0; a < m_; ++a) {
      for (std::size_t b = 0; b < a; ++b) take(squares_[a * m_ + b] + std::pow(roots_[a] - roots_[b], 2));
    }
  }

  // The mean length of what these axes leave out.
  double meanRest() const {
    return std::accumulate(roots_.begin(), roots_.end(), 0.0) /
           static_cast<double>(std::max<std::size_t>(m_, 1));
  }

 private:
  static constexpr std::size_t kPoints = 256;

  const std::size_t m_, count_;
  std::vector<double> projections_, rests_, roots_, squares_;
  std::size_t done_ = 0;
};

std::size_t filledUp(std::size_t count) { return (count + kAxesAtOnce - 1) / kAxesAtOnce * kAxesAtOnce; }

// The first `count` axes, with zeros up to what project() needs.
std::vector<double> matrixOf(const Axes& axes, std::size_t d, std::size_t count) {
  const std::size_t columns = filledUp(count);
  std::vector<double> matrix(d * columns);
  for (std::size_t j = 0; j < d; ++j) {
    for (std::size_t k = 0; k < count; ++k) matrix[j * columns + k] = axes.values[j * axes.count + k];
  }
  return matrix;
}

}  // namespace

Sketcher::Sketcher(const PointsView& points, double largest, double eps, const Parallel& parallel)
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
      points.n < kWorthAxes ? coordinateAxes(sample, d, most) : principalAxes(sample, d, most, parallel);
  // Never seen; but the bounds rely on it.
  if (!(axes.defect < kMostDefect)) axes = coordinateAxes(sample, d, most);

  choose(sample, axes, eps * scale_);
  coordinates_ = std::min(axes_, kMostCoordinates);
  columns_ = filledUp(axes_);
  coordinateColumns_ = filledUp(coordinates_);
  matrix_ = matrixOf(axes, d, axes_);
  coordinateMatrix_ = matrixOf(axes, d, coordinates_);
}

// Chooses the length of a step and the number of axes.
// - eps: in units of the sample
void Sketcher::choose(const std::vector<double>& sample, const Axes& axes, double eps) {
  const std::size_t d = points_.d;
  SampleSketches some(sample, d, axes), all = some;
  double farthest = 0;
  all.forPairs(axes.count, [&](double square) { farthest = std::max(farthest, square); });
  // Short steps are exact ones, but values beyond kMostValue are cut off, and distances whose half square
  // exceeds 65535 come out too short: both should be rare.
  step_ = std::max({std::sqrt(farthest) / 345, 2.5 * all.spread() / kMostValue, 0x1p-60});
  if (eps > 0) step_ = std::max(step_, std::min(eps, 1e9) / 240);

  constexpr std::size_t kCounts[] = {3, 7, 11, 15, 19, 23, 27, 31, 35, 39, 43, 47, 55, kMostAxes};
  // Measured, in units of what one number of a sketch costs: a candidate's full distance, its way there.
  const double candidateCost = 1500 + 20 * static_cast<double>(d);
  double least = std::numeric_limits<double>::infinity();
  for (const std::size_t wanted : kCounts) {
    const std::size_t count = std::min(wanted, axes.count);
    const double rounding = 2 * step_ * std::sqrt(static_cast<double>(count + 1) / 12);
    double candidates = 0;
    const double limit = (eps + rounding) * (eps + rounding);
    some.forPairs(count, [&](double square) { candidates += square <= limit ? 1 : 0; });
    const double cost =
        std::isnan(eps)
            ? std::abs(static_cast<double>(count) - static_cast<double>(kUsualAxes))
            : static_cast<double>(count + 1) + candidates / std::max(some.pairs(), 1.0) * candidateCost;
    if (cost >= least) continue;
    least = cost;
    axes_ = count;
    meanRest_ = some.meanRest();
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

void Sketcher::findCoordinates(std::size_t row, Room& room) const {
  centre(row, room.values.data());
  project(room.values.data(), points_.d, coordinateMatrix_.data(), coordinateColumns_,
          room.projections.data());
}

void Sketcher::findProjections(std::size_t row, Room& room) const {
  centre(row, room.values.data());
  project(room.values.data(), points_.d, matrix_.data(), columns_, room.projections.data());
  double squares = 0;
  for (const double value : room.values) squares += value * value;
  room.length = std::sqrt(squares);
}

double Sketcher::sketch(const Room& room, std::uint8_t* values) const {
  constexpr double kMost = kMostValue;
  const double perStep = 1 / step_;
  double rest = room.length * room.length, moved = 0;
  const auto store = [&](std::size_t k, double value) {
    const double raised = std::clamp(value * perStep, -kMost, kMost) + kMost;
    const int rounded = static_cast<int>(raised + 0.5);
    moved += (raised - rounded) * (raised - rounded);
    values[k] = static_cast<std::uint8_t>(rounded);
  };
  for (std::size_t k = 0; k < axes_; ++k) {
    rest -= room.projections[k] * room.projections[k];
    store(k, room.projections[k]);
  }
  store(axes_, std::sqrt(std::max(rest, 0.0)) - meanRest_);
  if (axes_ + 1 < width()) values[axes_ + 1] = kMostValue;
  return std::sqrt(moved);
}

}  // namespace fcn
