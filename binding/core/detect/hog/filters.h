#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "features.h"
#include "frontal_face_filters.h"

namespace fcn {

// The most rows of windows that are computed at once. The features of a plane and the rows' sums of two
// filters then stay in a first-level cache of 32 KB, the scores of all views in the second.
constexpr std::int64_t kFilterTileRows = 48;

// One number for each window, row by row.
struct HogScores {
  std::int64_t rows = 0, columns = 0;
  std::vector<float> values;

  const float* row(std::int64_t row) const { return values.data() + row * columns; }
  float* row(std::int64_t row) { return values.data() + row * columns; }
};

using FaceScores = std::array<HogScores, kFaceViews>;

// The sums of the frontal face filters' responses at each window, of each view. Each is summed in one fixed
// order, whatever the image's size, with fused multiply-adds where the processor has them.
// - scores: resized; keeps its memory where that suffices.
// - throws Error(Aborted)
void applyFilters(const HogFeatures& features, FaceScores& scores, const CancelToken& cancel);

}  // namespace fcn
