#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/buffer.h"
#include "features.h"
#include "filters.h"
#include "image/planar_image.h"
#include "kernels.h"
#include "pyramid.h"

namespace fcn {

// What a thread needs to work on a strip, some rows of a level's windows; serves one strip after another.
struct HogStrip {
  // - sizes, firstHeld: see HogPyramid.
  // - rows: of windows, at most.
  HogStrip(MemoryPieces& memory, const std::vector<ImageSize>& sizes, std::size_t firstHeld,
           std::int64_t rows);

  // What it takes of the memory: enough for every level.
  static std::size_t bytes(const std::vector<ImageSize>& sizes, std::size_t firstHeld, std::int64_t rows);

  HogPyramid::Scratch pixels;
  HogRows histograms;
  HogFeatures features;
  FilterMemory filters;
};

}  // namespace fcn
