#include "linkage.h"

#include <optional>

#include "../core/clustering/linkage.h"
#include "points_task.h"

namespace fcn::binding {
namespace {

// A task that may be given the encodings of mirror images, too.
class MirroredTask : public PointsTask {
 protected:
  explicit MirroredTask(const Arguments& arguments) : PointsTask(arguments) {
    const Napi::Value mirrored = arguments.value("mirrored");
    if (mirrored.IsUndefined()) return;
    mirrored_ = readPoints(arguments, "mirrored");
    mirroredSource_ = Napi::Persistent(mirrored.As<Napi::Object>());
  }

  // Null if there are none.
  const PointsView* mirrored() const { return mirrored_ ? &*mirrored_ : nullptr; }

 private:
  std::optional<PointsView> mirrored_;
  Napi::ObjectReference mirroredSource_;  // keeps them alive
};

class LinkageTask final : public MirroredTask {
 public:
  explicit LinkageTask(const Arguments& arguments) : MirroredTask(arguments) {
    options_.threshold = arguments.number("threshold", 0, 1e308);
    setCommon(options_);
    if (arguments.value("photos").IsUndefined()) return;
    const auto photos = arguments.array<Napi::Uint32Array>("photos", napi_uint32_array, "Uint32Array");
    if (photos.ElementLength() != points_.n) refuse(arguments.env(), "photos", "n values");
    options_.photos.assign(photos.Data(), photos.Data() + photos.ElementLength());
  }

 private:
  void execute() override { result_ = fcn::linkage(points_, mirrored(), options_, cancel_); }

  Napi::Value toResult(Napi::Env env) override {
    Napi::Object object = Napi::Object::New(env);
    object.Set("labels", toTypedArray<Napi::Int32Array>(env, result_.labels));
    object.Set("clusters", Napi::Number::New(env, result_.clusters));
    object.Set("nearestOnly", Napi::Number::New(env, static_cast<double>(result_.nearestOnly)));
    return object;
  }

  LinkageOptions options_;
  LinkageResult result_;
};

class SimilarPeopleTask final : public MirroredTask {
 public:
  explicit SimilarPeopleTask(const Arguments& arguments) : MirroredTask(arguments) {
    options_.threshold = arguments.number("threshold", 0, 1e308);
    options_.most = static_cast<std::size_t>(arguments.integer("most", 1, 1e6));
    setCommon(options_);
    const auto labels = arguments.array<Napi::Int32Array>("labels", napi_int32_array, "Int32Array");
    if (labels.ElementLength() != points_.n) refuse(arguments.env(), "labels", "n values");
    labels_.assign(labels.Data(), labels.Data() + labels.ElementLength());
  }

 private:
  void execute() override {
    pairs_ = fcn::findSimilarPeople(points_, mirrored(), labels_, options_, cancel_);
  }

  Napi::Value toResult(Napi::Env env) override {
    std::vector<std::int32_t> labels;
    std::vector<double> scores;
    for (const auto& [a, b, score] : pairs_) {
      labels.insert(labels.end(), {a, b});
      scores.push_back(score);
    }
    Napi::Object object = Napi::Object::New(env);
    object.Set("labels", toTypedArray<Napi::Int32Array>(env, labels));
    object.Set("scores", toTypedArray<Napi::Float64Array>(env, scores));
    return object;
  }

  SimilarPeopleOptions options_;
  std::vector<std::int32_t> labels_;
  std::vector<SimilarPeople> pairs_;
};

}  // namespace

Napi::Value similarPeople(const Napi::CallbackInfo& info) {
  return withErrorCodes(info.Env(),
                        [&] { return (new SimilarPeopleTask(Arguments(info)))->startOnOwnThread(); });
}

Napi::Value linkage(const Napi::CallbackInfo& info) {
  return withErrorCodes(info.Env(), [&] { return (new LinkageTask(Arguments(info)))->startOnOwnThread(); });
}

}  // namespace fcn::binding
