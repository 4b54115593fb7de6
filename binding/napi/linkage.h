#pragma once

#include <napi.h>

namespace fcn::binding {

// JavaScript's linkage; see NativeAddon in src/native/index.ts.
Napi::Value linkage(const Napi::CallbackInfo& info);

// JavaScript's similarPeople; see NativeAddon in src/native/index.ts.
Napi::Value similarPeople(const Napi::CallbackInfo& info);

}  // namespace fcn::binding
