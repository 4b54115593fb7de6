#pragma once

#include <cstddef>

namespace fcn {

// Bytes that this program has asked `new` for so far, on all threads.
std::size_t allocatedBytes();

}  // namespace fcn
