#include "landmarks.h"

#include <dlib/image_transforms.h>

#include "base/model_file.h"

namespace fcn {

LandmarkPredictor::LandmarkPredictor(const std::string& path) {
  deserializeModel(path, predictor_);
  if (predictor_.num_parts() != 5) {
    throw Error(ErrorCode::ModelDamaged, "The model file " + path + " does not hold 5 landmarks but " +
                                             std::to_string(predictor_.num_parts()) + ".");
  }
}

dlib::full_object_detection LandmarkPredictor::predict(const ImageView& image, const Box& box) const {
  return predictor_(image, toRectangle(box));
}

FaceChip LandmarkPredictor::extractChip(const ImageView& image,
                                        const dlib::full_object_detection& landmarks) {
  constexpr double kMargin = 0.25;
  FaceChip chip;
  dlib::extract_image_chip(image, dlib::get_face_chip_details(landmarks, kChipSize, kMargin), chip);
  return chip;
}

}  // namespace fcn
