#include "dbscan.h"

#include <algorithm>

#include "../core/dbscan.h"
#include "arguments.h"
#include "async_task.h"
#include "cancel_token.h"

namespace fcn::binding {
namespace {

class DbscanTask final : public AsyncTask {
 public:
  explicit DbscanTask(const Napi::CallbackInfo& info)
      : AsyncTask(info.Env(), CancelTokenObject::read(info, 7)), points_(readPoints(info)) {
    options_.eps = readNumber(info, 3, "eps", 0, 1e308);
    options_.minSamples = readInteger(info, 4, "minSamples", 1, 2147483647.0);
    options_.threads = readInteger(info, 5, "threads", 1, 1024);
    source_ = Napi::Persistent(info[0].As<Napi::Object>());
    if (info[6].IsUndefined()) return;
    if (!info[6].IsFunction()) refuse(info.Env(), "onProgress", "function");
    onProgress_ = Napi::Persistent(info[6].As<Napi::Function>());
    options_.onProgress = [this](double fraction) { report(fraction); };
  }

 private:
  static PointsView readPoints(const Napi::CallbackInfo& info) {
    const auto array = info[0].IsTypedArray() ? info[0].As<Napi::TypedArray>() : Napi::TypedArray();
    PointsView points{nullptr, nullptr, 0, 0};
    points.n = readInteger(info, 1, "n", 0, 2147483647.0);
    points.d = readInteger(info, 2, "d", 1, 9007199254740991.0);
    if (!array.IsEmpty() && array.TypedArrayType() == napi_float32_array) {
      points.float32 = array.As<Napi::Float32Array>().Data();
    } else if (!array.IsEmpty() && array.TypedArrayType() == napi_float64_array) {
      points.float64 = array.As<Napi::Float64Array>().Data();
    } else {
      refuse(info.Env(), "points", "Float32Array or Float64Array");
    }
    const std::size_t length = array.ElementLength();
    if (points.n == 0 ? length != 0 : length / points.n != points.d || length % points.n != 0) {
      refuse(info.Env(), "points", "n * d values");
    }
    return points;
  }

  // At most one call for each whole per cent, so that a fast run does not flood the event loop.
  void report(double fraction) {
    const int percent = static_cast<int>(fraction * 100);
    if (percent == reportedPercent_) return;
    reportedPercent_ = percent;
    post([this, fraction](Napi::Env env) { onProgress_.Call({Napi::Number::New(env, fraction)}); });
  }

  void execute() override { result_ = fcn::dbscan(points_, options_, cancel_); }

  Napi::Value toResult(Napi::Env env) override {
    auto labels = Napi::Int32Array::New(env, result_.labels.size());
    std::copy(result_.labels.begin(), result_.labels.end(), labels.Data());
    auto core = Napi::Uint8Array::New(env, result_.core.size());
    std::copy(result_.core.begin(), result_.core.end(), core.Data());
    Napi::Object object = Napi::Object::New(env);
    object.Set("labels", labels);
    object.Set("core", core);
    object.Set("clusters", Napi::Number::New(env, result_.clusters));
    return object;
  }

  const PointsView points_;
  DbscanOptions options_;
  Napi::ObjectReference source_;  // keeps the points alive
  Napi::FunctionReference onProgress_;
  int reportedPercent_ = -1;
  DbscanResult result_;
};

}  // namespace

Napi::Value dbscan(const Napi::CallbackInfo& info) {
  return withErrorCodes(info.Env(), [&] { return (new DbscanTask(info))->startOnOwnThread(); });
}

}  // namespace fcn::binding
