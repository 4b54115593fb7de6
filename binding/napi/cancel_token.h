#pragma once

#include <napi.h>

#include "../core/base/cancel_token.h"

namespace fcn::binding {

// JavaScript's CancelToken: `cancel()` stops the calls it was given to.
class CancelTokenObject : public Napi::ObjectWrap<CancelTokenObject> {
 public:
  static Napi::Function define(Napi::Env env);
  explicit CancelTokenObject(const Napi::CallbackInfo& info);

  // The token of `value`, or a new one if that is undefined.
  static CancelToken read(Napi::Env env, Napi::Value value);

 private:
  Napi::Value cancel(const Napi::CallbackInfo& info);

  CancelToken token_;
};

}  // namespace fcn::binding
