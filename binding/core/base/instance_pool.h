#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <limits>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace fcn {

// Lends out instances of something that only one thread may use at a time, and makes more by clone() when all
// are in use: never more than threads ever asked at once. What they hold is kept for the next borrower, as
// long as it is not too much.
template <typename T>
class InstancePool {
 public:
  // - keptBytes: the most that an idle instance may hold.
  explicit InstancePool(std::unique_ptr<T> first,
                        std::size_t keptBytes = std::numeric_limits<std::size_t>::max())
      : prototype_(std::move(first)), keptBytes_(keptBytes) {}

  // An instance on loan; goes back when this is destroyed, if it is to be kept. Must not outlive the pool.
  class Loan {
   public:
    Loan(InstancePool& pool, std::unique_ptr<T> instance, std::size_t bytes)
        : pool_(&pool), instance_(std::move(instance)), bytes_(bytes) {}
    Loan(Loan&&) = default;
    ~Loan() {
      if (!instance_ || bytes_ > pool_->keptBytes_) return;
      const std::lock_guard<std::mutex> lock(pool_->mutex_);
      pool_->idle_.push_back({std::move(instance_), bytes_});
    }
    T* operator->() const { return instance_.get(); }
    T& operator*() const { return *instance_; }

   private:
    InstancePool* pool_;
    std::unique_ptr<T> instance_;
    std::size_t bytes_;
  };

  // - bytes: what the instance is going to hold, at most; 0 where that is next to nothing. If it is more than
  //   may be kept, it is freed with the loan, and before that what idle instances hold, to make room.
  Loan borrow(std::size_t bytes = 0) {
    if (bytes > keptBytes_) makeRoom(bytes);
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (!idle_.empty()) {
        Idle last = std::move(idle_.back());
        idle_.pop_back();
        return Loan(*this, std::move(last.instance), std::max(last.bytes, bytes));
      }
    }
    return Loan(*this, prototype_->clone(), bytes);
  }

  // Frees the idle instances that hold more than may be kept together with so many bytes of something else.
  void makeRoom(std::size_t bytes) {
    std::vector<Idle> freed;  // when others may borrow again
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto first = std::partition(idle_.begin(), idle_.end(), [&](const Idle& idle) {
      return bytes <= keptBytes_ && idle.bytes <= keptBytes_ - bytes;
    });
    freed.assign(std::make_move_iterator(first), std::make_move_iterator(idle_.end()));
    idle_.erase(first, idle_.end());
  }

  // What all idle instances hold.
  std::size_t idleBytes() {
    const std::lock_guard<std::mutex> lock(mutex_);
    std::size_t bytes = 0;
    for (const Idle& idle : idle_) bytes += idle.bytes;
    return bytes;
  }

 private:
  struct Idle {
    std::unique_ptr<T> instance;
    std::size_t bytes;
  };

  // Never runs itself: clone() may be called while instances are in use.
  const std::unique_ptr<T> prototype_;
  const std::size_t keptBytes_;
  std::mutex mutex_;
  std::vector<Idle> idle_;
};

}  // namespace fcn
