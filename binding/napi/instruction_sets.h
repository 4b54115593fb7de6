#pragma once

#include <napi.h>

namespace fcn::binding {

Napi::Value instructionSets(const Napi::CallbackInfo& info);
#ifdef FACE_CLUSTER_TEST_SURFACE
void useInstructionSet(const Napi::CallbackInfo& info);
#endif

}  // namespace fcn::binding
