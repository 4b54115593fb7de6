#include "neighbors.h"

#include <utility>

#include "../core/clustering/k_distances.h"
#include "../core/clustering/radius_neighbors.h"
#include "points_task.h"

namespace fcn::binding {
namespace {

// The same values; frees the vector, for these can be gigabytes.
template <typename Array, typename Value>
Array handOver(Napi::Env env, std::vector<Value>& values) {
  const std::vector<Value> moved = std::move(values);
  return toTypedArray<Array>(env, moved);
}

class RadiusNeighborsTask final : public PointsTask {
 public:
  explicit RadiusNeighborsTask(const Arguments& arguments) : PointsTask(arguments) {
    options_.eps = arguments.number("eps", 0, 1e308);
    setCommon(options_);
  }

 private:
  void execute() override { result_ = fcn::radiusNeighbors(points_, options_, cancel_); }

  Napi::Value toResult(Napi::Env env) override {
    Napi::Object object = Napi::Object::New(env);
    object.Set("offsets", handOver<Napi::Float64Array>(env, result_.offsets));
    object.Set("indices", handOver<Napi::Uint32Array>(env, result_.indices));
    object.Set("distances", handOver<Napi::Float64Array>(env, result_.distances));
    return object;
  }

  RadiusNeighborsOptions options_;
  RadiusNeighbors result_;
};

class KDistancesTask final : public PointsTask {
 public:
  explicit KDistancesTask(const Arguments& arguments) : PointsTask(arguments) {
    const double most = points_.n == 0 ? 2147483647.0 : static_cast<double>(points_.n) - 1;
    options_.k = static_cast<std::size_t>(arguments.integer("k", 1, most));
    setCommon(options_);
  }

 private:
  void execute() override { result_ = fcn::kDistances(points_, options_, cancel_); }
  Napi::Value toResult(Napi::Env env) override { return handOver<Napi::Float64Array>(env, result_); }

  KDistancesOptions options_;
  std::vector<double> result_;
};

}  // namespace

Napi::Value radiusNeighbors(const Napi::CallbackInfo& info) {
  return withErrorCodes(info.Env(),
                        [&] { return (new RadiusNeighborsTask(Arguments(info)))->startOnOwnThread(); });
}

Napi::Value kDistances(const Napi::CallbackInfo& info) {
  return withErrorCodes(info.Env(),
                        [&] { return (new KDistancesTask(Arguments(info)))->startOnOwnThread(); });
}

}  // namespace fcn::binding
