#pragma once

#include <gtest/gtest.h>

#include <type_traits>

#include "../core/base/instruction_sets.h"

namespace fcn {

// Calls run(), or run(name), on every instruction set that this machine has: vector code must also be right
// on those that only older machines would pick. What holds data laid out for one, as a Convolution does, is
// made inside.
template <typename Run>
void onEachInstructionSet(const Run& run) {
  struct Restore {
    ~Restore() { useInstructionSet(nullptr); }
  } restore;
  for (const char* name : instructionSets()) {
    SCOPED_TRACE(name);
    ASSERT_TRUE(useInstructionSet(name));
    if constexpr (std::is_invocable_v<Run, const char*>) {
      run(name);
    } else {
      run();
    }
  }
}

}  // namespace fcn
