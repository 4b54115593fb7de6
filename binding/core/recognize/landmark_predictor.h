#pragma once

#include <dlib/image_processing.h>

#include <string>

#include "detect/detection.h"
#include "image/image_view.h"
#include "landmarks.h"
#include "nn/networks.h"

namespace fcn {

// dlib's shape predictor and the face alignment that goes with it. Const, so many threads may use it at once.
class LandmarkPredictor {
 public:
  // Reads shape_predictor_5_face_landmarks.dat.
  // - throws Error(ModelMissing), Error(ModelDamaged)
  explicit LandmarkPredictor(const std::string& path);

  // The landmarks of the face in the box; requires box.right > box.left and box.bottom > box.top.
  Landmarks predict(const ImageView& image, const Box& box) const;

  // The face, turned upright and scaled to kChipSize with a margin of a quarter of the face on each side.
  static FaceChip extractChip(const ImageView& image, const Landmarks& landmarks);

 private:
  dlib::shape_predictor predictor_;
};

}  // namespace fcn
