#include "dbscan.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <memory>
#include <mutex>
#include <string>

#include "thread_pool.h"

namespace fcn {
namespace {

using Index = std::uint32_t;

struct Pair {
  Index a, b;
};

// Disjoint sets that many threads may join at once. A root is the lowest member of its set, because a join
// always hangs the higher root below the lower one; so the outcome does not depend on the order of the joins.
class DisjointSets {
 public:
  explicit DisjointSets(std::size_t n) : parent_(n) {
    for (std::size_t i = 0; i < n; ++i) parent_[i].store(static_cast<Index>(i), std::memory_order_relaxed);
  }

  Index find(Index i) {
    for (;;) {
      Index parent = parent_[i].load(std::memory_order_relaxed);
      if (parent == i) return i;
      // Path halving; losing the race only means that somebody else shortened the path.
      const Index grandparent = parent_[parent].load(std::memory_order_relaxed);
      parent_[i].compare_exchange_weak(parent, grandparent, std::memory_order_relaxed);
      i = grandparent;
    }
  }

  void join(Index a, Index b) {
    for (;;) {
      a = find(a);
      b = find(b);
      if (a == b) return;
      if (a < b) std::swap(a, b);
      Index expected = a;
      if (parent_[a].compare_exchange_strong(expected, b, std::memory_order_relaxed)) return;
    }
  }

 private:
  std::vector<std::atomic<Index>> parent_;
};

// Rows of a tile: two tiles of 128 float64 values a row stay in a core's second-level cache.
constexpr std::size_t kTile = 128;

// The squared distance, or something greater than `limit` as soon as it is known to exceed that. The order of
// the sums is fixed, so a pair's distance is the same wherever and however often it is computed.
double squaredDistance(const double* x, const double* y, std::size_t d, double limit) {
  double total = 0;
  std::size_t k = 0;
  for (; k + 16 <= d; k += 16) {
    double sums[4] = {0, 0, 0, 0};
    for (std::size_t j = 0; j < 16; j += 4) {
      for (std::size_t lane = 0; lane < 4; ++lane) {
        const double difference = x[k + j + lane] - y[k + j + lane];
        sums[lane] += difference * difference;
      }
    }
    total += (sums[0] + sums[1]) + (sums[2] + sums[3]);
    if (total > limit) return total;
  }
  for (; k < d; ++k) {
    const double difference = x[k] - y[k];
    total += difference * difference;
  }
  return total;
}

// Finds all pairs of neighbours, tile by tile of the upper triangle of the distance matrix.
class PairSearch {
 public:
  PairSearch(const PointsView& points, const DbscanOptions& options, const CancelToken& cancel)
      : points_(points), options_(options), cancel_(cancel), limit_(options.eps * options.eps) {
    const std::size_t tiles = (points.n + kTile - 1) / kTile;
    tileCount_ = tiles * (tiles + 1) / 2;
  }

  // Calls onTile(pairs) for the neighbour pairs (a < b) of each tile, from several threads at once.
  template <typename OnTile>
  void run(const OnTile& onTile) {
    parallelFor(options_.threads, tileCount_, [&](std::size_t tile) {
      cancel_.throwIfCancelled();
      std::vector<Pair> pairs;
      search(tile, pairs);
      onTile(pairs);
      advance();
    });
  }

  // Says that run() will be called a second time, so that the progress reckons with it.
  void expectSecondRun() { runs_ = 2; }

 private:
  // The rows [first, last) as float64; copied to `buffer` if they are not.
  const double* rows(std::size_t first, std::size_t last, std::vector<double>& buffer) const {
    if (points_.float64) return points_.float64 + first * points_.d;
    buffer.assign(points_.float32 + first * points_.d, points_.float32 + last * points_.d);
    return buffer.data();
  }

  void search(std::size_t tile, std::vector<Pair>& pairs) const {
    // Tiles are counted row by row of the lower triangle: tile = row * (row + 1) / 2 + column.
    std::size_t row = static_cast<std::size_t>((std::sqrt(8.0 * static_cast<double>(tile) + 1) - 1) / 2);
    while (row * (row + 1) / 2 > tile) --row;
    while ((row + 1) * (row + 2) / 2 <= tile) ++row;
    const std::size_t column = tile - row * (row + 1) / 2;

    const std::size_t a0 = column * kTile, a1 = std::min(a0 + kTile, points_.n);
    const std::size_t b0 = row * kTile, b1 = std::min(b0 + kTile, points_.n);
    std::vector<double> aBuffer, bBuffer;
    const double* aRows = rows(a0, a1, aBuffer);
    const double* bRows = rows(b0, b1, bBuffer);
    for (std::size_t a = a0; a < a1; ++a) {
      for (std::size_t b = std::max(b0, a + 1); b < b1; ++b) {
        const double distance =
            squaredDistance(aRows + (a - a0) * points_.d, bRows + (b - b0) * points_.d, points_.d, limit_);
        if (distance <= limit_) pairs.push_back({static_cast<Index>(a), static_cast<Index>(b)});
      }
    }
  }

  void advance() {
    if (!options_.onProgress) return;
    const std::lock_guard<std::mutex> lock(progressMutex_);
    ++done_;
    const double fraction = static_cast<double>(done_) / static_cast<double>(runs_ * tileCount_);
    // A second run may turn up late: progress then waits rather than going back.
    if (fraction <= reported_) return;
    reported_ = fraction;
    options_.onProgress(fraction);
  }

  const PointsView& points_;
  const DbscanOptions& options_;
  const CancelToken& cancel_;
  const double limit_;
  std::size_t tileCount_;
  std::atomic<std::size_t> runs_{1};
  std::mutex progressMutex_;
  std::size_t done_ = 0;
  double reported_ = 0;
};

template <typename T>
void checkFinite(const T* values, const PointsView& points, const CancelToken& cancel) {
  for (std::size_t row = 0; row < points.n; ++row) {
    if (row % 65536 == 0) cancel.throwIfCancelled();
    for (std::size_t k = 0; k < points.d; ++k) {
      if (std::isfinite(values[row * points.d + k])) continue;
      throw Error(ErrorCode::InvalidArgument,
                  "Expected finite values in points but row " + std::to_string(row) + " has " +
                      (std::isnan(values[row * points.d + k]) ? "NaN" : "an infinite value") + " in column " +
                      std::to_string(k));
    }
  }
}

}  // namespace

DbscanResult dbscan(const PointsView& points, const DbscanOptions& options, const CancelToken& cancel) {
  if (points.float64) {
    checkFinite(points.float64, points, cancel);
  } else {
    checkFinite(points.float32, points, cancel);
  }

  const std::size_t n = points.n;
  PairSearch search(points, options, cancel);

  // First pass: how many neighbours each point has. Keeps the pairs unless there are too many.
  std::vector<std::atomic<Index>> neighbours(n);
  for (auto& count : neighbours) count.store(1, std::memory_order_relaxed);  // the point itself
  std::vector<Pair> kept;
  bool keeping = true;
  std::mutex keptMutex;
  search.run([&](const std::vector<Pair>& pairs) {
    for (const Pair& pair : pairs) {
      neighbours[pair.a].fetch_add(1, std::memory_order_relaxed);
      neighbours[pair.b].fetch_add(1, std::memory_order_relaxed);
    }
    const std::lock_guard<std::mutex> lock(keptMutex);
    if (!keeping) return;
    if (kept.size() + pairs.size() > options.maxPairs) {
      keeping = false;
      search.expectSecondRun();
      std::vector<Pair>().swap(kept);
      return;
    }
    kept.insert(kept.end(), pairs.begin(), pairs.end());
  });

  DbscanResult result;
  result.labels.assign(n, -1);
  result.core.resize(n);
  for (std::size_t i = 0; i < n; ++i) result.core[i] = neighbours[i].load() >= options.minSamples;

  // Second pass: join core points that are neighbours, remember which core points reach a border point (fewer
  // than minSamples for each, or it would be one itself).
  DisjointSets sets(n);
  std::vector<Pair> borders;
  std::mutex bordersMutex;
  const auto connect = [&](const std::vector<Pair>& pairs) {
    std::vector<Pair> reached;
    for (const Pair& pair : pairs) {
      if (result.core[pair.a] && result.core[pair.b]) {
        sets.join(pair.a, pair.b);
      } else if (result.core[pair.a]) {
        reached.push_back({pair.a, pair.b});
      } else if (result.core[pair.b]) {
        reached.push_back({pair.b, pair.a});
      }
    }
    const std::lock_guard<std::mutex> lock(bordersMutex);
    borders.insert(borders.end(), reached.begin(), reached.end());
  };
  if (keeping) {
    connect(kept);
  } else {
    search.run(connect);
  }

  // A root is its set's lowest member, so walking up the points meets the clusters in their order.
  for (std::size_t i = 0; i < n; ++i) {
    if (!result.core[i]) continue;
    const Index root = sets.find(static_cast<Index>(i));
    result.labels[i] = root == i ? result.clusters++ : result.labels[root];
  }
  for (const Pair& border : borders) {
    const std::int32_t label = result.labels[border.a];
    std::int32_t& current = result.labels[border.b];
    if (current == -1 || label < current) current = label;
  }
  return result;
}

}  // namespace fcn
