#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "cancel_token.h"
#include "detect_hog.h"
#include "detect_mmod.h"
#include "encoder.h"
#include "landmarks.h"
#include "thread_pool.h"

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
  // - throws Error(OutOfMemory) if the system allows no threads
  Engine(ModelPaths paths, std::size_t threads, NetworkEngine networks = NetworkEngine::Direct)
      : paths_(std::move(paths)), networks_(networks), pool_(threads) {}

  ThreadPool& pool() { return pool_; }

  // See HogDetector and MmodDetector.
  std::vector<Detection> detect(const ImageView& image, DetectionMethod method, int upsample,
                                const CancelToken& cancel);
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
  const NetworkEngine networks_;
  Lazy<MmodDetector> mmod_;
  Lazy<LandmarkPredictor> landmarks_;
  Lazy<FaceEncoder> encoder_;
  ThreadPool pool_;  // last: its threads end before what they use
};

}  // namespace fcn
