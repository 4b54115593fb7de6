#pragma once

#include <napi.h>

#include <chrono>

#include "../core/clustering/neighbors/points.h"
#include "arguments.h"
#include "async_task.h"
#include "cancel_token.h"

namespace fcn::binding {

// A task on many points, with these arguments beside its own: points, n, d, threads, maxMemory, onProgress,
// cancel.
class PointsTask : public AsyncTask {
 protected:
  explicit PointsTask(const Arguments& arguments)
      : AsyncTask(arguments.env(), arguments.cancelToken()), points_(readPoints(arguments, "points")) {
    threads_ = static_cast<std::size_t>(arguments.integer("threads", 1, 1024));
    maxMemory_ = arguments.bytes("maxMemory");
    source_ = Napi::Persistent(arguments.value("points").As<Napi::Object>());
    const Napi::Value onProgress = arguments.value("onProgress");
    if (onProgress.IsUndefined()) return;
    if (!onProgress.IsFunction()) refuse(arguments.env(), "onProgress", "function");
    onProgress_ = Napi::Persistent(onProgress.As<Napi::Function>());
  }

  // Sets the options that all such tasks have.
  template <typename Options>
  void setCommon(Options& options) {
    options.threads = threads_;
    options.maxMemory = maxMemory_;
    if (!onProgress_.IsEmpty()) options.onProgress = [this](double fraction) { report(fraction); };
  }

  const PointsView points_;

  // The n rows of d values in the argument of that name, which must be kept alive.
  static PointsView readPoints(const Arguments& arguments, const char* name) {
    PointsView points{nullptr, nullptr, 0, 0};
    points.n = static_cast<std::size_t>(arguments.integer("n", 0, 2147483647.0));
    points.d = static_cast<std::size_t>(arguments.integer("d", 1, kMaxSafeInteger));
    const Napi::Value value = arguments.value(name);
    const auto array = value.IsTypedArray() ? value.As<Napi::TypedArray>() : Napi::TypedArray();
    if (!array.IsEmpty() && array.TypedArrayType() == napi_float32_array) {
      points.float32 = array.As<Napi::Float32Array>().Data();
    } else if (!array.IsEmpty() && array.TypedArrayType() == napi_float64_array) {
      points.float64 = array.As<Napi::Float64Array>().Data();
    } else {
      refuse(arguments.env(), name, "Float32Array or Float64Array");
    }
    const std::size_t length = array.ElementLength();
    if (points.n == 0) points.d = 1;  // a width without points means nothing, but would be allocated for
    if (points.n == 0 ? length != 0 : length / points.n != points.d || length % points.n != 0) {
      refuse(arguments.env(), name, "n * d values");
    }
    return points;
  }

 private:
  // One call for each whole per cent, so that a fast run does not flood the event loop, and ten for each
  // second of a slow one.
  void report(double fraction) {
    const int percent = static_cast<int>(fraction * 100);
    const auto now = std::chrono::steady_clock::now();
    if (percent == reportedPercent_ && now - reportedAt_ < std::chrono::milliseconds(100)) return;
    reportedPercent_ = percent;
    reportedAt_ = now;
    post([this, fraction](Napi::Env env) { onProgress_.Call({Napi::Number::New(env, fraction)}); });
  }

  std::size_t threads_, maxMemory_;
  Napi::ObjectReference source_;  // keeps the points alive
  Napi::FunctionReference onProgress_;
  int reportedPercent_ = -1;
  std::chrono::steady_clock::time_point reportedAt_;
};

// A typed array with the same values.
template <typename Array, typename Value>
Array toTypedArray(Napi::Env env, const std::vector<Value>& values) {
  auto array = Array::New(env, values.size());
  std::copy(values.begin(), values.end(), array.Data());
  return array;
}

}  // namespace fcn::binding
