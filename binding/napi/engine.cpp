#include "engine.h"

#include <algorithm>
#include <vector>

#include "arguments.h"
#include "async_task.h"
#include "cancel_token.h"

namespace fcn::binding {
namespace {

long readSide(const Napi::CallbackInfo& info, std::size_t index, const char* name) {
  return readInteger(info, index, name, 1, 1 << 24);
}

// Each upsampling multiplies the pixels by 4: beyond 8 nothing fits into any memory.
int readUpsample(const Napi::CallbackInfo& info, std::size_t index) {
  return static_cast<int>(readInteger(info, index, "upsample", 0, 8));
}

// A photo whose pixels JavaScript has handed over: nobody there reads or changes them any more.
class Photo {
 public:
  explicit Photo(const Napi::CallbackInfo& info) {
    const auto pixels = readArray<Napi::Uint8Array>(info, 0, "pixels", napi_uint8_array, "Uint8Array");
    const long width = readSide(info, 1, "width");
    const long height = readSide(info, 2, "height");
    if (pixels.ElementLength() != static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3) {
      refuse(info.Env(), "pixels", "width * height * 3 values");
    }
    // Nor can anybody any more who has an eye on shared memory: that can't be taken away from them.
    if (!pixels.ArrayBuffer().IsArrayBuffer()) refuse(info.Env(), "pixels", "memory that is not shared");
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

std::vector<Box> readBoxes(const Napi::CallbackInfo& info, std::size_t index) {
  const auto values = readArray<Napi::Int32Array>(info, index, "boxes", napi_int32_array, "Int32Array");
  if (values.ElementLength() % 4 != 0) refuse(info.Env(), "boxes", "4 values for each box");
  std::vector<Box> boxes(values.ElementLength() / 4);
  constexpr std::int32_t kFar = 1 << 24;
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    const std::int32_t* edges = values.Data() + i * 4;
    boxes[i] = {edges[0], edges[1], edges[2], edges[3]};
    const bool near = std::all_of(edges, edges + 4, [](std::int32_t e) { return e >= -kFar && e <= kFar; });
    if (!near || boxes[i].right <= boxes[i].left || boxes[i].bottom <= boxes[i].top) {
      refuse(info.Env(), "boxes", "right > left and bottom > top");
    }
  }
  return boxes;
}

bool readBoolean(const Napi::CallbackInfo& info, std::size_t index, const char* name) {
  if (!info[index].IsBoolean()) refuse(info.Env(), name, "boolean");
  return info[index].As<Napi::Boolean>().Value();
}

struct DetectArguments {
  DetectionMethod method;
  int upsample;
  std::size_t bytes;
};

constexpr double kMostBytes = 9007199254740991;  // Number.MAX_SAFE_INTEGER

DetectionMethod readMethod(const Napi::CallbackInfo& info, std::size_t index) {
  return readBoolean(info, index, "cnn") ? DetectionMethod::Cnn : DetectionMethod::Hog;
}

DetectArguments readDetectArguments(const Napi::CallbackInfo& info) {
  return {readMethod(info, 3), readUpsample(info, 4),
          static_cast<std::size_t>(readInteger(info, 5, "bytes", 0, kMostBytes))};
}

int readNumJitters(const Napi::CallbackInfo& info, std::size_t index) {
  return static_cast<int>(readInteger(info, index, "numJitters", 1, 100000));
}

Napi::Object toObject(Napi::Env env, const std::vector<Detection>& faces) {
  auto boxes = Napi::Int32Array::New(env, faces.size() * 4);
  auto scores = Napi::Float64Array::New(env, faces.size());
  for (std::size_t i = 0; i < faces.size(); ++i) {
    const Box& box = faces[i].box;
    const std::int32_t edges[] = {box.top, box.right, box.bottom, box.left};
    std::copy(edges, edges + 4, boxes.Data() + i * 4);
    scores.Data()[i] = faces[i].score;
  }
  Napi::Object object = Napi::Object::New(env);
  object.Set("boxes", boxes);
  object.Set("scores", scores);
  return object;
}

Napi::Float64Array toArray(Napi::Env env, const std::vector<Encoding>& encodings) {
  auto array = Napi::Float64Array::New(env, encodings.size() * kEncodingLength);
  double* out = array.Data();
  for (const Encoding& encoding : encodings) out = std::copy(encoding.begin(), encoding.end(), out);
  return array;
}

// What every call on a photo keeps until it is done.
class PhotoTask : public AsyncTask {
 public:
  PhotoTask(const Napi::CallbackInfo& info, std::size_t cancelIndex, std::shared_ptr<Engine> engine)
      : AsyncTask(info.Env(), CancelTokenObject::read(info, cancelIndex)),
        engine_(std::move(engine)),
        photo_(info) {}

  Napi::Promise startOnPool() { return start(engine_->pool()); }

 protected:
  const std::shared_ptr<Engine> engine_;
  const Photo photo_;
};

class DetectTask final : public PhotoTask {
 public:
  DetectTask(const Napi::CallbackInfo& info, std::shared_ptr<Engine> engine)
      : PhotoTask(info, 6, std::move(engine)), arguments_(readDetectArguments(info)) {}

 private:
  void execute() override {
    faces_ =
        engine_->detect(photo_.view(), arguments_.method, arguments_.upsample, arguments_.bytes, cancel_);
  }
  Napi::Value toResult(Napi::Env env) override { return toObject(env, faces_); }

  const DetectArguments arguments_;
  std::vector<Detection> faces_;
};

class LandmarksTask final : public PhotoTask {
 public:
  LandmarksTask(const Napi::CallbackInfo& info, std::shared_ptr<Engine> engine)
      : PhotoTask(info, 4, std::move(engine)), boxes_(readBoxes(info, 3)) {}

 private:
  void execute() override { shapes_ = engine_->landmarks(photo_.view(), boxes_, cancel_); }
  Napi::Value toResult(Napi::Env env) override {
    auto points = Napi::Int32Array::New(env, shapes_.size() * 10);
    std::int32_t* out = points.Data();
    for (const dlib::full_object_detection& shape : shapes_) {
      for (unsigned long part = 0; part < 5; ++part) {
        *out++ = static_cast<std::int32_t>(shape.part(part).x());
        *out++ = static_cast<std::int32_t>(shape.part(part).y());
      }
    }
    return points;
  }

  const std::vector<Box> boxes_;
  std::vector<dlib::full_object_detection> shapes_;
};

class EncodeTask final : public PhotoTask {
 public:
  EncodeTask(const Napi::CallbackInfo& info, std::shared_ptr<Engine> engine)
      : PhotoTask(info, 5, std::move(engine)),
        boxes_(readBoxes(info, 3)),
        numJitters_(readNumJitters(info, 4)) {}

 private:
  void execute() override { encodings_ = engine_->encode(photo_.view(), boxes_, numJitters_, cancel_); }
  Napi::Value toResult(Napi::Env env) override { return toArray(env, encodings_); }

  const std::vector<Box> boxes_;
  const int numJitters_;
  std::vector<Encoding> encodings_;
};

class DetectAndEncodeTask final : public PhotoTask {
 public:
  DetectAndEncodeTask(const Napi::CallbackInfo& info, std::shared_ptr<Engine> engine)
      : PhotoTask(info, 7, std::move(engine)),
        arguments_(readDetectArguments(info)),
        numJitters_(readNumJitters(info, 6)) {}

 private:
  void execute() override {
    faces_ =
        engine_->detect(photo_.view(), arguments_.method, arguments_.upsample, arguments_.bytes, cancel_);
    std::vector<Box> boxes;
    for (const Detection& face : faces_) boxes.push_back(face.box);
    encodings_ = engine_->encode(photo_.view(), boxes, numJitters_, cancel_);
  }
  Napi::Value toResult(Napi::Env env) override {
    Napi::Object object = toObject(env, faces_);
    object.Set("encodings", toArray(env, encodings_));
    return object;
  }

  const DetectArguments arguments_;
  const int numJitters_;
  std::vector<Detection> faces_;
  std::vector<Encoding> encodings_;
};

template <typename Task>
Napi::Value startTask(const Napi::CallbackInfo& info, std::shared_ptr<Engine> engine) {
  return withErrorCodes(info.Env(), [&] { return (new Task(info, std::move(engine)))->startOnPool(); });
}

}  // namespace

Napi::Function EngineObject::define(Napi::Env env) {
  return DefineClass(env, "Engine",
                     {
                         InstanceMethod<&EngineObject::detect>("detect"),
                         InstanceMethod<&EngineObject::landmarks>("landmarks"),
                         InstanceMethod<&EngineObject::encode>("encode"),
                         InstanceMethod<&EngineObject::detectAndEncode>("detectAndEncode"),
                         InstanceMethod<&EngineObject::dispose>("dispose"),
                         StaticMethod<&EngineObject::detectionMemory>("detectionMemory"),
                     });
}

EngineObject::EngineObject(const Napi::CallbackInfo& info) : ObjectWrap(info) {
  if (!info[0].IsObject()) refuse(info.Env(), "options", "object");
  const auto options = info[0].As<Napi::Object>();
  const auto text = [&](const char* name) {
    const Napi::Value value = options.Get(name);
    if (!value.IsString()) refuse(info.Env(), name, "string");
    return value.As<Napi::String>().Utf8Value();
  };
  const Napi::Value threads = options.Get("threads");
  const double count = threads.IsNumber() ? threads.As<Napi::Number>().DoubleValue() : 0;
  if (!(count >= 1 && count <= 1024)) refuse(info.Env(), "threads", "integer from 1 to 1024");
  const Napi::Value kept = options.Get("keptBytes");
  const double bytes = kept.IsNumber() ? kept.As<Napi::Number>().DoubleValue() : -1;
  if (!(bytes >= 0 && bytes <= kMostBytes)) refuse(info.Env(), "keptBytes", "number of bytes");
  const Napi::Value reference = options.Get("reference");
  if (!reference.IsBoolean()) refuse(info.Env(), "reference", "boolean");
  const auto networks =
      reference.As<Napi::Boolean>().Value() ? NetworkEngine::Reference : NetworkEngine::Direct;
  const ModelPaths paths{text("mmod"), text("landmarks"), text("resnet")};
  engine_ = withErrorCodes(info.Env(), [&] {
    return std::make_shared<Engine>(paths, static_cast<std::size_t>(count), static_cast<std::size_t>(bytes),
                                    networks);
  });
}

std::shared_ptr<Engine> EngineObject::engine(Napi::Env env) const {
  if (engine_) return engine_;
  throw toJavaScript(
      env, std::make_exception_ptr(
               Error(ErrorCode::Disposed, "This engine was used after dispose(). Create a new one.")));
}

Napi::Value EngineObject::detectionMemory(const Napi::CallbackInfo& info) {
  const long width = readSide(info, 0, "width");
  const long height = readSide(info, 1, "height");
  const DetectionMethod method = readMethod(info, 2);
  const int upsample = readUpsample(info, 3);
  const MemoryRange range =
      withErrorCodes(info.Env(), [&] { return Engine::detectionMemory(width, height, method, upsample); });
  Napi::Object object = Napi::Object::New(info.Env());
  object.Set("least", static_cast<double>(range.least));
  object.Set("most", static_cast<double>(range.most));
  return object;
}

Napi::Value EngineObject::detect(const Napi::CallbackInfo& info) {
  return startTask<DetectTask>(info, engine(info.Env()));
}

Napi::Value EngineObject::landmarks(const Napi::CallbackInfo& info) {
  return startTask<LandmarksTask>(info, engine(info.Env()));
}

Napi::Value EngineObject::encode(const Napi::CallbackInfo& info) {
  return startTask<EncodeTask>(info, engine(info.Env()));
}

Napi::Value EngineObject::detectAndEncode(const Napi::CallbackInfo& info) {
  return startTask<DetectAndEncodeTask>(info, engine(info.Env()));
}

Napi::Value EngineObject::dispose(const Napi::CallbackInfo& info) {
  engine_.reset();
  return info.Env().Undefined();
}

}  // namespace fcn::binding
