#include "instruction_sets.h"

#include <string>

#include "../core/base/instruction_sets.h"
#include "arguments.h"

namespace fcn::binding {

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
    refuse(info.Env(), "name", "one of instructionSets()");
  }
}
#endif

}  // namespace fcn::binding
