#pragma once

#include <napi.h>

#include <cmath>
#include <cstdint>
#include <string>

#include "../core/base/cancel_token.h"
#include "../core/base/error.h"
#include "cancel_token.h"

// Reading arguments. TypeScript has validated what users gave; these checks keep a wrong call from reading
// outside of memory, and throw a TypeError that names the argument.
namespace fcn::binding {

constexpr double kMaxSafeInteger = 9007199254740991;  // Number.MAX_SAFE_INTEGER

[[noreturn]] inline void refuse(Napi::Env env, const char* name, const char* expected) {
  Napi::Error error = Napi::TypeError::New(env, std::string("Expected ") + expected + " for " + name);
  error.Value().Set("code", Napi::String::New(env, codeName(ErrorCode::InvalidArgument)));
  throw error;
}

// The arguments of a call, by name: the properties of its only one, an object. All of them are taken at once,
// so that no getter can run between two looks at them, and take away the memory that was looked at before.
class Arguments {
 public:
  explicit Arguments(const Napi::CallbackInfo& info) : object_(propertiesOf(info)) {}

  Napi::Env env() const { return object_.Env(); }

  Napi::Value value(const char* name) const { return object_.Get(name); }

  double number(const char* name, double min, double max) const {
    const Napi::Value found = value(name);
    if (found.IsNumber()) {
      const double number = found.As<Napi::Number>().DoubleValue();
      if (number >= min && number <= max) return number;
    }
    refuse(env(), name, "number in range");
  }

  std::int64_t integer(const char* name, double min, double max) const {
    const double found = number(name, min, max);
    if (found != std::floor(found)) refuse(env(), name, "integer");
    return static_cast<std::int64_t>(found);
  }

  std::size_t bytes(const char* name) const {
    return static_cast<std::size_t>(integer(name, 0, kMaxSafeInteger));
  }

  bool boolean(const char* name) const {
    const Napi::Value found = value(name);
    if (!found.IsBoolean()) refuse(env(), name, "boolean");
    return found.As<Napi::Boolean>().Value();
  }

  std::string text(const char* name) const {
    const Napi::Value found = value(name);
    if (!found.IsString()) refuse(env(), name, "string");
    return found.As<Napi::String>().Utf8Value();
  }

  // A typed array of the given kind; its Data() respects the view's offset.
  template <typename Array>
  Array array(const char* name, napi_typedarray_type type, const char* expected) const {
    const Napi::Value found = value(name);
    if (!found.IsTypedArray() || found.As<Napi::TypedArray>().TypedArrayType() != type) {
      refuse(env(), name, expected);
    }
    return found.As<Array>();
  }

  // The token in `cancel`, or a new one if there is none.
  CancelToken cancelToken() const { return CancelTokenObject::read(env(), value("cancel")); }

 private:
  static Napi::Object propertiesOf(const Napi::CallbackInfo& info) {
    if (!info[0].IsObject()) refuse(info.Env(), "arguments", "an object");
    const auto given = info[0].As<Napi::Object>();
    const Napi::Array names = given.GetPropertyNames();
    Napi::Object properties = Napi::Object::New(info.Env());
    for (std::uint32_t i = 0; i < names.Length(); ++i) {
      const Napi::Value name = names.Get(i);
      properties.Set(name, given.Get(name));
    }
    return properties;
  }

  const Napi::Object object_;
};

}  // namespace fcn::binding
