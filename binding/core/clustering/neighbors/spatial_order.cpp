#include "spatial_order.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "kernels.h"

namespace fcn {
namespace {

// Points that are looked at to find where a set spreads most.
constexpr std::size_t kLookedAt = 128;
// Points dealt with between two looks at the cancel token.
constexpr std::size_t kAtOnce = 65536;

struct Range {
  std::size_t first, last;
};

class Cutter {
 public:
  Cutter(const float* coordinates, std::size_t width, std::vector<std::uint32_t>& order,
         const CancelToken& cancel)
      : coordinates_(coordinates), width_(width), order_(order), cancel_(cancel) {}

  // Cuts the range, which must be more than a block, in two; returns where.
  std::size_t cut(Range range) const {
    const std::size_t size = range.last - range.first;
    // Blocks stay whole: only the last of them may have fewer points.
    const std::size_t middle = range.first + blocksOf(size) / 2 * kBlock;

    const std::size_t dimension = widest(range);
    // Gathered first, for each value is looked at several times and they lie far apart.
    std::vector<std::pair<float, std::uint32_t>> values(size);
    for (std::size_t i = 0; i < size; ++i) {
      if (i % kAtOnce == 0) cancel_.throwIfCancelled();
      const std::uint32_t point = order_[range.first + i];
      values[i] = {coordinates_[point * width_ + dimension], point};
    }
    std::size_t compared = 0;
    std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(middle - range.first),
                     values.end(), [&](const auto& a, const auto& b) {
                       if (++compared % kAtOnce == 0) cancel_.throwIfCancelled();
                       return a < b;
                     });
    for (std::size_t i = 0; i < size; ++i) order_[range.first + i] = values[i].second;
    return middle;
  }

 private:
  std::size_t widest(Range range) const {
    const std::size_t size = range.last - range.first;
    const std::size_t count = std::min(size, kLookedAt);
    std::vector<double> sums(width_), squares(width_);
    for (std::size_t i = 0; i < count; ++i) {
      const float* point = coordinates_ + order_[range.first + i * size / count] * width_;
      for (std::size_t k = 0; k < width_; ++k) {
        sums[k] += point[k];
        squares[k] += static_cast<double>(point[k]) * point[k];
      }
    }
    std::size_t best = 0;
    double most = -1;
    for (std::size_t k = 0; k < width_; ++k) {
      const double variance = squares[k] - sums[k] * sums[k] / static_cast<double>(count);
      if (variance <= most) continue;
      most = variance;
      best = k;
    }
    return best;
  }

  const float* const coordinates_;
  const std::size_t width_;
  std::vector<std::uint32_t>& order_;
  const CancelToken& cancel_;
};

}  // namespace

std::vector<std::uint32_t> spatialOrder(const float* coordinates, std::size_t n, std::size_t width,
                                        const Parallel& parallel) {
  std::vector<std::uint32_t> order(n);
  std::iota(order.begin(), order.end(), std::uint32_t{0});
  if (width == 0) return order;
  const Cutter cutter(coordinates, width, order, parallel.cancelToken());
  std::vector<Range> ranges;
  if (n > kBlock) ranges.push_back({0, n});
  while (!ranges.empty()) {
    std::vector<std::size_t> cuts(ranges.size());
    parallel.forEach(ranges.size(), [&](std::size_t i) { cuts[i] = cutter.cut(ranges[i]); });
    std::vector<Range> next;
    for (std::size_t i = 0; i < ranges.size(); ++i) {
      if (cuts[i] - ranges[i].first > kBlock) next.push_back({ranges[i].first, cuts[i]});
      if (ranges[i].last - cuts[i] > kBlock) next.push_back({cuts[i], ranges[i].last});
    }
    ranges = std::move(next);
  }
  return order;
}

}  // namespace fcn
