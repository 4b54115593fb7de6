#include "engine.h"

#include <algorithm>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "arguments.h"
#include "async_task.h"
#include "photo.h"

namespace fcn::binding {
namespace {

// Each upsampling multiplies the pixels by 4: beyond 8 nothing fits into any memory.
int readUpsample(const Arguments& arguments) { return static_cast<int>(arguments.integer("upsample", 0, 8)); }

// 0: of the photo itself.
std::int64_t readDetectSize(const Arguments& arguments) {
  return arguments.integer("detectSize", 0, 1 << 24);
}

DetectionMethod readMethod(const Arguments& arguments) {
  const std::string method = arguments.text("method");
  if (method == "cnn") return DetectionMethod::Cnn;
  if (method != "hog") refuse(arguments.env(), "method", "hog or cnn");
  return DetectionMethod::Hog;
}

DetectOptions readDetectOptions(const Arguments& arguments) {
  return {readMethod(arguments), readUpsample(arguments), arguments.bytes("bytes"),
          readDetectSize(arguments)};
}

int readNumJitters(const Arguments& arguments) {
  return static_cast<int>(arguments.integer("numJitters", 1, 100000));
}

// - encode: whether to encode the faces as they are.
MeasureOptions readMeasureOptions(const Arguments& arguments, bool encode) {
  return {readNumJitters(arguments), encode, arguments.boolean("mirror"), arguments.boolean("confirm"),
          arguments.bytes("bytes")};
}

std::vector<Box> readBoxes(const Arguments& arguments) {
  const auto values = arguments.array<Napi::Int32Array>("boxes", napi_int32_array, "Int32Array");
  if (values.ElementLength() % 4 != 0) refuse(arguments.env(), "boxes", "4 values for each box");
  std::vector<Box> boxes(values.ElementLength() / 4);
  constexpr std::int32_t kFar = 1 << 24;
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    const std::int32_t* edges = values.Data() + i * 4;
    boxes[i] = {edges[0], edges[1], edges[2], edges[3]};
    const bool near = std::all_of(edges, edges + 4, [](std::int32_t e) { return e >= -kFar && e <= kFar; });
    if (!near || boxes[i].right <= boxes[i].left || boxes[i].bottom <= boxes[i].top) {
      refuse(arguments.env(), "boxes", "right > left and bottom > top");
    }
  }
  return boxes;
}

std::vector<Detection> readDetections(const Arguments& arguments) {
  const std::vector<Box> boxes = readBoxes(arguments);
  const auto scores = arguments.array<Napi::Float64Array>("scores", napi_float64_array, "Float64Array");
  if (scores.ElementLength() != boxes.size()) refuse(arguments.env(), "scores", "one value for each box");
  std::vector<Detection> faces(boxes.size());
  for (std::size_t i = 0; i < faces.size(); ++i) faces[i] = {boxes[i], scores.Data()[i]};
  return faces;
}

// (n, 4) boxes and (n) scores.
Napi::Object toValue(Napi::Env env, const std::vector<Detection>& faces) {
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

// (n, 5, 2)
Napi::Value toValue(Napi::Env env, const std::vector<Landmarks>& faces) {
  auto points = Napi::Int32Array::New(env, faces.size() * Landmarks().size() * 2);
  std::int32_t* out = points.Data();
  for (const Landmarks& face : faces) {
    for (const Point& point : face) {
      *out++ = point.x;
      *out++ = point.y;
    }
  }
  return points;
}

// (n, kEncodingLength)
Napi::Value toValue(Napi::Env env, const std::vector<Encoding>& encodings) {
  auto array = Napi::Float64Array::New(env, encodings.size() * kEncodingLength);
  double* out = array.Data();
  for (const Encoding& encoding : encodings) out = std::copy(encoding.begin(), encoding.end(), out);
  return array;
}

Napi::Value toValue(Napi::Env env, const MeasuredFaces& faces) {
  Napi::Object object = toValue(env, faces.detections);
  object.Set("encodings", toValue(env, faces.encodings));
  object.Set("mirrored", toValue(env, faces.mirrored));
  auto sharpness = Napi::Float64Array::New(env, faces.sharpness.size());
  std::copy(faces.sharpness.begin(), faces.sharpness.end(), sharpness.Data());
  object.Set("sharpness", sharpness);
  auto confirmed = Napi::Int8Array::New(env, faces.confirmed.size());
  std::transform(faces.confirmed.begin(), faces.confirmed.end(), confirmed.Data(),
                 [](const std::optional<bool>& answer) { return answer ? *answer : -1; });
  object.Set("confirmed", confirmed);
  return object;
}

Napi::Value toValue(Napi::Env env, const MemoryRange& range) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("least", static_cast<double>(range.least));
  object.Set("most", static_cast<double>(range.most));
  return object;
}

// A call on a photo: keeps the engine and the pixels until compute(engine, photo, cancel) is done.
template <typename Compute>
class PhotoTask final : public AsyncTask {
 public:
  PhotoTask(const Arguments& arguments, std::shared_ptr<Engine> engine, Compute compute)
      : AsyncTask(arguments.env(), arguments.cancelToken()),
        engine_(std::move(engine)),
        photo_(arguments),
        compute_(std::move(compute)) {}

  Napi::Promise startOnPool() { return start(engine_->pool()); }

 private:
  void execute() override { result_ = compute_(*engine_, photo_.view(), cancel_); }
  Napi::Value toResult(Napi::Env env) override { return toValue(env, result_); }

  const std::shared_ptr<Engine> engine_;
  const Photo photo_;
  const Compute compute_;
  std::invoke_result_t<const Compute&, Engine&, const ImageView&, const CancelToken&> result_;
};

// Starts a PhotoTask; prepare(arguments) gives its `compute`.
template <typename Prepare>
Napi::Value startTask(const Napi::CallbackInfo& info, std::shared_ptr<Engine> engine,
                      const Prepare& prepare) {
  return withErrorCodes(info.Env(), [&] {
    const Arguments arguments(info);
    return (new PhotoTask(arguments, std::move(engine), prepare(arguments)))->startOnPool();
  });
}

}  // namespace

Napi::Function EngineObject::define(Napi::Env env) {
  return DefineClass(env, "Engine",
                     {
                         InstanceMethod<&EngineObject::detect>("detect"),
                         InstanceMethod<&EngineObject::landmarks>("landmarks"),
                         InstanceMethod<&EngineObject::encode>("encode"),
                         InstanceMethod<&EngineObject::detectAndEncode>("detectAndEncode"),
                         InstanceMethod<&EngineObject::measure>("measure"),
                         InstanceMethod<&EngineObject::dispose>("dispose"),
                         StaticMethod<&EngineObject::detectionMemory>("detectionMemory"),
                         StaticMethod<&EngineObject::confirmationMemory>("confirmationMemory"),
                     });
}

EngineObject::EngineObject(const Napi::CallbackInfo& info) : ObjectWrap(info) {
  const Arguments arguments(info);
  const auto threads = static_cast<std::size_t>(arguments.integer("threads", 1, 1024));
  const std::size_t keptBytes = arguments.bytes("keptBytes");
  const Layers layers = arguments.boolean("reference") ? Layers::Reference : Layers::Own;
  const ModelPaths paths{arguments.text("mmod"), arguments.text("landmarks"), arguments.text("resnet")};
  engine_ =
      withErrorCodes(info.Env(), [&] { return std::make_shared<Engine>(paths, threads, keptBytes, layers); });
}

std::shared_ptr<Engine> EngineObject::engine(Napi::Env env) const {
  if (engine_) return engine_;
  throw toJavaScript(
      env, std::make_exception_ptr(
               Error(ErrorCode::Disposed, "This engine was used after dispose(). Create a new one.")));
}

Napi::Value EngineObject::detectionMemory(const Napi::CallbackInfo& info) {
  const Arguments arguments(info);
  const std::int64_t width = readSide(arguments, "width"), height = readSide(arguments, "height");
  const DetectionMethod method = readMethod(arguments);
  const int upsample = readUpsample(arguments);
  const std::int64_t detectSize = readDetectSize(arguments);
  return toValue(info.Env(), withErrorCodes(info.Env(), [&] {
                   return Engine::detectionMemory(width, height, method, upsample, detectSize);
                 }));
}

Napi::Value EngineObject::confirmationMemory(const Napi::CallbackInfo& info) {
  return toValue(info.Env(), withErrorCodes(info.Env(), [] { return Engine::confirmationMemory(); }));
}

Napi::Value EngineObject::detect(const Napi::CallbackInfo& info) {
  return startTask(info, engine(info.Env()), [](const Arguments& arguments) {
    return [options = readDetectOptions(arguments)](Engine& engine, const ImageView& photo,
                                                    const CancelToken& cancel) {
      return engine.detect(photo, options, cancel);
    };
  });
}

Napi::Value EngineObject::landmarks(const Napi::CallbackInfo& info) {
  return startTask(info, engine(info.Env()), [](const Arguments& arguments) {
    return [boxes = readBoxes(arguments)](Engine& engine, const ImageView& photo, const CancelToken& cancel) {
      return engine.landmarks(photo, boxes, cancel);
    };
  });
}

Napi::Value EngineObject::encode(const Napi::CallbackInfo& info) {
  return startTask(info, engine(info.Env()), [](const Arguments& arguments) {
    return [boxes = readBoxes(arguments), numJitters = readNumJitters(arguments)](
               Engine& engine, const ImageView& photo, const CancelToken& cancel) {
      return engine.encode(photo, boxes, numJitters, cancel);
    };
  });
}

Napi::Value EngineObject::detectAndEncode(const Napi::CallbackInfo& info) {
  return startTask(info, engine(info.Env()), [](const Arguments& arguments) {
    return [detect = readDetectOptions(arguments), measure = readMeasureOptions(arguments, true)](
               Engine& engine, const ImageView& photo, const CancelToken& cancel) {
      return engine.detectAndMeasure(photo, detect, measure, cancel);
    };
  });
}

Napi::Value EngineObject::measure(const Napi::CallbackInfo& info) {
  return startTask(info, engine(info.Env()), [](const Arguments& arguments) {
    return [faces = readDetections(arguments), options = readMeasureOptions(arguments, false)](
               Engine& engine, const ImageView& photo, const CancelToken& cancel) {
      return engine.measure(photo, faces, options, cancel);
    };
  });
}

Napi::Value EngineObject::dispose(const Napi::CallbackInfo& info) {
  engine_.reset();
  return info.Env().Undefined();
}

}  // namespace fcn::binding
