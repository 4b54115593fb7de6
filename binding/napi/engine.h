#pragma once

#include <napi.h>

#include <memory>

#include "../core/engine.h"

namespace fcn::binding {

// JavaScript's Engine; see NativeEngine in src/native/index.ts for its methods.
class EngineObject : public Napi::ObjectWrap<EngineObject> {
 public:
  static Napi::Function define(Napi::Env env);
  explicit EngineObject(const Napi::CallbackInfo& info);

 private:
  Napi::Value detect(const Napi::CallbackInfo& info);
  Napi::Value landmarks(const Napi::CallbackInfo& info);
  Napi::Value encode(const Napi::CallbackInfo& info);
  Napi::Value detectAndEncode(const Napi::CallbackInfo& info);
  Napi::Value measure(const Napi::CallbackInfo& info);
  Napi::Value dispose(const Napi::CallbackInfo& info);
  static Napi::Value detectionMemory(const Napi::CallbackInfo& info);
  static Napi::Value confirmationMemory(const Napi::CallbackInfo& info);

  // Throws FACE_DISPOSED after dispose().
  std::shared_ptr<Engine> engine(Napi::Env env) const;

  // Shared with the calls under way, so that dispose() and garbage collection wait for those. Let go of on
  // the main thread only: an engine can't join its threads from one of them.
  std::shared_ptr<Engine> engine_;
};

}  // namespace fcn::binding
