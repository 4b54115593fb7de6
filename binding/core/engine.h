#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/cancel_token.h"
#include "detect/hog/detector.h"
#include "detect/mmod/detector.h"
#include "recognize/encoder.h"
#include "recognize/landmarks.h"
#include "base/thread_pool.h"

namespace fcn {

enum class DetectionMethod { Hog, Cnn };

struct ModelPaths {
  std::string mmod, landmarks, resnet;
};

// Everything that finds and encodes faces, and the threads that do it. Each model is loaded when it is first
// needed and once. All members may be called by many threads at once; each call works on the calling thread,
// which should be one of pool()'s, and on those of the pool that have nothing else to do.
class Engine {
 public:
  // - keptBytes: see MmodDetector.
  // - throws Error(OutOfMemory) if the system allows no threads
  Engine(ModelPaths paths, std::size_t threads, std::size_t keptBytes,
         NetworkEngine networks = NetworkEngine::Direct)
      : paths_(std::move(paths)), keptBytes_(keptBytes), networks_(networks), pool_(threads) {}

  ThreadPool& pool() { return pool_; }

  // See HogDetector and MmodDetector.
  // - bytes: about how much memory this may take beside the photo, see detectionMemory().
  std::vector<Detection> detect(const ImageView& image, DetectionMethod method, int upsample,
                                std::size_t bytes, const CancelToken& cancel);
  // How much memory is of use for finding the faces of a photo of that size.
  static MemoryRange detectionMemory(long width, long height, DetectionMethod method, int upsample);
  // See LandmarkPredictor.
  std::vector<dlib::full_object_detection> landmarks(const ImageView& image, const std::vector<Box>& boxes,
                                                     const CancelToken& cancel);
  // The encodings of the faces in the boxes: landmarks, chips, then FaceEncoder.
  std::vector<Encoding> encode(const ImageView& image, const std::vector<Box>& boxes, int numJitters,
                               const CancelToken& cancel);

 private:
  // A value made on first use. A maker that throws leaves it unmade, so the next use tries again.
  template <typename T>
  class Lazy {
   public:
    template <typename Make>
    T& get(Make make) {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (!value_) value_ = make();
      return *value_;
    }

   private:
    std::mutex mutex_;
    std::unique_ptr<T> value_;
  };

  LandmarkPredictor& landmarkPredictor();

  const ModelPaths paths_;
  const std::size_t keptBytes_;
  const NetworkEngine networks_;
  Lazy<MmodDetector> mmod_;
  Lazy<LandmarkPredictor> landmarks_;
  Lazy<FaceEncoder> encoder_;
  ThreadPool pool_;  // last: its threads end before what they use
};

}  // namespace fcn
