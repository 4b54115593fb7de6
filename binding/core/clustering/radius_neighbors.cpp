#include "radius_neighbors.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <string>

#include "clustering/neighbors/pair_search.h"
#include "clustering/neighbors/pair_store.h"
#include "clustering/neighbors/prepared_points.h"

namespace fcn {
namespace {

using Cursor = std::atomic<std::uint64_t>;

// Counts the neighbours of each position, and keeps the pairs.
class CountPass {
 public:
  CountPass(std::vector<Cursor>& counts, PairStore& store, PairSearch& search)
      : counts_(counts), store_(store), search_(search) {}
  bool wantsBlocks(std::size_t, std::size_t) { return true; }
  bool wants(Position, Position) { return true; }
  void found(Position a, Position b) {
    counts_[a].fetch_add(1, std::memory_order_relaxed);
    counts_[b].fetch_add(1, std::memory_order_relaxed);
    // What no longer fits is not collected either.
    if (!store_.full()) pairs_.push_back({a, b});
  }
  void end() {
    if (!store_.add(std::move(pairs_))) search_.expectRun();
  }

 private:
  std::vector<Cursor>& counts_;
  PairStore& store_;
  PairSearch& search_;
  std::vector<Pair> pairs_;
};

}  // namespace

RadiusNeighbors radiusNeighbors(const PointsView& points, const RadiusNeighborsOptions& options,
                                const CancelToken& cancel) {
  const std::size_t n = points.n;
  const Parallel parallel(options.threads, cancel);
  Progress progress(options.onProgress);
  progress.expect(PairSearch::work(n));
  const PreparedPoints prepared = preparePoints(points, options.eps, parallel, progress);
  PairSearch search(prepared, options.eps, parallel, progress);

  // A pair takes 8 bytes, and then 24 of the result.
  PairStore store(options.maxMemory / 4);
  std::vector<Cursor> cursors(n);                                           // by position
  for (auto& cursor : cursors) cursor.store(1, std::memory_order_relaxed);  // the point itself
  search.run([&] { return CountPass(cursors, store, search); });

  RadiusNeighbors result;
  result.offsets.assign(n + 1, 0);
  for (std::size_t i = 0; i < n; ++i) result.offsets[prepared.order[i] + 1] = cursors[i].load();
  for (std::size_t row = 0; row < n; ++row) result.offsets[row + 1] += result.offsets[row];
  const std::uint64_t total = result.offsets[n];
  const double bytes = static_cast<double>(total) * (sizeof(std::uint32_t) + sizeof(double));
  if (bytes > static_cast<double>(options.maxMemory)) {
    throw Error(ErrorCode::OutOfMemory, "Expected at most maxMemory = " + std::to_string(options.maxMemory) +
                                            " bytes of neighbours but " + std::to_string(total) + " take " +
                                            std::to_string(static_cast<std::uint64_t>(bytes)) +
                                            ". Use a smaller eps, or raise maxMemory.");
  }
  const bool again =
      store.full() || bytes + static_cast<double>(store.bytes()) > static_cast<double>(options.maxMemory);
  if (again) store.clear();

  result.indices.resize(total);
  for (std::size_t i = 0; i < n; ++i) {
    const std::uint32_t row = prepared.order[i];
    result.indices[result.offsets[row]] = row;
    cursors[i].store(result.offsets[row] + 1);
  }
  const auto take = [&](Position a, Position b) {
    result.indices[cursors[a].fetch_add(1, std::memory_order_relaxed)] = prepared.order[b];
    result.indices[cursors[b].fetch_add(1, std::memory_order_relaxed)] = prepared.order[a];
  };
  if (again) {
    if (!store.full()) search.expectRun();
    const auto all = [](Position, Position) { return true; };
    search.run([&] { return TakePairs(all, take); });
  } else {
    store.forEach(cancel, [&](const Pair& pair) { take(pair.a, pair.b); });
    store.clear();
  }

  result.distances.resize(total);
  constexpr std::size_t kRowsAtOnce = 64;
  parallel.forEach(n, kRowsAtOnce, [&](std::size_t row) {
    cancel.throwIfCancelled();
    const auto first = static_cast<std::ptrdiff_t>(result.offsets[row]);
    const auto last = static_cast<std::ptrdiff_t>(result.offsets[row + 1]);
    std::sort(result.indices.begin() + first, result.indices.begin() + last);
    for (std::ptrdiff_t i = first; i < last; ++i) {
      const auto at = static_cast<std::size_t>(i);
      result.distances[at] = std::sqrt(
          squaredDistance(points, row, result.indices[at], std::numeric_limits<double>::infinity()));
    }
  });
  return result;
}

}  // namespace fcn
