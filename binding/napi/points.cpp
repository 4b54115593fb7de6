#include "points.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "../core/clustering/dbscan.h"
#include "../core/clustering/k_distances.h"
#include "../core/clustering/linkage.h"
#include "../core/clustering/radius_neighbors.h"
#include "arguments.h"
#include "async_task.h"

namespace fcn::binding {
namespace {

constexpr double kMostPoints = 2147483647.0;
constexpr double kFarthest = 1e308;

std::size_t readSize(const Arguments& arguments, const char* name, double min, double max) {
  return static_cast<std::size_t>(arguments.integer(name, min, max));
}

// The n rows of d values in the argument of that name, which are kept alive.
class Points {
 public:
  Points(const Arguments& arguments, const char* name) {
    view_.n = readSize(arguments, "n", 0, kMostPoints);
    view_.d = readSize(arguments, "d", 1, kMaxSafeInteger);
    const Napi::Value value = arguments.value(name);
    const auto array = value.IsTypedArray() ? value.As<Napi::TypedArray>() : Napi::TypedArray();
    if (!array.IsEmpty() && array.TypedArrayType() == napi_float32_array) {
      view_.float32 = array.As<Napi::Float32Array>().Data();
    } else if (!array.IsEmpty() && array.TypedArrayType() == napi_float64_array) {
      view_.float64 = array.As<Napi::Float64Array>().Data();
    } else {
      refuse(arguments.env(), name, "Float32Array or Float64Array");
    }
    const std::size_t length = array.ElementLength();
    if (view_.n == 0) view_.d = 1;  // a width without points means nothing, but would be allocated for
    if (view_.n == 0 ? length != 0 : length / view_.n != view_.d || length % view_.n != 0) {
      refuse(arguments.env(), name, "n * d values");
    }
    array_ = Napi::Persistent(value.As<Napi::Object>());
  }

  const PointsView& view() const { return view_; }

 private:
  PointsView view_{nullptr, nullptr, 0, 0};
  Napi::ObjectReference array_;
};

std::optional<Points> readMirrored(const Arguments& arguments) {
  if (arguments.value("mirrored").IsUndefined()) return std::nullopt;
  return Points(arguments, "mirrored");
}

// A copy of the numbers in the argument of that name.
template <typename Value, typename Array>
std::vector<Value> readAll(const Arguments& arguments, const char* name, napi_typedarray_type type) {
  const auto values = arguments.array<Array>(name, type, "typed array");
  return {values.Data(), values.Data() + values.ElementLength()};
}

// The same, one for each of the n points.
template <typename Value, typename Array>
std::vector<Value> readEach(const Arguments& arguments, const char* name, napi_typedarray_type type) {
  std::vector<Value> values = readAll<Value, Array>(arguments, name, type);
  if (values.size() != readSize(arguments, "n", 0, kMostPoints)) refuse(arguments.env(), name, "n values");
  return values;
}

// Pairs of numbers that stand one after the other; the first of each less than `end`.
template <typename First>
std::vector<std::pair<First, std::int32_t>> readPairs(const Arguments& arguments, const char* name,
                                                      std::size_t end) {
  const auto values = readAll<std::int32_t, Napi::Int32Array>(arguments, name, napi_int32_array);
  if (values.size() % 2 != 0) refuse(arguments.env(), name, "pairs");
  std::vector<std::pair<First, std::int32_t>> pairs;
  for (std::size_t i = 0; i < values.size(); i += 2) {
    if (values[i] < 0 || static_cast<std::size_t>(values[i]) >= end) {
      refuse(arguments.env(), name, "pairs of numbers in range");
    }
    pairs.emplace_back(values[i], values[i + 1]);
  }
  return pairs;
}

KnownPeople readKnown(const Arguments& arguments) {
  KnownPeople known;
  if (arguments.value("people").IsUndefined()) return known;
  known.people = readEach<std::int32_t, Napi::Int32Array>(arguments, "people", napi_int32_array);
  known.join = arguments.boolean("joinPeople");
  known.keep = readAll<std::int32_t, Napi::Int32Array>(arguments, "keep", napi_int32_array);
  known.apart = readPairs<std::int32_t>(arguments, "apart", static_cast<std::size_t>(kMostPoints) + 1);
  known.excluded = readPairs<std::uint32_t>(arguments, "not", known.people.size());
  if (arguments.value("fresh").IsUndefined()) return known;
  known.fresh = readAll<std::uint32_t, Napi::Uint32Array>(arguments, "fresh", napi_uint32_array);
  for (const std::uint32_t row : *known.fresh) {
    if (row >= known.people.size()) refuse(arguments.env(), "fresh", "numbers in range");
  }
  return known;
}

// A typed array with the same values; frees the vector, for these can be gigabytes.
template <typename Array, typename Value>
Array handOver(Napi::Env env, std::vector<Value>& values) {
  const std::vector<Value> moved = std::move(values);
  auto array = Array::New(env, moved.size());
  std::copy(moved.begin(), moved.end(), array.Data());
  return array;
}

Napi::Value toValue(Napi::Env env, DbscanResult& result) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("labels", handOver<Napi::Int32Array>(env, result.labels));
  object.Set("core", handOver<Napi::Uint8Array>(env, result.core));
  object.Set("clusters", result.clusters);
  return object;
}

Napi::Value toValue(Napi::Env env, LinkageResult& result) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("labels", handOver<Napi::Int32Array>(env, result.labels));
  object.Set("clusters", result.clusters);
  object.Set("nearestOnly", static_cast<double>(result.nearestOnly));
  return object;
}

Napi::Value toValue(Napi::Env env, std::vector<SimilarPeople>& pairs) {
  std::vector<std::int32_t> labels;
  std::vector<double> scores;
  for (const auto& [a, b, score] : pairs) {
    labels.insert(labels.end(), {a, b});
    scores.push_back(score);
  }
  Napi::Object object = Napi::Object::New(env);
  object.Set("labels", handOver<Napi::Int32Array>(env, labels));
  object.Set("scores", handOver<Napi::Float64Array>(env, scores));
  return object;
}

Napi::Value toValue(Napi::Env env, RadiusNeighbors& result) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("offsets", handOver<Napi::Float64Array>(env, result.offsets));
  object.Set("indices", handOver<Napi::Uint32Array>(env, result.indices));
  object.Set("distances", handOver<Napi::Float64Array>(env, result.distances));
  return object;
}

Napi::Value toValue(Napi::Env env, std::vector<double>& distances) {
  return handOver<Napi::Float64Array>(env, distances);
}

// A call on many points: compute(points, options, cancel), with these arguments beside its own: points, n, d,
// threads, maxMemory, onProgress, cancel.
template <typename Compute>
class PointsTask final : public AsyncTask {
 public:
  PointsTask(const Arguments& arguments, Compute compute)
      : AsyncTask(arguments.env(), arguments.cancelToken()),
        points_(arguments, "points"),
        compute_(std::move(compute)) {
    options_.threads = readSize(arguments, "threads", 1, 1024);
    options_.maxMemory = arguments.bytes("maxMemory");
    const Napi::Value onProgress = arguments.value("onProgress");
    if (onProgress.IsUndefined()) return;
    if (!onProgress.IsFunction()) refuse(arguments.env(), "onProgress", "function");
    onProgress_ = Napi::Persistent(onProgress.As<Napi::Function>());
    options_.onProgress = [this](double fraction) { report(fraction); };
  }

 private:
  void execute() override { result_ = compute_(points_.view(), options_, cancel_); }
  Napi::Value toResult(Napi::Env env) override { return toValue(env, result_); }

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

  const Points points_;
  const Compute compute_;
  PointsOptions options_;
  Napi::FunctionReference onProgress_;
  int reportedPercent_ = -1;
  std::chrono::steady_clock::time_point reportedAt_;
  std::invoke_result_t<const Compute&, const PointsView&, const PointsOptions&, const CancelToken&> result_;
};

// Starts a PointsTask; prepare(arguments) gives its `compute`.
template <typename Prepare>
Napi::Value startTask(const Napi::CallbackInfo& info, const Prepare& prepare) {
  return withErrorCodes(info.Env(), [&] {
    const Arguments arguments(info);
    return (new PointsTask(arguments, prepare(arguments)))->startOnOwnThread();
  });
}

}  // namespace

Napi::Value dbscan(const Napi::CallbackInfo& info) {
  return startTask(info, [](const Arguments& arguments) {
    return [eps = arguments.number("eps", 0, kFarthest),
            minSamples = readSize(arguments, "minSamples", 1, kMostPoints)](
               const PointsView& points, const PointsOptions& options, const CancelToken& cancel) {
      return fcn::dbscan(points, {options, eps, minSamples}, cancel);
    };
  });
}

Napi::Value linkage(const Napi::CallbackInfo& info) {
  return startTask(info, [](const Arguments& arguments) {
    LinkageOptions own;
    own.threshold = arguments.number("threshold", 0, kFarthest);
    if (!arguments.value("photos").IsUndefined()) {
      own.photos = readEach<std::uint32_t, Napi::Uint32Array>(arguments, "photos", napi_uint32_array);
    }
    own.known = readKnown(arguments);
    return [own, mirrored = readMirrored(arguments)](const PointsView& points, const PointsOptions& options,
                                                     const CancelToken& cancel) {
      LinkageOptions all = own;
      static_cast<PointsOptions&>(all) = options;
      return fcn::linkage(points, mirrored ? &mirrored->view() : nullptr, all, cancel);
    };
  });
}

Napi::Value similarPeople(const Napi::CallbackInfo& info) {
  return startTask(info, [](const Arguments& arguments) {
    return
        [threshold = arguments.number("threshold", 0, kFarthest), most = readSize(arguments, "most", 1, 1e6),
         labels = readEach<std::int32_t, Napi::Int32Array>(arguments, "labels", napi_int32_array),
         mirrored = readMirrored(arguments)](const PointsView& points, const PointsOptions& options,
                                             const CancelToken& cancel) {
          return fcn::findSimilarPeople(points, mirrored ? &mirrored->view() : nullptr, labels,
                                        {options, threshold, most}, cancel);
        };
  });
}

Napi::Value radiusNeighbors(const Napi::CallbackInfo& info) {
  return startTask(info, [](const Arguments& arguments) {
    return [eps = arguments.number("eps", 0, kFarthest)](
               const PointsView& points, const PointsOptions& options, const CancelToken& cancel) {
      return fcn::radiusNeighbors(points, {options, eps}, cancel);
    };
  });
}

Napi::Value kDistances(const Napi::CallbackInfo& info) {
  return startTask(info, [](const Arguments& arguments) {
    const std::size_t n = readSize(arguments, "n", 0, kMostPoints);
    const double most = n == 0 ? kMostPoints : static_cast<double>(n) - 1;
    return [k = readSize(arguments, "k", 1, most)](const PointsView& points, const PointsOptions& options,
                                                   const CancelToken& cancel) {
      return fcn::kDistances(points, {options, k}, cancel);
    };
  });
}

}  // namespace fcn::binding
