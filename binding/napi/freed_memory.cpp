#include "freed_memory.h"

#include <cstdlib>
#include <cstring>

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace fcn::binding {
namespace {

#ifdef __GLIBC__

// Getting a block from the system and clearing it costs little beside what is done with one of this size.
constexpr int LARGE_BLOCK = 1 << 20;

// With each of these, glibc chooses no sizes by itself.
constexpr const char* CHOICES[] = {"MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_MAX_",
                                   "MALLOC_TOP_PAD_"};

bool userHasChosen() {
  for (const char* name : CHOICES) {
    if (std::getenv(name)) return true;
  }
  const char* tunables = std::getenv("GLIBC_TUNABLES");
  return tunables && std::strstr(tunables, "glibc.malloc.");
}

bool choose() {
  if (userHasChosen()) return false;
  mallopt(M_MMAP_THRESHOLD, LARGE_BLOCK);
  // Twice that, as glibc has it when it chooses by itself.
  mallopt(M_TRIM_THRESHOLD, 2 * LARGE_BLOCK);
  return true;
}

#endif

}  // namespace

void giveBackFreedMemory() {
#ifdef __GLIBC__
  // Once: what the program chooses afterwards stays, whoever loads this again in a worker thread.
  [[maybe_unused]] static const bool chosen = choose();
#endif
}

}  // namespace fcn::binding
