#pragma once

#include <cstddef>
#include <cstdint>

#include "base/memory_range.h"
#include "tiled_pyramid.h"

namespace fcn {

// How the network goes over a photo's tiled pyramid: what of the pyramid is held, and how many rows of it
// are taken at a time. It does not change what is found, only time and memory.
struct MmodPlan {
  TiledPyramid::Memory pyramid;
  std::int64_t stripRows;
  // About what it takes; the photo's own pixels come on top.
  std::size_t bytes;
};

// The fastest plan that takes no more than that many bytes; one that takes the least where none does.
MmodPlan planMmod(const TiledLayout& layout, std::size_t bytes);

MemoryRange mmodMemory(const TiledLayout& layout);

}  // namespace fcn
