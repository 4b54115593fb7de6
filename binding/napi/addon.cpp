#include <napi.h>

#include "async_task.h"
#include "cancel_token.h"
#include "dbscan.h"
#include "engine.h"
#include "instruction_sets.h"
#include "linkage.h"
#include "neighbors.h"

namespace {

// Called once for each Node environment: the main thread and every worker thread that loads the addon.
Napi::Object init(Napi::Env env, Napi::Object exports) {
  using namespace fcn::binding;
  env.SetInstanceData(new Environment(env));

  exports.Set("Engine", EngineObject::define(env));
  exports.Set("CancelToken", CancelTokenObject::define(env));
  exports.Set("dbscan", Napi::Function::New<dbscan>(env, "dbscan"));
  exports.Set("linkage", Napi::Function::New<linkage>(env, "linkage"));
  exports.Set("radiusNeighbors", Napi::Function::New<radiusNeighbors>(env, "radiusNeighbors"));
  exports.Set("kDistances", Napi::Function::New<kDistances>(env, "kDistances"));
  exports.Set("instructionSets", Napi::Function::New<instructionSets>(env, "instructionSets"));
#ifdef FACE_CLUSTER_TEST_SURFACE
  exports.Set("useInstructionSet", Napi::Function::New<useInstructionSet>(env, "useInstructionSet"));
#endif
  return exports;
}

}  // namespace

NODE_API_MODULE(face_cluster_native, init)
