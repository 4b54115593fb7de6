#pragma once

#include <cstdint>

namespace fcn {

// A face's box in pixels, in the order of the original's tuples.
struct Box {
  std::int32_t top, right, bottom, left;
};

struct Detection {
  Box box;
  // The detector's score above its threshold; 0 or more, higher is surer.
  double score;
};

}  // namespace fcn
