#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/buffer.h"
#include "features.h"
#include "frontal_face_filters.h"

namespace fcn {

// The most rows of windows that are computed at once. A tile takes the rows' sums of 9 rows more than it has:
// with 96 it was 4 % faster than with 48, though not all sums stay in the first-level cache.
constexpr std::int64_t kFilterTileRows = 96;

// A window whose score reaches a view's threshold.
struct FaceWindow {
  std::int64_t row, column;
  double score;  // above the threshold
};

// Of each view, row by row.
using FaceWindows = std::array<std::vector<FaceWindow>, kFaceViews>;

// What is computed of a tile of windows, kept for the next.
struct FilterMemory {
  FilterMemory() = default;
  // Takes what is needed on a processor with vectors of 16 floats, and where the first one begins.
  explicit FilterMemory(MemoryPieces& memory)
      : values(memory.take<float>(
            (4 * (kFilterTileRows + kHogWindow - 1) + kFaceViews * kFilterTileRows) * 64 + kSlack)) {}

  static constexpr std::size_t kSlack = 64;

  Buffer<float> values;
};

// The windows that the frontal face filters take for a face. A window's score is the sum of the responses
// of a view's filters, summed in one fixed order, whatever the image's size, with fused multiply-adds where
// the processor has them.
// - throws Error(Aborted)
FaceWindows findFaceWindows(const HogFeatures& features, FilterMemory& memory, const CancelToken& cancel);

}  // namespace fcn
