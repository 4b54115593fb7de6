#include "landmark_predictor.h"

#include <dlib/image_transforms.h>

#include "base/model_file.h"
#include "image/dlib_image.h"

namespace fcn {

LandmarkPredictor::LandmarkPredictor(const std::string& path) {
  deserializeModel(path, predictor_);
  if (predictor_.num_parts() != Landmarks().size()) {
    throw Error(ErrorCode::ModelDamaged, "The model file " + path + " does not hold 5 landmarks but " +
                                             std::to_string(predictor_.num_parts()) + ".");
  }
}

Landmarks LandmarkPredictor::predict(const ImageView& image, const Box& box) const {
  const auto shape = predictor_(image, dlib::rectangle(box.left, box.top, box.right, box.bottom));
  Landmarks landmarks;
  for (std::size_t i = 0; i < landmarks.size(); ++i) {
    const dlib::point& point = shape.part(i);
    landmarks[i] = {static_cast<std::int32_t>(point.x()), static_cast<std::int32_t>(point.y())};
  }
  return landmarks;
}

FaceChip LandmarkPredictor::extractChip(const ImageView& image, const Landmarks& landmarks) {
  constexpr double kMargin = 0.25;
  std::vector<dlib::point> parts;
  for (const Point& point : landmarks) parts.emplace_back(point.x, point.y);
  // The box that they were found in has no part in how the face is cut out.
  const dlib::full_object_detection shape(dlib::rectangle(), parts);
  FaceChip chip;
  dlib::extract_image_chip(image, dlib::get_face_chip_details(shape, kChipSize, kMargin), chip);
  return chip;
}

}  // namespace fcn
