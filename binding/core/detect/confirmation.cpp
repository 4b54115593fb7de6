#include "confirmation.h"

#include <dlib/image_processing/box_overlap_testing.h>
#include <dlib/image_transforms/interpolation.h>

#include <algorithm>

#include "image/dlib_image.h"
#include "mmod/detector.h"

namespace fcn {
namespace {

using Crop = dlib::matrix<dlib::rgb_pixel>;

// Pixels of a crop's side, and how many widths of the box it shows.
constexpr long kSide = 240;
constexpr double kWidths = 2.4;
constexpr double kAgreement = 0.3;

// The photo around the middle of the box. dlib reduces it through a pyramid where it has to.
Crop cropAround(const ImageView& image, const Box& box) {
  const dlib::dpoint middle((box.left + box.right) / 2.0, (box.top + box.bottom) / 2.0);
  const double side = kWidths * (box.right - box.left);
  Crop crop;
  dlib::extract_image_chip(
      image, dlib::chip_details(dlib::centered_drect(middle, side, side), dlib::chip_dims(kSide, kSide)),
      crop);
  return crop;
}

// The box on its crop.
dlib::drectangle onCrop(const Box& box) {
  const double width = box.right - box.left, height = box.bottom - box.top;
  const double scale = kSide / (kWidths * width);
  return dlib::centered_drect(dlib::dpoint(kSide / 2.0, kSide / 2.0), width * scale, height * scale);
}

dlib::drectangle rectangleOf(const Box& box) {
  return dlib::drectangle(box.left, box.top, box.right, box.bottom);
}

}  // namespace

bool isConfirmed(const ImageView& image, const Box& box, MmodDetector& detector, std::size_t bytes,
                 const Parallel& parallel) {
  const Crop crop = cropAround(image, box);
  const ImageView view{reinterpret_cast<const std::uint8_t*>(&crop(0, 0)), crop.nc(), crop.nr()};
  const std::vector<Detection> faces = detector.detect(view, 0, bytes, parallel);
  return std::any_of(faces.begin(), faces.end(), [&](const Detection& face) {
    return dlib::box_intersection_over_union(rectangleOf(face.box), onCrop(box)) > kAgreement;
  });
}

MemoryRange confirmationMemory() { return MmodDetector::memory(kSide, kSide, 0); }

}  // namespace fcn
