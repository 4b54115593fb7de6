#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "cancel_token.h"

namespace fcn {

// A fixed number of threads that run what is submitted, first come first served.
class ThreadPool {
 public:
  // requires threads >= 1. Starts the threads, or as many of them as the system allows.
  // - throws Error(OutOfMemory) if it allows none
  explicit ThreadPool(std::size_t threads);
  // Runs what has been submitted to its end, then joins. Must not be called from one of the pool's threads.
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  std::size_t size() const noexcept { return threads_.size(); }

  // Runs work on one of the threads. work must not throw.
  void submit(std::function<void()> work);

  // Calls body(i) for every i in [0, count), on the calling thread, which may be one of the pool's, and on
  // those of the pool that have nothing to do. Returns when all calls have; the first exception thrown by a
  // call is rethrown then, and no further i is started after it.
  void forEach(std::size_t count, const std::function<void(std::size_t)>& body);

 private:
  void run();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> queue_;
  bool closing_ = false;
  std::size_t idle_ = 0;  // threads that wait for work, or are about to
  std::vector<std::thread> threads_;
};

// How a piece of work may spread: over the idle threads of a pool, over threads of its own, or not at all;
// and until when.
class Parallel {
 public:
  Parallel() = default;
  // helpers may be null.
  Parallel(ThreadPool* helpers, CancelToken cancel) : helpers_(helpers), cancel_(std::move(cancel)) {}
  // The calling thread and threads - 1 more, or as many as the system allows.
  Parallel(std::size_t threads, CancelToken cancel);

  // As ThreadPool::forEach.
  // - throws Error(Aborted)
  void forEach(std::size_t count, const std::function<void(std::size_t)>& body) const;

  // The same, with `atOnce` indices in a row on one thread: where one is not worth a function's call.
  // - throws Error(Aborted)
  template <typename Body>
  void forEach(std::size_t count, std::size_t atOnce, const Body& body) const {
    forEach((count + atOnce - 1) / atOnce, [&](std::size_t piece) {
      const std::size_t last = std::min(count, (piece + 1) * atOnce);
      for (std::size_t i = piece * atOnce; i < last; ++i) body(i);
    });
  }

  // - throws Error(Aborted)
  void throwIfCancelled() const { cancel_.throwIfCancelled(); }

  const CancelToken& cancelToken() const { return cancel_; }

 private:
  std::unique_ptr<ThreadPool> own_;
  ThreadPool* helpers_ = nullptr;
  CancelToken cancel_;
};

}  // namespace fcn
