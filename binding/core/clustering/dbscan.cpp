#include "dbscan.h"

#include <algorithm>
#include <atomic>

#include "clustering/neighbors/disjoint_sets.h"
#include "clustering/neighbors/pair_search.h"
#include "clustering/neighbors/pair_store.h"
#include "clustering/neighbors/prepared_points.h"

namespace fcn {
namespace {

using Count = std::atomic<std::uint32_t>;

// Rows dealt with between two looks at the cancel token.
constexpr std::size_t kRowsAtOnce = 65536;

// What all threads share.
struct Clustering {
  Clustering(const PreparedPoints& points, const DbscanOptions& options)
      : prepared(points),
        minSamples(static_cast<std::uint32_t>(std::min<std::size_t>(options.minSamples, 0x7fffffff))),
        neighbours(points.points.n),
        sets(points.points.n),
        oneCluster(points.blocks) {
    for (auto& count : neighbours) count.store(1, std::memory_order_relaxed);  // the point itself
    for (auto& flag : oneCluster) flag.store(false, std::memory_order_relaxed);
  }

  bool isCore(Position i) const { return neighbours[i].load(std::memory_order_relaxed) >= minSamples; }

  // Counts a neighbour of i, if that can still matter; returns whether i is a core point now.
  bool count(Position i) {
    return isCore(i) || neighbours[i].fetch_add(1, std::memory_order_relaxed) + 1 >= minSamples;
  }

  // Whether all points of a block are known to be core points of one cluster. Once so, it stays so.
  bool isOneCluster(std::size_t block) {
    if (oneCluster[block].load(std::memory_order_relaxed)) return true;
    const auto first = static_cast<Position>(block * kBlock);
    for (Position i = first; i < first + prepared.blockSize(block); ++i) {
      if (!isCore(i) || sets.find(i) != sets.find(first)) return false;
    }
    oneCluster[block].store(true, std::memory_order_relaxed);
    return true;
  }

  const PreparedPoints& prepared;
  const std::uint32_t minSamples;
  std::vector<Count> neighbours;  // (n) by position: exact below minSamples, else at least that
  DisjointSets sets;              // of positions
  std::vector<std::atomic<bool>> oneCluster;
};

// Finds the core points, joins those that are neighbours, and keeps the pairs that can't be dealt with yet.
// Nothing more is to be learned from two core points of one cluster, so that crowds of points that are all
// alike cost little.
//
// A pair is kept if one of its points is not known as a core point even with this pair counted. As that takes
// minSamples - 1 pairs, fewer are kept for each point; and all pairs of points that never become core points
// are.
class FirstPass {
 public:
  FirstPass(Clustering& clustering, PairStore& undecided, PairSearch& search)
      : clustering_(clustering), undecided_(undecided), search_(search) {}

  bool wantsBlocks(std::size_t a, std::size_t b) {
    if (!clustering_.isOneCluster(a) || !clustering_.isOneCluster(b)) return true;
    DisjointSets& sets = clustering_.sets;
    return sets.find(static_cast<Position>(a * kBlock)) != sets.find(static_cast<Position>(b * kBlock));
  }
  bool wants(Position a, Position b) {
    return !clustering_.isCore(a) || !clustering_.isCore(b) ||
           clustering_.sets.find(a) != clustering_.sets.find(b);
  }
  void found(Position a, Position b) {
    const bool coreA = clustering_.count(a), coreB = clustering_.count(b);
    if (coreA && coreB) {
      clustering_.sets.join(a, b);
    } else {
      pairs_.push_back({a, b});
    }
  }
  void end() {
    if (!undecided_.add(std::move(pairs_))) search_.expectRun();
  }

 private:
  Clustering& clustering_;
  PairStore& undecided_;
  PairSearch& search_;
  std::vector<Pair> pairs_;
};

// Numbers the clusters by their lowest core row.
void numberClusters(Clustering& clustering, DbscanResult& result, const CancelToken& cancel) {
  const auto& order = clustering.prepared.order;
  const std::size_t n = order.size();
  std::vector<Position> positions(n);
  for (std::size_t i = 0; i < n; ++i) positions[order[i]] = static_cast<Position>(i);
  std::vector<std::int32_t> labels(n, -1);  // by root
  for (std::size_t row = 0; row < n; ++row) {
    if (row % kRowsAtOnce == 0) cancel.throwIfCancelled();
    if (!clustering.isCore(positions[row])) continue;
    result.core[row] = 1;
    std::int32_t& label = labels[clustering.sets.find(positions[row])];
    if (label == -1) label = result.clusters++;
    result.labels[row] = label;
  }
}

}  // namespace

DbscanResult dbscan(const PointsView& points, const DbscanOptions& options, const CancelToken& cancel) {
  DbscanResult result;
  result.labels.assign(points.n, -1);
  result.core.assign(points.n, 0);

  const Parallel parallel(options.threads, cancel);
  Progress progress(options.onProgress);
  progress.expect(PairSearch::work(points.n));
  const PreparedPoints prepared = preparePoints(points, options.eps, parallel, progress);
  Clustering clustering(prepared, options);
  PairSearch search(prepared, options.eps, parallel, progress);
  PairStore undecided(options.maxMemory);
  search.run([&] { return FirstPass(clustering, undecided, search); });

  // From here on it is known which points are core points.
  const auto areCore = [&](Position a, Position b) { return clustering.isCore(a) && clustering.isCore(b); };
  const auto join = [&](Position a, Position b) {
    if (areCore(a, b)) clustering.sets.join(a, b);
  };
  // Where the undecided pairs were too many to be kept, they are found again.
  if (undecided.full()) {
    search.expectRun();
    search.run([&] { return TakePairs(areCore, join); });
  } else {
    undecided.forEach(cancel, [&](const Pair& pair) { join(pair.a, pair.b); });
  }
  numberClusters(clustering, result, cancel);

  // Labels of border points, by row: threads may lower them at once.
  std::vector<std::atomic<std::int32_t>> borders(points.n);
  for (auto& border : borders) border.store(-1, std::memory_order_relaxed);
  const auto isOneCore = [&](Position a, Position b) { return clustering.isCore(a) != clustering.isCore(b); };
  const auto reach = [&](Position a, Position b) {
    if (!isOneCore(a, b)) return;
    if (clustering.isCore(b)) std::swap(a, b);
    const std::int32_t label = result.labels[prepared.order[a]];
    auto& border = borders[prepared.order[b]];
    std::int32_t current = border.load(std::memory_order_relaxed);
    while ((current == -1 || label < current) &&
           !border.compare_exchange_weak(current, label, std::memory_order_relaxed)) {
    }
  };
  if (undecided.full()) {
    search.run([&] { return TakePairs(isOneCore, reach); });
  } else {
    undecided.forEach(cancel, [&](const Pair& pair) { reach(pair.a, pair.b); });
  }
  for (std::size_t row = 0; row < points.n; ++row) {
    if (!result.core[row]) result.labels[row] = borders[row].load(std::memory_order_relaxed);
  }
  return result;
}

}  // namespace fcn
