#include "../core/base/thread_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <stdexcept>

// A limit on the address space ends the sanitizers themselves.
#if defined(__linux__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#define FCN_CAN_LIMIT_THREADS
#endif

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

#ifdef FCN_CAN_LIMIT_THREADS
// While it lives, the system has no room for the stacks of more than a few threads, as in a container with a
// limit on processes.
class FewThreads {
 public:
  FewThreads() {
    getrlimit(RLIMIT_AS, &before_);
    std::size_t pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    rlimit limit = before_;
    limit.rlim_cur = pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE)) + (std::size_t{100} << 20);
    setrlimit(RLIMIT_AS, &limit);
    rlimit now;
    getrlimit(RLIMIT_AS, &now);
    kept_ = now.rlim_cur == limit.rlim_cur;
  }
  ~FewThreads() { setrlimit(RLIMIT_AS, &before_); }
  // Whether there is such a limit: qemu has none for what it emulates.
  bool kept() const { return kept_; }

 private:
  rlimit before_;
  bool kept_;
};

TEST(ThreadPool, MakesDoWithFewerThreadsThanAsked) {
  std::atomic<int> done{0};
  {
    const FewThreads limit;
    if (!limit.kept()) GTEST_SKIP() << "the system keeps no limit on memory";
    ThreadPool pool(1000);
    EXPECT_GE(pool.size(), 1u);
    EXPECT_LT(pool.size(), 1000u);
    for (int i = 0; i < 100; ++i) pool.submit([&] { ++done; });
  }
  EXPECT_EQ(done, 100);
}

TEST(Parallel, MakesDoWithFewerThreadsThanAsked) {
  const FewThreads limit;
  std::atomic<int> done{0};
  Parallel(1000, {}).forEach(5000, [&](std::size_t) { ++done; });
  EXPECT_EQ(done, 5000);
}
#endif

TEST(ThreadPool, SpreadsALoopOverItsIdleThreads) {
  ThreadPool pool(3);
  for (int round = 0; round < 200; ++round) {
    std::vector<std::atomic<int>> calls(50);
    pool.forEach(calls.size(), [&](std::size_t i) { ++calls[i]; });
    for (const auto& count : calls) EXPECT_EQ(count, 1);
  }
}

TEST(ThreadPool, LoopsFromItsOwnThreadsWhenNobodyIsIdle) {
  std::atomic<int> calls{0};
  {
    ThreadPool pool(2);
    for (int i = 0; i < 20; ++i) {
      pool.submit([&] { pool.forEach(100, [&](std::size_t) { ++calls; }); });
    }
  }
  EXPECT_EQ(calls, 2000);
}

TEST(ThreadPool, RethrowsFromALoop) {
  ThreadPool pool(2);
  EXPECT_THROW(pool.forEach(100,
                            [](std::size_t i) {
                              if (i == 7) throw std::runtime_error("stop");
                            }),
               std::runtime_error);
}

TEST(Parallel, StopsALoopThatIsCancelled) {
  CancelToken cancel;
  int calls = 0;
  const auto stopAtTen = [&](std::size_t) {
    if (++calls == 10) cancel.cancel();
  };
  EXPECT_THROW(Parallel(nullptr, cancel).forEach(100, stopAtTen), Error);
  EXPECT_EQ(calls, 10);
}

TEST(Parallel, CallsEachIndexOnce) {
  for (std::size_t threads : {1, 2, 7}) {
    const Parallel parallel(threads, {});
    std::vector<std::atomic<int>> calls(1000);
    parallel.forEach(calls.size(), [&](std::size_t i) { ++calls[i]; });
    for (const auto& count : calls) EXPECT_EQ(count, 1);
  }
}

TEST(Parallel, HasAllThreadsFromTheFirstLoopOn) {
  const Parallel parallel(4, {});
  std::atomic<int> waiting{0};
  // Nobody gets past the loop unless all four are in it at the same time.
  parallel.forEach(4, [&](std::size_t) {
    ++waiting;
    while (waiting < 4) std::this_thread::yield();
  });
}

TEST(Parallel, DoesNothingForNothing) {
  Parallel(4, {}).forEach(0, [](std::size_t) { FAIL(); });
}

TEST(Parallel, RethrowsAndStartsNoMore) {
  // A minute's work at least, for who throws may be kept waiting for a processor just then.
  constexpr std::size_t kCount = std::size_t{1} << 34;
  std::atomic<std::size_t> calls{0};
  EXPECT_THROW(Parallel(2, {}).forEach(kCount,
                                       [&](std::size_t i) {
                                         ++calls;
                                         if (i == 10) throw std::runtime_error("stop");
                                       }),
               std::runtime_error);
  EXPECT_LT(calls, kCount);
}

}  // namespace
}  // namespace fcn
