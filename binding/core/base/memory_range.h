#pragma once

#include <cstddef>

namespace fcn {

// How much memory is of use, in bytes: from the least that something can be done with to what more would
// hardly make faster.
struct MemoryRange {
  std::size_t least, most;
};

}  // namespace fcn
