#pragma once

#include <napi.h>

namespace fcn::binding {

// JavaScript's dbscan; see NativeAddon in src/native/index.ts.
Napi::Value dbscan(const Napi::CallbackInfo& info);

}  // namespace fcn::binding
