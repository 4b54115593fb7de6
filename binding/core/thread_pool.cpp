#include "thread_pool.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <system_error>

#include "error.h"

namespace fcn {

ThreadPool::ThreadPool(std::size_t threads) {
  threads_.reserve(threads);
  try {
    for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
  } catch (const std::system_error&) {
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
  for (;;) {
    std::function<void()> work;
    {
      std::unique_lock<std::mutex> lock(mutex_);
      wake_.wait(lock, [this] { return closing_ || !queue_.empty(); });
      if (queue_.empty()) return;
      work = std::move(queue_.front());
      queue_.pop_front();
    }
    work();
  }
}

void parallelFor(std::size_t threads, std::size_t count, const std::function<void(std::size_t)>& body) {
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::exception_ptr failure;

  const auto work = [&] {
    for (std::size_t i = next.fetch_add(1); i < count; i = next.fetch_add(1)) {
      try {
        body(i);
      } catch (...) {
        const std::lock_guard<std::mutex> lock(mutex);
        if (!failure) failure = std::current_exception();
        next.store(count);
      }
    }
  };

  std::vector<std::thread> helpers;
  const std::size_t useful = std::min(threads, count);
  helpers.reserve(useful);
  try {
    for (std::size_t i = 1; i < useful; ++i) helpers.emplace_back(work);
  } catch (const std::system_error&) {
    // As in ThreadPool's constructor.
  }
  work();
  for (std::thread& helper : helpers) helper.join();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace fcn
