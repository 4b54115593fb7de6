#include "instruction_sets.h"

#include <hwy/highway.h>
#include <hwy/targets.h>

#include <cstdint>
#include <cstring>

namespace fcn {
namespace {

// Bits of the sets that the kernels are compiled for and this machine has; the lowest is the best.
std::int64_t available() {
  hwy::SetSupportedTargetsForTest(0);
  return hwy::SupportedTargets() & HWY_TARGETS;
}

}  // namespace

std::vector<const char*> instructionSets() {
  std::vector<const char*> names;
  for (std::int64_t rest = available(); rest != 0; rest &= rest - 1) {
    names.push_back(hwy::TargetName(rest & -rest));
  }
  return names;
}

bool useInstructionSet(const char* name) {
  std::int64_t chosen = 0;
  for (std::int64_t rest = available(); name && rest != 0; rest &= rest - 1) {
    if (std::strcmp(name, hwy::TargetName(rest & -rest)) == 0) chosen = rest & -rest;
  }
  hwy::SetSupportedTargetsForTest(chosen);
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
  return !name || chosen != 0;
}

}  // namespace fcn
