#include "cancel_token.h"

#include "arguments.h"
#include "async_task.h"

namespace fcn::binding {

namespace {

// Prototypes can be changed by anybody: instanceof says nothing about what an object wraps.
constexpr napi_type_tag kTag = {0x6d1c0f3b5a2e4971, 0x9be27d40c8135fa6};

}  // namespace

CancelTokenObject::CancelTokenObject(const Napi::CallbackInfo& info) : ObjectWrap(info) {
  info.This().As<Napi::Object>().TypeTag(&kTag);
}

Napi::Function CancelTokenObject::define(Napi::Env env) {
  return DefineClass(env, "CancelToken", {InstanceMethod<&CancelTokenObject::cancel>("cancel")});
}

CancelToken CancelTokenObject::read(Napi::Env env, Napi::Value value) {
  if (value.IsUndefined()) return CancelToken();
  if (value.IsObject() && value.As<Napi::Object>().CheckTypeTag(&kTag)) {
    return Unwrap(value.As<Napi::Object>())->token_;
  }
  refuse(env, "cancel", "CancelToken");
}

Napi::Value CancelTokenObject::cancel(const Napi::CallbackInfo& info) {
  token_.cancel();
  Environment::of(info.Env()).endCancelledWaiting();
  return info.Env().Undefined();
}

}  // namespace fcn::binding
