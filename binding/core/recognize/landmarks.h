#pragma once

#include <dlib/image_processing.h>

#include <string>

#include "detect/detection.h"
#include "nn/networks.h"

namespace fcn {

// dlib's 5-point landmarks (the corners of both eyes, and the nose) and the face alignment that goes with
// them. Const, so many threads may use it at once.
class LandmarkPredictor {
 public:
  // Reads shape_predictor_5_face_landmarks.dat.
  // - throws Error(ModelMissing), Error(ModelDamaged)
  explicit LandmarkPredictor(const std::string& path);

  // The landmarks of the face in the box; requires box.right > box.left and box.bottom > box.top.
  dlib::full_object_detection predict(const ImageView& image, const Box& box) const;

  // The face, turned upright and scaled to kChipSize with a margin of a quarter of the face on each side.
  static FaceChip extractChip(const ImageView& image, const dlib::full_object_detection& landmarks);

 private:
  dlib::shape_predictor predictor_;
};

}  // namespace fcn
