#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace fcn {

// Disjoint sets that many threads may join at once. A root is the lowest member of its set, because a join
// always hangs the higher root below the lower one; so the outcome does not depend on the order of the joins.
class DisjointSets {
 public:
  using Index = std::uint32_t;

  explicit DisjointSets(std::size_t n) : parent_(n) {
    for (std::size_t i = 0; i < n; ++i) parent_[i].store(static_cast<Index>(i), std::memory_order_relaxed);
  }

  // Any thread. While others join, two calls with members of one set may return different roots.
  Index find(Index i) {
    for (;;) {
      Index parent = parent_[i].load(std::memory_order_relaxed);
      if (parent == i) return i;
      const Index grandparent = parent_[parent].load(std::memory_order_relaxed);
      if (grandparent == parent) return parent;
      // Path halving; losing the race only means that somebody else shortened the path.
      parent_[i].compare_exchange_weak(parent, grandparent, std::memory_order_relaxed);
      i = grandparent;
    }
  }

  // Any thread.
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

}  // namespace fcn
