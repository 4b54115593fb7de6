#pragma once

#include <vector>

namespace fcn {

// The instruction sets that this machine can run our vector code on, best first, by Highway's names.
std::vector<const char*> instructionSets();
// For tests: runs all vector code on this one from now on; null for the best.
// - returns false if it is not one of instructionSets()
bool useInstructionSet(const char* name);

}  // namespace fcn
