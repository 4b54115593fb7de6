#pragma once

#include <cstddef>
#include <functional>

#include "base/thread_pool.h"

namespace fcn {

// Somebody else's points: n rows of d values each, row-major, as float32 or float64.
struct PointsView {
  const float* float32;  // one of the two is null
  const double* float64;
  std::size_t n, d;
};

// Options of all that compares the points with each other.
struct PointsOptions {
  std::size_t threads = 1;
  std::size_t maxMemory = std::size_t{512} << 20;  // in bytes; each says for what
  // Called from any of the threads, but never from two at once, with the done fraction in (0, 1]; it rises.
  std::function<void(double)> onProgress;
};

// The squared distance of two rows of d values, or something greater than `limit` as soon as it is known to
// exceed that. This function is what "exact" means: the order of its sums is fixed, so a pair's distance is
// the same wherever and however often it is computed.
template <typename T, typename U>
double squaredDistance(const T* x, const U* y, std::size_t d, double limit) {
  double total = 0;
  std::size_t k = 0;
  for (; k + 16 <= d; k += 16) {
    double sums[4] = {0, 0, 0, 0};
    for (std::size_t j = 0; j < 16; j += 4) {
      for (std::size_t lane = 0; lane < 4; ++lane) {
        const double difference = static_cast<double>(x[k + j + lane]) - static_cast<double>(y[k + j + lane]);
        sums[lane] += difference * difference;
      }
    }
    total += (sums[0] + sums[1]) + (sums[2] + sums[3]);
    if (total > limit) return total;
  }
  for (; k < d; ++k) {
    const double difference = static_cast<double>(x[k]) - static_cast<double>(y[k]);
    total += difference * difference;
  }
  return total;
}

// The same for rows a and b of the points.
inline double squaredDistance(const PointsView& points, std::size_t a, std::size_t b, double limit) {
  const std::size_t d = points.d;
  return points.float64 ? squaredDistance(points.float64 + a * d, points.float64 + b * d, d, limit)
                        : squaredDistance(points.float32 + a * d, points.float32 + b * d, d, limit);
}

// The largest absolute value of all points; 0 without any.
// - throws Error(InvalidArgument) naming the first row with a NaN or infinite value, Error(Aborted)
double checkFinite(const PointsView& points, const Parallel& parallel);

}  // namespace fcn
