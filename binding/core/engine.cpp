#include "engine.h"

namespace fcn {

std::vector<Detection> Engine::detect(const ImageView& image, DetectionMethod method, int upsample,
                                      std::size_t bytes, const CancelToken& cancel) {
  if (method == DetectionMethod::Hog) {
    return HogDetector().detect(image, upsample, bytes, Parallel(&pool_, cancel));
  }
  return mmod_
      .get([&] { return std::make_unique<MmodDetector>(loadMmod(paths_.mmod, networks_), keptBytes_); })
      .detect(image, upsample, bytes, Parallel(&pool_, cancel));
}

MemoryRange Engine::detectionMemory(long width, long height, DetectionMethod method, int upsample) {
  return method == DetectionMethod::Hog ? HogDetector::memory(width, height, upsample)
                                        : MmodDetector::memory(width, height, upsample);
}

std::vector<dlib::full_object_detection> Engine::landmarks(const ImageView& image,
                                                           const std::vector<Box>& boxes,
                                                           const CancelToken& cancel) {
  std::vector<dlib::full_object_detection> shapes;
  if (boxes.empty()) return shapes;
  const LandmarkPredictor& predictor = landmarkPredictor();
  for (const Box& box : boxes) {
    cancel.throwIfCancelled();
    shapes.push_back(predictor.predict(image, box));
  }
  return shapes;
}

std::vector<Encoding> Engine::encode(const ImageView& image, const std::vector<Box>& boxes, int numJitters,
                                     const CancelToken& cancel) {
  std::vector<FaceChip> chips;
  for (const dlib::full_object_detection& shape : landmarks(image, boxes, cancel)) {
    cancel.throwIfCancelled();
    chips.push_back(LandmarkPredictor::extractChip(image, shape));
  }
  if (chips.empty()) return {};
  return encoder_.get([&] { return std::make_unique<FaceEncoder>(loadEncoder(paths_.resnet, networks_)); })
      .encode(chips, numJitters, Parallel(&pool_, cancel));
}

LandmarkPredictor& Engine::landmarkPredictor() {
  return landmarks_.get([&] { return std::make_unique<LandmarkPredictor>(paths_.landmarks); });
}

}  // namespace fcn
