#pragma once

#include <array>
#include <cstdint>

namespace fcn {

// In pixels of the photo.
struct Point {
  std::int32_t x, y;
};

// dlib's 5-point landmarks, named from the point of view of the person shown: the outer and the inner corner
// of the left eye, those of the right eye, and the base of the nose.
using Landmarks = std::array<Point, 5>;

}  // namespace fcn
