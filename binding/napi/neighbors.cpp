#include "neighbors.h"

#include <string>
#include <utility>

#include "../core/clustering/k_distances.h"
#include "../core/clustering/neighbors/kernels.h"
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
  explicit RadiusNeighborsTask(const Napi::CallbackInfo& info) : PointsTask(info, 1) {
    options_.eps = readNumber(info, 3, "eps", 0, 1e308);
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
  explicit KDistancesTask(const Napi::CallbackInfo& info) : PointsTask(info, 1) {
    const double most = points_.n == 0 ? 2147483647.0 : static_cast<double>(points_.n) - 1;
    options_.k = static_cast<std::size_t>(readInteger(info, 3, "k", 1, most));
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
  return withErrorCodes(info.Env(), [&] { return (new RadiusNeighborsTask(info))->startOnOwnThread(); });
}

Napi::Value kDistances(const Napi::CallbackInfo& info) {
  return withErrorCodes(info.Env(), [&] { return (new KDistancesTask(info))->startOnOwnThread(); });
}

Napi::Value instructionSets(const Napi::CallbackInfo& info) {
  const auto names = fcn::instructionSets();
  auto array = Napi::Array::New(info.Env(), names.size());
  for (std::size_t i = 0; i < names.size(); ++i) array.Set(static_cast<std::uint32_t>(i), names[i]);
  return array;
}

void useInstructionSet(const Napi::CallbackInfo& info) {
  const std::string name = info[0].IsString() ? info[0].As<Napi::String>().Utf8Value() : "";
  if (!fcn::useInstructionSet(info[0].IsUndefined() ? nullptr : name.c_str())) {
    refuse(info.Env(), "name", "one of instructionSets()");
  }
}

}  // namespace fcn::binding
