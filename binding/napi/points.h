#pragma once

#include <napi.h>

namespace fcn::binding {

// JavaScript's functions of these names; see NativeAddon in src/native/index.ts.
Napi::Value dbscan(const Napi::CallbackInfo& info);
Napi::Value linkage(const Napi::CallbackInfo& info);
Napi::Value similarPeople(const Napi::CallbackInfo& info);
Napi::Value radiusNeighbors(const Napi::CallbackInfo& info);
Napi::Value kDistances(const Napi::CallbackInfo& info);

}  // namespace fcn::binding
