#include "engine.h"

#include <algorithm>
#include <utility>

#include "detect/candidates.h"
#include "detect/confirmation.h"
#include "detect/hog/detector.h"
#include "detect/mmod/detector.h"
#include "image/reduced_photo.h"
#include "recognize/encoder.h"
#include "recognize/landmark_predictor.h"
#include "recognize/sharpness.h"

namespace fcn {
namespace {

std::vector<FaceChip> extractChips(const ImageView& image, const std::vector<Landmarks>& faces,
                                   const CancelToken& cancel) {
  std::vector<FaceChip> chips;
  for (const Landmarks& face : faces) {
    cancel.throwIfCancelled();
    chips.push_back(LandmarkPredictor::extractChip(image, face));
  }
  return chips;
}

}  // namespace

Engine::Engine(ModelPaths paths, std::size_t threads, std::size_t keptBytes, Layers layers)
    : paths_(std::move(paths)), keptBytes_(keptBytes), layers_(layers), pool_(threads) {}

Engine::~Engine() = default;

std::vector<Detection> Engine::detect(const ImageView& image, const DetectOptions& options,
                                      const CancelToken& cancel) {
  const Parallel parallel(&pool_, cancel);
  // What one detector has kept is not to come on top of what the other takes.
  const auto find = [&](const ImageView& view, std::size_t bytes) {
    if (options.method == DetectionMethod::Hog) {
      if (MmodDetector* const other = mmod_.made()) other->makeRoom(bytes);
      return hog().detect(view, options.upsample, bytes, parallel);
    }
    if (HogDetector* const other = hog_.made()) other->makeRoom(bytes);
    return mmod().detect(view, options.upsample, bytes, parallel);
  };
  const ImageSize photo{image.width, image.height};
  const ImageSize size = reducedSize(photo, options.detectSize);
  if (size == photo) return find(image, options.bytes);
  const ReducedPhoto reduced(image, size, parallel);
  const std::size_t taken = ReducedPhoto::bytes(size);
  std::vector<Detection> faces = find(reduced.view(), options.bytes - std::min(options.bytes, taken));
  for (Detection& face : faces) face.box = boxOnFullPhoto(face.box, size, photo);
  return faces;
}

MemoryRange Engine::detectionMemory(std::int64_t width, std::int64_t height, DetectionMethod method,
                                    int upsample, std::int64_t detectSize) {
  const ImageSize photo{width, height};
  const ImageSize size = reducedSize(photo, detectSize);
  const std::size_t reduced = size == photo ? 0 : ReducedPhoto::bytes(size);
  const MemoryRange range = method == DetectionMethod::Hog
                                ? HogDetector::memory(size.width, size.height, upsample)
                                : MmodDetector::memory(size.width, size.height, upsample);
  return {range.least + reduced, range.most + reduced};
}

MemoryRange Engine::confirmationMemory() { return fcn::confirmationMemory(); }

std::vector<Landmarks> Engine::landmarks(const ImageView& image, const std::vector<Box>& boxes,
                                         const CancelToken& cancel) {
  std::vector<Landmarks> landmarks;
  if (boxes.empty()) return landmarks;
  const LandmarkPredictor& predictor = this->predictor();
  for (const Box& box : boxes) {
    cancel.throwIfCancelled();
    landmarks.push_back(predictor.predict(image, box));
  }
  return landmarks;
}

std::vector<Encoding> Engine::encode(const ImageView& image, const std::vector<Box>& boxes, int numJitters,
                                     const CancelToken& cancel) {
  if (boxes.empty()) return {};
  const auto chips = extractChips(image, landmarks(image, boxes, cancel), cancel);
  return encoder().encode(chips, numJitters, {true, false}, Parallel(&pool_, cancel)).plain;
}

MeasuredFaces Engine::measure(const ImageView& image, std::vector<Detection> faces,
                              const MeasureOptions& options, const CancelToken& cancel) {
  MeasuredFaces measured;
  measured.detections = std::move(faces);
  if (measured.detections.empty()) return measured;
  std::vector<Box> boxes;
  for (const Detection& face : measured.detections) boxes.push_back(face.box);
  const bool encode = options.encode || options.mirror;
  // The first time, they are loaded side by side.
  Parallel(&pool_, cancel).forEach(encode ? 2 : 1, [&](std::size_t model) {
    if (model == 0) {
      predictor();
    } else {
      encoder();
    }
  });
  const auto chips = extractChips(image, landmarks(image, boxes, cancel), cancel);
  for (const FaceChip& chip : chips) measured.sharpness.push_back(sharpness(chip));
  if (encode) {
    ChipEncodings encodings = encoder().encode(chips, options.numJitters, {options.encode, options.mirror},
                                               Parallel(&pool_, cancel));
    measured.encodings = std::move(encodings.plain);
    measured.mirrored = std::move(encodings.mirrored);
  }
  if (options.confirm) {
    for (const Detection& face : measured.detections) {
      measured.confirmed.push_back(confirm(image, face, options.bytes, cancel));
    }
  }
  return measured;
}

MeasuredFaces Engine::detectAndMeasure(const ImageView& image, const DetectOptions& detect,
                                       const MeasureOptions& measure, const CancelToken& cancel) {
  return this->measure(image, this->detect(image, detect, cancel), measure, cancel);
}

std::optional<bool> Engine::confirm(const ImageView& image, const Detection& face, std::size_t bytes,
                                    const CancelToken& cancel) {
  if (face.score >= kDoubtfulScore) return std::nullopt;
  return isConfirmed(image, face.box, mmod(), bytes, Parallel(&pool_, cancel));
}

HogDetector& Engine::hog() {
  return hog_.get([&] { return std::make_unique<HogDetector>(keptBytes_); });
}

MmodDetector& Engine::mmod() {
  return mmod_.get(
      [&] { return std::make_unique<MmodDetector>(loadMmod(paths_.mmod, layers_), keptBytes_); });
}

LandmarkPredictor& Engine::predictor() {
  return landmarks_.get([&] { return std::make_unique<LandmarkPredictor>(paths_.landmarks); });
}

FaceEncoder& Engine::encoder() {
  return encoder_.get([&] { return std::make_unique<FaceEncoder>(loadEncoder(paths_.resnet, layers_)); });
}

}  // namespace fcn
