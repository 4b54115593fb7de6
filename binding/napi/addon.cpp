#include <napi.h>

#include <string>

#include "../core/base/instruction_sets.h"
#include "arguments.h"
#include "async_task.h"
#include "cancel_token.h"
#include "engine.h"
#include "freed_memory.h"
#include "pictures.h"
#include "points.h"

namespace {

Napi::Value instructionSets(const Napi::CallbackInfo& info) {
  const auto names = fcn::instructionSets();
  auto array = Napi::Array::New(info.Env(), names.size());
  for (std::size_t i = 0; i < names.size(); ++i) array.Set(static_cast<std::uint32_t>(i), names[i]);
  return array;
}

#ifdef FACE_CLUSTER_TEST_SURFACE
void useInstructionSet(const Napi::CallbackInfo& info) {
  const std::string name = info[0].IsString() ? info[0].As<Napi::String>().Utf8Value() : "";
  if (!fcn::useInstructionSet(info[0].IsUndefined() ? nullptr : name.c_str())) {
    fcn::binding::refuse(info.Env(), "name", "one of instructionSets()");
  }
}
#endif

// Called once for each Node environment: the main thread and every worker thread that loads the addon.
Napi::Object init(Napi::Env env, Napi::Object exports) {
  using namespace fcn::binding;
  env.SetInstanceData(new Environment(env));
  giveBackFreedMemory();

  exports.Set("Engine", EngineObject::define(env));
  exports.Set("CancelToken", CancelTokenObject::define(env));
  exports.Set("dbscan", Napi::Function::New<dbscan>(env, "dbscan"));
  exports.Set("linkage", Napi::Function::New<linkage>(env, "linkage"));
  exports.Set("similarPeople", Napi::Function::New<similarPeople>(env, "similarPeople"));
  exports.Set("radiusNeighbors", Napi::Function::New<radiusNeighbors>(env, "radiusNeighbors"));
  exports.Set("kDistances", Napi::Function::New<kDistances>(env, "kDistances"));
  exports.Set("resizeByArea", Napi::Function::New<resizeByArea>(env, "resizeByArea"));
  exports.Set("instructionSets", Napi::Function::New<instructionSets>(env, "instructionSets"));
#ifdef FACE_CLUSTER_TEST_SURFACE
  exports.Set("useInstructionSet", Napi::Function::New<useInstructionSet>(env, "useInstructionSet"));
#endif
  return exports;
}

}  // namespace

NODE_API_MODULE(face_cluster_native, init)
