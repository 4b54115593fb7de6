#include "cancel_token.h"

#include "arguments.h"
#include "async_task.h"

namespace fcn::binding {

Napi::Function CancelTokenObject::define(Napi::Env env) {
  return DefineClass(env, "CancelToken", {InstanceMethod<&CancelTokenObject::cancel>("cancel")});
}

CancelToken CancelTokenObject::read(const Napi::CallbackInfo& info, std::size_t index) {
  const Napi::Value value = info[index];
  if (value.IsUndefined()) return CancelToken();
  if (value.IsObject() &&
      value.As<Napi::Object>().InstanceOf(Environment::of(info.Env()).cancelTokenConstructor.Value())) {
    return Unwrap(value.As<Napi::Object>())->token_;
  }
  refuse(info.Env(), "cancel", "CancelToken");
}

Napi::Value CancelTokenObject::cancel(const Napi::CallbackInfo& info) {
  token_.cancel();
  Environment::of(info.Env()).endCancelledWaiting();
  return info.Env().Undefined();
}

}  // namespace fcn::binding
