#pragma once

#include <napi.h>

#include <cmath>
#include <string>

#include "../core/base/cancel_token.h"
#include "../core/base/error.h"

// Reading arguments. TypeScript has validated what users gave; these checks keep a wrong call from reading
// outside of memory, and throw a TypeError that names the argument.
namespace fcn::binding {

[[noreturn]] inline void refuse(Napi::Env env, const char* name, const char* expected) {
  Napi::Error error = Napi::TypeError::New(env, std::string("Expected ") + expected + " for " + name);
  error.Value().Set("code", Napi::String::New(env, codeName(ErrorCode::InvalidArgument)));
  throw error;
}

inline double readNumber(const Napi::CallbackInfo& info, std::size_t index, const char* name, double min,
                         double max) {
  const Napi::Value value = info[index];
  if (value.IsNumber()) {
    const double number = value.As<Napi::Number>().DoubleValue();
    if (number >= min && number <= max) return number;
  }
  refuse(info.Env(), name, "number in range");
}

inline long readInteger(const Napi::CallbackInfo& info, std::size_t index, const char* name, double min,
                        double max) {
  const double number = readNumber(info, index, name, min, max);
  if (number != std::floor(number)) refuse(info.Env(), name, "integer");
  return static_cast<long>(number);
}

// A typed array of the given kind; its data() respects the view's offset.
template <typename Array>
Array readArray(const Napi::CallbackInfo& info, std::size_t index, const char* name,
                napi_typedarray_type type, const char* expected) {
  const Napi::Value value = info[index];
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != type) {
    refuse(info.Env(), name, expected);
  }
  return value.As<Array>();
}

}  // namespace fcn::binding
