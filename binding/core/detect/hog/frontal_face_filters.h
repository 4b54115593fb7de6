#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "geometry.h"

namespace fcn {

constexpr std::int64_t kFaceViews = 5;  // front, left, right, tilted left, tilted right

// A filter over one plane of features: across the rows and the columns of the window one after the other.
struct SeparableFilter {
  std::int64_t plane, view;
  float row[kHogWindow];     // what a row's cells are multiplied with, from left to right
  float column[kHogWindow];  // what the rows' sums are multiplied with, from top to bottom
};

// What dlib::get_frontal_face_detector() decompresses and takes apart at each start. The definitions are
// written by generate_frontal_face_filters.cpp when we are built (hog.cmake).

extern const SeparableFilter kFrontalFaceFilters[];  // by plane, then by view
extern const std::size_t kFrontalFaceFilterCount;
// A view's score is the sum over its filters; there is a face where that reaches the threshold.
extern const std::array<double, kFaceViews> kFrontalFaceThresholds;
// When two boxes are the same face (dlib::test_box_overlap).
extern const double kFrontalFaceMaxOverlap;  // intersection over union
extern const double kFrontalFaceMaxCovered;  // intersection over either

}  // namespace fcn
