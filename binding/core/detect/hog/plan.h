#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/memory_range.h"
#include "image/enlarged_photo.h"

namespace fcn {

// How the HOG detector goes over a photo's pyramid: which levels are held, and how many rows of windows are
// computed at a time. It does not change what is found, only time and memory.
struct HogPlan {
  std::size_t firstHeld;
  std::int64_t stripRows;
  // How many strips may be in work at once.
  std::size_t strips;
  // What all of that takes; the photo's own pixels come on top.
  std::size_t bytes;
};

// A fast plan that takes no more than that many bytes; one that takes the least where none does.
// - sizes: of the pyramid's levels.
HogPlan planHog(const std::vector<ImageSize>& sizes, std::size_t bytes);

MemoryRange hogMemory(const std::vector<ImageSize>& sizes);

}  // namespace fcn
