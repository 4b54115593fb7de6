#pragma once

#include <array>
#include <cstddef>

namespace fcn {

// Number of values of a face's encoding.
constexpr std::size_t kEncodingLength = 128;

using Encoding = std::array<double, kEncodingLength>;

}  // namespace fcn
