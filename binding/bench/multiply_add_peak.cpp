#include "multiply_add_peak.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "multiply_add_peak.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace fcn {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Floats = hn::ScalableTag<float>;

double multiplyAdds(std::int64_t rounds) {
  const Floats d;
  // 4 cycles of latency at 2 a cycle need 8, and 12 with two registers of operands fit into 16.
  constexpr std::int64_t kChains = 12;
  // The sums tend to 1 and never become denormal.
  const auto factor = hn::Set(d, 0.5F), addend = hn::Set(d, 0.5F);
  hn::Vec<Floats> sums[kChains];
#pragma GCC unroll 12
  for (std::int64_t i = 0; i < kChains; ++i) sums[i] = hn::Set(d, static_cast<float>(i));
  for (std::int64_t round = 0; round < rounds; ++round) {
#pragma GCC unroll 12
    for (std::int64_t i = 0; i < kChains; ++i) sums[i] = hn::MulAdd(sums[i], factor, addend);
  }
  auto total = hn::Zero(d);
#pragma GCC unroll 12
  for (std::int64_t i = 0; i < kChains; ++i) total = hn::Add(total, sums[i]);
  // Something must depend on the sums, or the compiler leaves them out.
  static volatile float sink;
  sink = hn::GetLane(total);
  return 2.0 * static_cast<double>(rounds) * kChains * static_cast<double>(hn::Lanes(d));
}

}  // namespace HWY_NAMESPACE
}  // namespace fcn
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fcn {

HWY_EXPORT(multiplyAdds);
double multiplyAdds(std::int64_t rounds) { return HWY_DYNAMIC_DISPATCH(multiplyAdds)(rounds); }

}  // namespace fcn
#endif  // HWY_ONCE
