#include "dbscan.h"

#include "../core/clustering/dbscan.h"
#include "points_task.h"

namespace fcn::binding {
namespace {

class DbscanTask final : public PointsTask {
 public:
  explicit DbscanTask(const Arguments& arguments) : PointsTask(arguments) {
    options_.eps = arguments.number("eps", 0, 1e308);
    options_.minSamples = static_cast<std::size_t>(arguments.integer("minSamples", 1, 2147483647.0));
    setCommon(options_);
  }

 private:
  void execute() override { result_ = fcn::dbscan(points_, options_, cancel_); }

  Napi::Value toResult(Napi::Env env) override {
    Napi::Object object = Napi::Object::New(env);
    object.Set("labels", toTypedArray<Napi::Int32Array>(env, result_.labels));
    object.Set("core", toTypedArray<Napi::Uint8Array>(env, result_.core));
    object.Set("clusters", Napi::Number::New(env, result_.clusters));
    return object;
  }

  DbscanOptions options_;
  DbscanResult result_;
};

}  // namespace

Napi::Value dbscan(const Napi::CallbackInfo& info) {
  return withErrorCodes(info.Env(), [&] { return (new DbscanTask(Arguments(info)))->startOnOwnThread(); });
}

}  // namespace fcn::binding
