#include "linkage.h"

#include <optional>

#include "../core/clustering/linkage.h"
#include "points_task.h"

namespace fcn::binding {
namespace {

class LinkageTask final : public PointsTask {
 public:
  explicit LinkageTask(const Arguments& arguments) : PointsTask(arguments) {
    options_.threshold = arguments.number("threshold", 0, 1e308);
    setCommon(options_);
    const Napi::Value mirrored = arguments.value("mirrored");
    if (mirrored.IsUndefined()) return;
    mirrored_ = readPoints(arguments, "mirrored");
    mirroredSource_ = Napi::Persistent(mirrored.As<Napi::Object>());
  }

 private:
  void execute() override {
    result_ = fcn::linkage(points_, mirrored_ ? &*mirrored_ : nullptr, options_, cancel_);
  }

  Napi::Value toResult(Napi::Env env) override {
    Napi::Object object = Napi::Object::New(env);
    object.Set("labels", toTypedArray<Napi::Int32Array>(env, result_.labels));
    object.Set("clusters", Napi::Number::New(env, result_.clusters));
    object.Set("nearestOnly", Napi::Number::New(env, static_cast<double>(result_.nearestOnly)));
    return object;
  }

  std::optional<PointsView> mirrored_;
  Napi::ObjectReference mirroredSource_;  // keeps them alive
  LinkageOptions options_;
  LinkageResult result_;
};

}  // namespace

Napi::Value linkage(const Napi::CallbackInfo& info) {
  return withErrorCodes(info.Env(), [&] { return (new LinkageTask(Arguments(info)))->startOnOwnThread(); });
}

}  // namespace fcn::binding
