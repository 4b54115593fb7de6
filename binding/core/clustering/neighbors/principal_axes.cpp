#include "principal_axes.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace fcn {
namespace {

constexpr int kRounds = 3;
constexpr std::size_t kPieces = 16;

// Makes the columns of the (d, count) matrix orthonormal, in their order (modified Gram-Schmidt), and drops
// those that depend on the ones before.
void orthonormalise(Axes& axes, std::size_t d, const CancelToken& cancel) {
  // Row by row, an axis lies in one piece.
  std::vector<std::vector<double>> kept;
  std::vector<double> axis(d);
  for (std::size_t k = 0; k < axes.count; ++k) {
    cancel.throwIfCancelled();
    for (std::size_t j = 0; j < d; ++j) axis[j] = axes.values[j * axes.count + k];
    const double before = std::sqrt(std::inner_product(axis.begin(), axis.end(), axis.begin(), 0.0));
    // "Twice is enough" (Kahan): the second time takes away what rounding left.
    for (int round = 0; round < 2; ++round) {
      for (const auto& other : kept) {
        const double dot = std::inner_product(axis.begin(), axis.end(), other.begin(), 0.0);
        for (std::size_t j = 0; j < d; ++j) axis[j] -= dot * other[j];
      }
    }
    const double norm = std::sqrt(std::inner_product(axis.begin(), axis.end(), axis.begin(), 0.0));
    if (!(norm > 1e-9 * before)) continue;
    for (double& value : axis) value /= norm;
    kept.push_back(axis);
  }

  axes.count = kept.size();
  axes.values.assign(d * axes.count, 0);
  double squares = 0;
  for (std::size_t k = 0; k < axes.count; ++k) {
    for (std::size_t j = 0; j < d; ++j) axes.values[j * axes.count + k] = kept[k][j];
    for (std::size_t other = 0; other <= k; ++other) {
      const double dot = std::inner_product(kept[k].begin(), kept[k].end(), kept[other].begin(), 0.0);
      squares += other == k ? (dot - 1) * (dot - 1) : 2 * dot * dot;
    }
  }
  axes.defect = std::sqrt(squares);
}

}  // namespace

Axes coordinateAxes(const std::vector<double>& sample, std::size_t d, std::size_t count) {
  std::vector<double> variance(d);
  for (std::size_t i = 0; i < sample.size(); ++i) variance[i % d] += sample[i] * sample[i];
  std::vector<std::size_t> order(d);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return variance[a] > variance[b]; });
  Axes axes;
  axes.count = count;
  axes.values.assign(d * count, 0);
  for (std::size_t k = 0; k < count; ++k) axes.values[order[k] * count + k] = 1;
  return axes;
}

Axes principalAxes(const std::vector<double>& sample, std::size_t d, std::size_t count,
                   const Parallel& parallel) {
  Axes axes = coordinateAxes(sample, d, count);
  const std::size_t m = sample.size() / d;
  // As many pieces whatever the number of threads is, so that the sums are the same.
  std::vector<std::vector<double>> pieces(std::min<std::size_t>(m, kPieces));
  for (int round = 0; round < kRounds && axes.count > 0; ++round) {
    // values = sample' (sample values)
    parallel.forEach(pieces.size(), [&](std::size_t piece) {
      std::vector<double>& sums = pieces[piece];
      sums.assign(d * axes.count, 0);
      std::vector<double> projection(axes.count);
      for (std::size_t row = piece; row < m; row += pieces.size()) {
        parallel.throwIfCancelled();
        const double* point = sample.data() + row * d;
        std::fill(projection.begin(), projection.end(), 0.0);
        for (std::size_t j = 0; j < d; ++j) {
          const double* from = axes.values.data() + j * axes.count;
          for (std::size_t k = 0; k < axes.count; ++k) projection[k] += point[j] * from[k];
        }
        for (std::size_t j = 0; j < d; ++j) {
          double* to = sums.data() + j * axes.count;
          for (std::size_t k = 0; k < axes.count; ++k) to[k] += point[j] * projection[k];
        }
      }
    });
    axes.values.assign(d * axes.count, 0);
    for (const std::vector<double>& sums : pieces) {
      for (std::size_t i = 0; i < sums.size(); ++i) axes.values[i] += sums[i];
    }
    orthonormalise(axes, d, parallel.cancelToken());
  }
  return axes;
}

}  // namespace fcn
