#include "strip.h"

#include <algorithm>

namespace fcn {
namespace {

// The first level is the largest, and never held.
std::int64_t mostWindows(ImageSize first, std::int64_t rows) {
  return std::min(rows, hogWindows(first.height));
}

}  // namespace

HogStrip::HogStrip(MemoryPieces& memory, const std::vector<ImageSize>& sizes, std::size_t firstHeld,
                   std::int64_t rows)
    : pixels(memory, sizes, firstHeld, mostHogPixelRows(mostWindows(sizes[0], rows), sizes[0].height)),
      histograms(memory, hogCells(sizes[0].width)),
      features(memory, mostWindows(sizes[0], rows), hogWindows(sizes[0].width)),
      filters(memory) {}

std::size_t HogStrip::bytes(const std::vector<ImageSize>& sizes, std::size_t firstHeld, std::int64_t rows) {
  // Of a photo that is too small for a window, nothing is computed.
  if (hogWindows(sizes[0].width) == 0 || hogWindows(sizes[0].height) == 0) return 0;
  MemoryPieces counted;
  HogStrip(counted, sizes, firstHeld, rows);
  return counted.taken();
}

}  // namespace fcn
