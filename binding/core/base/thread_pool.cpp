#include "thread_pool.h"

#include <atomic>
#include <exception>
#include <memory>
#include <new>

#include "error.h"

namespace fcn {

ThreadPool::ThreadPool(std::size_t threads) {
  threads_.reserve(threads);
  try {
    for (std::size_t i = 0; i < threads; ++i) {
      threads_.emplace_back([this] { run(); });
      // From now on: what is to be spread at once need not wait for the thread to have begun.
      const std::lock_guard<std::mutex> lock(mutex_);
      ++idle_;
    }
  } catch (const std::exception&) {
    // An exception would meet threads that run, which ends the process.
    if (!threads_.empty()) return;
    throw Error(ErrorCode::OutOfMemory, "The system allows this process no more threads. Use fewer jobs.");
  }
}

ThreadPool::~ThreadPool() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    closing_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void ThreadPool::submit(std::function<void()> work) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    queue_.push_back(std::move(work));
  }
  wake_.notify_one();
}

void ThreadPool::run() {
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return closing_ || !queue_.empty(); });
    if (queue_.empty()) return;
    {
      const std::function<void()> work = std::move(queue_.front());
      queue_.pop_front();
      --idle_;
      lock.unlock();
      work();
    }
    lock.lock();
    ++idle_;
  }
}

namespace {

// The indices of a loop that several threads work off.
class Loop {
 public:
  Loop(std::size_t count, const std::function<void(std::size_t)>& body) : count_(count), body_(body) {}

  void work() {
    for (std::size_t i = next_.fetch_add(1); i < count_; i = next_.fetch_add(1)) {
      try {
        body_(i);
      } catch (...) {
        const std::lock_guard<std::mutex> lock(mutex_);
        if (!failure_) failure_ = std::current_exception();
        next_.store(count_);
      }
    }
  }

  // As work(), unless the loop is over: its body may be gone by then.
  void help() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (over_) return;
      ++helping_;
    }
    work();
    const std::lock_guard<std::mutex> lock(mutex_);
    --helping_;
    left_.notify_all();
  }

  // Waits for those who help, and turns away those who come later.
  void finish() {
    std::unique_lock<std::mutex> lock(mutex_);
    over_ = true;
    left_.wait(lock, [this] { return helping_ == 0; });
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  std::atomic<std::size_t> next_{0};
  const std::size_t count_;
  const std::function<void(std::size_t)>& body_;
  std::mutex mutex_;
  std::condition_variable left_;
  std::size_t helping_ = 0;
  bool over_ = false;
  std::exception_ptr failure_;
};

}  // namespace

void ThreadPool::forEach(std::size_t count, const std::function<void(std::size_t)>& body) {
  const auto loop = std::make_shared<Loop>(count, body);
  try {
    const std::lock_guard<std::mutex> lock(mutex_);
    const std::size_t free = idle_ > queue_.size() ? idle_ - queue_.size() : 0;
    for (std::size_t i = 0; i < free && i + 1 < count; ++i) {
      queue_.push_back([loop] { loop->help(); });
      wake_.notify_one();
    }
  } catch (const std::bad_alloc&) {
    // Fewer helpers will do; those that are queued already must not outlive the loop's body.
  }
  loop->work();
  loop->finish();
}

Parallel::Parallel(std::size_t threads, CancelToken cancel) : cancel_(std::move(cancel)) {
  if (threads <= 1) return;
  try {
    own_ = std::make_unique<ThreadPool>(threads - 1);
    helpers_ = own_.get();
  } catch (const Error&) {
    // The calling thread does it all.
  }
}

void Parallel::forEach(std::size_t count, const std::function<void(std::size_t)>& body) const {
  const auto unlessCancelled = [&](std::size_t i) {
    cancel_.throwIfCancelled();
    body(i);
  };
  if (helpers_) {
    helpers_->forEach(count, unlessCancelled);
  } else {
    for (std::size_t i = 0; i < count; ++i) unlessCancelled(i);
  }
}

}  // namespace fcn
