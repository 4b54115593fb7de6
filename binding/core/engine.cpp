#include "engine.h"

#include <utility>

#include "detect/hog/detector.h"
#include "detect/mmod/detector.h"
#include "recognize/encoder.h"
#include "recognize/landmark_predictor.h"

namespace fcn {

Engine::Engine(ModelPaths paths, std::size_t threads, std::size_t keptBytes, Layers layers)
    : paths_(std::move(paths)), keptBytes_(keptBytes), layers_(layers), pool_(threads) {}

Engine::~Engine() = default;

std::vector<Detection> Engine::detect(const ImageView& image, const DetectOptions& options,
                                      const CancelToken& cancel) {
  const Parallel parallel(&pool_, cancel);
  if (options.method == DetectionMethod::Hog) {
    return HogDetector().detect(image, options.upsample, options.bytes, parallel);
  }
  return mmod_.get([&] { return std::make_unique<MmodDetector>(loadMmod(paths_.mmod, layers_), keptBytes_); })
      .detect(image, options.upsample, options.bytes, parallel);
}

MemoryRange Engine::detectionMemory(std::int64_t width, std::int64_t height, DetectionMethod method,
                                    int upsample) {
  return method == DetectionMethod::Hog ? HogDetector::memory(width, height, upsample)
                                        : MmodDetector::memory(width, height, upsample);
}

std::vector<Landmarks> Engine::landmarks(const ImageView& image, const std::vector<Box>& boxes,
                                         const CancelToken& cancel) {
  std::vector<Landmarks> landmarks;
  if (boxes.empty()) return landmarks;
  const LandmarkPredictor& predictor =
      landmarks_.get([&] { return std::make_unique<LandmarkPredictor>(paths_.landmarks); });
  for (const Box& box : boxes) {
    cancel.throwIfCancelled();
    landmarks.push_back(predictor.predict(image, box));
  }
  return landmarks;
}

std::vector<Encoding> Engine::encode(const ImageView& image, const std::vector<Box>& boxes, int numJitters,
                                     const CancelToken& cancel) {
  std::vector<FaceChip> chips;
  for (const Landmarks& face : landmarks(image, boxes, cancel)) {
    cancel.throwIfCancelled();
    chips.push_back(LandmarkPredictor::extractChip(image, face));
  }
  if (chips.empty()) return {};
  return encoder_.get([&] { return std::make_unique<FaceEncoder>(loadEncoder(paths_.resnet, layers_)); })
      .encode(chips, numJitters, Parallel(&pool_, cancel));
}

EncodedFaces Engine::detectAndEncode(const ImageView& image, const DetectOptions& options, int numJitters,
                                     const CancelToken& cancel) {
  std::vector<Detection> detections = detect(image, options, cancel);
  std::vector<Box> boxes;
  for (const Detection& detection : detections) boxes.push_back(detection.box);
  return {std::move(detections), encode(image, boxes, numJitters, cancel)};
}

}  // namespace fcn
