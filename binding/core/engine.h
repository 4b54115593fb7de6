#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/cancel_token.h"
#include "base/memory_range.h"
#include "base/thread_pool.h"
#include "detect/detection.h"
#include "image/image_view.h"
#include "nn/encoding.h"
#include "nn/layers.h"
#include "recognize/landmarks.h"

namespace fcn {

class FaceEncoder;
class HogDetector;
class LandmarkPredictor;
class MmodDetector;

enum class DetectionMethod { Hog, Cnn };

struct ModelPaths {
  std::string mmod, landmarks, resnet;
};

// How faces are looked for.
struct DetectOptions {
  DetectionMethod method = DetectionMethod::Cnn;
  // How often the photo is doubled in size first; faces of about 80 / 2^upsample pixels are found.
  int upsample = 1;
  // About how much memory this may take beside the photo, see Engine::detectionMemory(). The result does not
  // depend on it.
  std::size_t bytes = 0;
  // Faces are looked for on the photo reduced so that its longer side has so many pixels, see ReducedPhoto;
  // then doubled as `upsample` says. 0, or as much as the photo has: on the photo itself. Boxes are the
  // photo's.
  std::int64_t detectSize = 0;
};

// What is measured of faces.
struct MeasureOptions {
  // See FaceEncoder.
  int numJitters = 1;
  // Whether to encode the faces, and their mirror images.
  bool encode = true;
  bool mirror = false;
  // Whether the CNN detector is asked about faces that HOG is not sure of, see isConfirmed(), and about how
  // much memory that may take.
  bool confirm = false;
  std::size_t bytes = 0;
};

// The faces of a photo, surest first, and what was measured of each, in the same order; a list is empty if it
// was not asked for.
struct MeasuredFaces {
  std::vector<Detection> detections;
  std::vector<Encoding> encodings;
  std::vector<Encoding> mirrored;
  // Always measured, since it costs next to nothing. See sharpness().
  std::vector<double> sharpness;
  // Whether the CNN detector finds a face there, too; none of faces that HOG is sure of.
  std::vector<std::optional<bool>> confirmed;
};

// Everything that finds and encodes faces, and the threads that do it. Each model is loaded when it is first
// needed and once. All members may be called by many threads at once; each call works on the calling thread,
// which should be one of pool()'s, and on those of the pool that have nothing else to do.
// All throw Error(Aborted), and Error(ModelMissing) or Error(ModelDamaged) where they load a model.
class Engine {
 public:
  // - keptBytes: what looking for faces on a photo took is kept for the next one up to that size, once for
  //   each photo that was worked on at the same time.
  // - throws Error(OutOfMemory) if the system allows no threads
  Engine(ModelPaths paths, std::size_t threads, std::size_t keptBytes, Layers layers = Layers::Own);
  ~Engine();

  ThreadPool& pool() { return pool_; }

  // The faces on a photo, surest first.
  std::vector<Detection> detect(const ImageView& image, const DetectOptions& options,
                                const CancelToken& cancel);
  // How much memory is of use for finding the faces of a photo of that size.
  static MemoryRange detectionMemory(std::int64_t width, std::int64_t height, DetectionMethod method,
                                     int upsample, std::int64_t detectSize);
  // How much memory is of use for MeasureOptions::confirm; nothing else that is measured takes any to speak
  // of.
  static MemoryRange confirmationMemory();
  // The landmarks of the faces in the boxes; requires right > left and bottom > top of each.
  std::vector<Landmarks> landmarks(const ImageView& image, const std::vector<Box>& boxes,
                                   const CancelToken& cancel);
  // The encodings of the faces in the boxes: landmarks, chips, network.
  // - numJitters: see FaceEncoder
  std::vector<Encoding> encode(const ImageView& image, const std::vector<Box>& boxes, int numJitters,
                               const CancelToken& cancel);
  // Measures faces that were found earlier.
  MeasuredFaces measure(const ImageView& image, std::vector<Detection> faces, const MeasureOptions& options,
                        const CancelToken& cancel);
  // detect(), then measure() of what it found.
  MeasuredFaces detectAndMeasure(const ImageView& image, const DetectOptions& detect,
                                 const MeasureOptions& measure, const CancelToken& cancel);

 private:
  FaceEncoder& encoder();
  LandmarkPredictor& predictor();
  HogDetector& hog();
  MmodDetector& mmod();
  std::optional<bool> confirm(const ImageView& image, const Detection& face, std::size_t bytes,
                              const CancelToken& cancel);

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

    // Null until it is made.
    T* made() {
      const std::lock_guard<std::mutex> lock(mutex_);
      return value_.get();
    }

   private:
    std::mutex mutex_;
    std::unique_ptr<T> value_;
  };

  const ModelPaths paths_;
  const std::size_t keptBytes_;
  const Layers layers_;
  Lazy<HogDetector> hog_;
  Lazy<MmodDetector> mmod_;
  Lazy<LandmarkPredictor> landmarks_;
  Lazy<FaceEncoder> encoder_;
  ThreadPool pool_;  // last: its threads end before what they use
};

}  // namespace fcn
