#include "points.h"

#include <algorithm>
#include <cmath>
#include <mutex>
#include <string>

namespace fcn {
namespace {

// Values looked at between two looks at the cancel token.
constexpr std::size_t kChunk = std::size_t{1} << 16;

template <typename T>
double largest(const T* values, const PointsView& points, const Parallel& parallel) {
  const std::size_t count = points.n * points.d;
  std::mutex mutex;
  double found = 0;
  std::size_t bad = count;
  parallel.forEach((count + kChunk - 1) / kChunk, [&](std::size_t chunk) {
    const std::size_t first = chunk * kChunk, last = std::min(first + kChunk, count);
    T top = 0;
    // 0 times infinity or NaN is NaN, which no further sum can hide: a loop without branches.
    T mark = 0;
    for (std::size_t i = first; i < last; ++i) {
      top = std::max(top, std::abs(values[i]));
      mark += values[i] * T{0};
    }
    std::size_t position = last;
    if (mark != 0) {
      position = first;
      while (std::isfinite(values[position])) ++position;
    }
    const std::lock_guard<std::mutex> lock(mutex);
    found = std::max(found, static_cast<double>(top));
    if (position < last) bad = std::min(bad, position);
  });
  if (bad == count) return found;
  throw Error(ErrorCode::InvalidArgument, "Expected finite values in points but row " +
                                              std::to_string(bad / points.d) + " has " +
                                              (std::isnan(values[bad]) ? "NaN" : "an infinite value") +
                                              " in column " + std::to_string(bad % points.d));
}

}  // namespace

double checkFinite(const PointsView& points, const Parallel& parallel) {
  return points.float64 ? largest(points.float64, points, parallel)
                        : largest(points.float32, points, parallel);
}

}  // namespace fcn
