#pragma once

#include <napi.h>

// Pictures that are made of photos; see NativeAddon in src/native/index.ts.
namespace fcn::binding {

Napi::Value resizeByArea(const Napi::CallbackInfo& info);

}  // namespace fcn::binding
