#include "../core/thread_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <stdexcept>

namespace fcn {
namespace {

TEST(ThreadPool, RunsEverythingSubmittedBeforeItIsDestroyed) {
  std::atomic<int> done{0};
  {
    ThreadPool pool(3);
    for (int i = 0; i < 100; ++i) pool.submit([&] { ++done; });
  }
  EXPECT_EQ(done, 100);
}

TEST(ThreadPool, RunsOnAsManyThreadsAsAsked) {
  ThreadPool pool(4);
  std::atomic<int> waiting{0};
  std::atomic<int> met{0};
  // Nobody gets past the loop unless all four are in it at the same time.
  for (int i = 0; i < 4; ++i) {
    pool.submit([&] {
      ++waiting;
      while (waiting < 4) std::this_thread::yield();
      ++met;
    });
  }
  while (met < 4) std::this_thread::yield();
}

TEST(ParallelFor, CallsEachIndexOnce) {
  for (std::size_t threads : {1, 2, 7}) {
    std::vector<std::atomic<int>> calls(1000);
    parallelFor(threads, calls.size(), [&](std::size_t i) { ++calls[i]; });
    for (const auto& count : calls) EXPECT_EQ(count, 1);
  }
}

TEST(ParallelFor, DoesNothingForNothing) {
  parallelFor(4, 0, [](std::size_t) { FAIL(); });
}

TEST(ParallelFor, RethrowsAndStartsNoMore) {
  std::atomic<int> calls{0};
  EXPECT_THROW(parallelFor(2, 1000000,
                           [&](std::size_t i) {
                             ++calls;
                             if (i == 10) throw std::runtime_error("stop");
                           }),
               std::runtime_error);
  EXPECT_LT(calls, 1000000);
}

}  // namespace
}  // namespace fcn
