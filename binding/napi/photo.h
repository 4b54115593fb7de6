#pragma once

#include <napi.h>

#include <cstdint>

#include "../core/image/image_view.h"
#include "arguments.h"

namespace fcn::binding {

inline std::int64_t readSide(const Arguments& arguments, const char* name) {
  return arguments.integer(name, 1, 1 << 24);
}

// A photo whose pixels JavaScript has handed over: nobody there reads or changes them any more.
class Photo {
 public:
  explicit Photo(const Arguments& arguments) {
    const std::int64_t width = readSide(arguments, "width");
    const std::int64_t height = readSide(arguments, "height");
    const auto pixels = arguments.array<Napi::Uint8Array>("data", napi_uint8_array, "Uint8Array");
    if (pixels.ElementLength() != static_cast<std::size_t>(width * height * 3)) {
      refuse(arguments.env(), "data", "width * height * 3 values");
    }
    // Nor can anybody any more who has an eye on shared memory: that can't be taken away from them.
    if (!pixels.ArrayBuffer().IsArrayBuffer()) refuse(arguments.env(), "data", "memory that is not shared");
    view_ = {pixels.Data(), width, height};
    buffer_ = Napi::Persistent(pixels.ArrayBuffer());
    whole_ = pixels.ByteLength() == pixels.ArrayBuffer().ByteLength();
  }

  // Frees the pixels now: the garbage collector would come for them when there is more of it, and a photo's
  // are many. Does nothing where JavaScript can't run any more.
  ~Photo() {
    if (!whole_) return;
    napi_env env = buffer_.Env();
    napi_handle_scope scope;
    if (napi_open_handle_scope(env, &scope) != napi_ok) return;
    napi_value buffer;
    if (napi_get_reference_value(env, buffer_, &buffer) == napi_ok) napi_detach_arraybuffer(env, buffer);
    napi_close_handle_scope(env, scope);
  }
  Photo(const Photo&) = delete;
  Photo& operator=(const Photo&) = delete;

  const ImageView& view() const { return view_; }

 private:
  ImageView view_;
  Napi::Reference<Napi::ArrayBuffer> buffer_;
  bool whole_;  // nothing else lies in the buffer
};

}  // namespace fcn::binding
