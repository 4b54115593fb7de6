#pragma once

#include <atomic>
#include <memory>

#include "error.h"

namespace fcn {

// A flag by which one thread asks others to stop; copies share the flag. Long loops poll it.
class CancelToken {
 public:
  CancelToken() : flag_(std::make_shared<std::atomic<bool>>(false)) {}

  void cancel() noexcept { flag_->store(true, std::memory_order_relaxed); }
  bool cancelled() const noexcept { return flag_->load(std::memory_order_relaxed); }

  // Throws Error(Aborted) once cancel() was called.
  void throwIfCancelled() const {
    if (cancelled()) throw Error(ErrorCode::Aborted, "The operation was aborted.");
  }

 private:
  std::shared_ptr<std::atomic<bool>> flag_;
};

}  // namespace fcn
