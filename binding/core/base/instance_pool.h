#pragma once

#include <memory>
#include <mutex>
#include <vector>

namespace fcn {

// Lends out instances of something that only one thread may use at a time, and makes more by clone() when all
// are in use: never more than threads ever asked at once.
template <typename T>
class InstancePool {
 public:
  explicit InstancePool(std::unique_ptr<T> first) : prototype_(std::move(first)) {}

  // An instance on loan; goes back when it is destroyed, if it is to be kept. Must not outlive the pool.
  class Loan {
   public:
    Loan(InstancePool& pool, std::unique_ptr<T> instance, bool keep)
        : pool_(&pool), instance_(std::move(instance)), keep_(keep) {}
    Loan(Loan&&) = default;
    ~Loan() {
      if (!instance_ || !keep_) return;
      const std::lock_guard<std::mutex> lock(pool_->mutex_);
      pool_->idle_.push_back(std::move(instance_));
    }
    T* operator->() const { return instance_.get(); }
    T& operator*() const { return *instance_; }

   private:
    InstancePool* pool_;
    std::unique_ptr<T> instance_;
    bool keep_;
  };

  // - keep: whether the instance's memory is of use to the next borrower. If not, it is freed with the loan,
  //   and before that what idle instances hold, to make room.
  Loan borrow(bool keep = true) {
    if (!keep) {
      std::vector<std::unique_ptr<T>> freed;
      const std::lock_guard<std::mutex> lock(mutex_);
      freed.swap(idle_);
    } else {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (!idle_.empty()) {
        std::unique_ptr<T> instance = std::move(idle_.back());
        idle_.pop_back();
        return Loan(*this, std::move(instance), keep);
      }
    }
    return Loan(*this, prototype_->clone(), keep);
  }

 private:
  // Never runs itself: clone() may be called while instances are in use.
  const std::unique_ptr<T> prototype_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<T>> idle_;
};

}  // namespace fcn
