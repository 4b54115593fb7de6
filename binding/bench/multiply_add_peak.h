#pragma once

#include <cstdint>
namespace fcn {

// Runs `rounds` rounds of multiply-adds on float32 vectors that never leave their registers: as many of them
// independent of each other as the processor needs to begin one or two each cycle. No code that multiplies
// and adds can be faster.
// Returns the number of floating-point operations, two for each multiply-add of a lane.
double multiplyAdds(std::int64_t rounds);

}  // namespace fcn
