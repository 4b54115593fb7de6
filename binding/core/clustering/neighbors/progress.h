#pragma once

#include <cstdint>
#include <functional>
#include <mutex>

namespace fcn {

// Adds up what several threads have done, and reports it as a fraction that only rises.
class Progress {
 public:
  // - report: called from any thread, but never from two at once; may be empty
  explicit Progress(const std::function<void(double)>& report) : report_(report) {}

  // Any thread: there will be so much more to do. Where that comes as a surprise, the fraction waits.
  void expect(std::uint64_t count) {
    const std::lock_guard<std::mutex> lock(mutex_);
    expected_ += count;
  }

  // Any thread.
  void advance(std::uint64_t count) {
    if (!report_) return;
    const std::lock_guard<std::mutex> lock(mutex_);
    done_ += count;
    const double fraction = static_cast<double>(done_) / static_cast<double>(expected_);
    if (fraction <= reported_) return;
    reported_ = fraction;
    report_(fraction);
  }

 private:
  const std::function<void(double)>& report_;
  std::mutex mutex_;
  std::uint64_t expected_ = 0, done_ = 0;
  double reported_ = 0;
};

}  // namespace fcn
