#pragma once

#include <napi.h>

#include <memory>

#include "../core/engine.h"
#include "../core/thread_pool.h"

namespace fcn::binding {

// The models and the threads that run them. Shared by the JavaScript object and its calls under way, so that
// dispose() and garbage collection wait for those; let go of on the main thread only, since a pool can't be
// joined from one of its own threads.
struct EngineResources {
  EngineResources(ModelPaths paths, std::size_t threads) : engine(std::move(paths)), pool(threads) {}
  Engine engine;
  ThreadPool pool;  // after engine: its threads end first
};

// JavaScript's Engine; see NativeEngine in src/native.ts for its methods.
class EngineObject : public Napi::ObjectWrap<EngineObject> {
 public:
  static Napi::Function define(Napi::Env env);
  explicit EngineObject(const Napi::CallbackInfo& info);

 private:
  Napi::Value detect(const Napi::CallbackInfo& info);
  Napi::Value landmarks(const Napi::CallbackInfo& info);
  Napi::Value encode(const Napi::CallbackInfo& info);
  Napi::Value detectAndEncode(const Napi::CallbackInfo& info);
  Napi::Value dispose(const Napi::CallbackInfo& info);

  // Throws FACE_DISPOSED after dispose().
  std::shared_ptr<EngineResources> resources(Napi::Env env) const;

  std::shared_ptr<EngineResources> resources_;
};

}  // namespace fcn::binding
