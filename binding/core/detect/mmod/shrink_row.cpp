#include "shrink_row.h"

#include <algorithm>

#include "image/resize.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "detect/mmod/shrink_row.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace fcn {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

void shrinkRow(const float* upper, const float* lower, float lowerShare, const ShrinkColumns& columns,
               float* out) {
  const float upperShare = 1 - lowerShare;
  const std::size_t count = columns.left.size();
  std::size_t column = 0;
#if HWY_TARGET != HWY_SCALAR
  // A pixel's channels and one float more, which the next pixel is written over.
  const hn::FixedTag<float, 4> d;
  for (; column + 1 < count; ++column) {
    const std::int64_t left = columns.left[column], right = columns.right[column];
    const float rightShare = columns.rightShare[column], leftShare = 1 - rightShare;
    auto value = hn::Mul(hn::Set(d, upperShare * leftShare), hn::LoadU(d, upper + left));
    value = hn::Add(value, hn::Mul(hn::Set(d, upperShare * rightShare), hn::LoadU(d, upper + right)));
    value = hn::Add(value, hn::Mul(hn::Set(d, lowerShare * leftShare), hn::LoadU(d, lower + left)));
    value = hn::Add(value, hn::Mul(hn::Set(d, lowerShare * rightShare), hn::LoadU(d, lower + right)));
    hn::StoreU(value, d, out + 3 * column);
  }
#endif
  for (; column < count; ++column) {
    const std::int64_t left = columns.left[column], right = columns.right[column];
    const float rightShare = columns.rightShare[column], leftShare = 1 - rightShare;
    for (std::int64_t channel = 0; channel < 3; ++channel) {
      out[3 * column + channel] =
          upperShare * leftShare * upper[left + channel] + upperShare * rightShare * upper[right + channel] +
          lowerShare * leftShare * lower[left + channel] + lowerShare * rightShare * lower[right + channel];
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace fcn
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fcn {

ShrinkColumns::ShrinkColumns(std::int64_t from, std::int64_t to) : left(to), right(to), rightShare(to) {
  const auto set = [&](std::int64_t column, auto position) {
    const auto whole = static_cast<std::int64_t>(position);
    left[column] = 3 * whole;
    right[column] = 3 * std::min(whole + 1, from - 1);
    rightShare[column] = static_cast<float>(position - static_cast<decltype(position)>(whole));
  };
  const std::int64_t walked = walkColumns(from, to, [&](std::int64_t column, float position) {
    if (column < to) set(column, position);
  });
  const double step = resizeStep(from, to);
  for (std::int64_t column = walked; column < to; ++column) {
    set(column, std::min(static_cast<double>(column) * step, static_cast<double>(from - 1)));
  }
}

HWY_EXPORT(shrinkRow);
void shrinkRow(const float* upper, const float* lower, float lowerShare, const ShrinkColumns& columns,
               float* out) {
  HWY_DYNAMIC_DISPATCH(shrinkRow)(upper, lower, lowerShare, columns, out);
}

}  // namespace fcn
#endif  // HWY_ONCE
