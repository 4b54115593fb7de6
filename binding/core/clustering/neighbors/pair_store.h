#pragma once

#include <atomic>
#include <cstddef>
#include <mutex>
#include <utility>
#include <vector>

#include "pair_search.h"

namespace fcn {

// Keeps pairs as long as they fit into a budget, and none at all afterwards.
class PairStore {
 public:
  explicit PairStore(std::size_t maxBytes) : maxBytes_(maxBytes) {}

  // Any thread.
  // - returns false if that was the one too many
  bool add(std::vector<Pair>&& pairs) {
    if (pairs.empty()) return true;
    pairs.shrink_to_fit();
    const std::lock_guard<std::mutex> lock(mutex_);
    if (full_) return true;
    bytes_ += pairs.size() * sizeof(Pair) + sizeof pairs;
    full_ = bytes_ > maxBytes_;
    if (full_) {
      std::vector<std::vector<Pair>>().swap(pieces_);
      return false;
    }
    pieces_.push_back(std::move(pairs));
    return true;
  }

  // Any thread: true if not all pairs are there.
  bool full() const { return full_.load(std::memory_order_relaxed); }

  // The rest: from one thread, when no other is adding.
  std::size_t bytes() const { return bytes_; }
  template <typename Take>
  void forEach(const CancelToken& cancel, const Take& take) const {
    for (const auto& piece : pieces_) {
      cancel.throwIfCancelled();
      for (const Pair& pair : piece) take(pair);
    }
  }
  void clear() { std::vector<std::vector<Pair>>().swap(pieces_); }

 private:
  const std::size_t maxBytes_;
  std::mutex mutex_;
  std::size_t bytes_ = 0;
  std::atomic<bool> full_{false};
  std::vector<std::vector<Pair>> pieces_;
};

}  // namespace fcn
