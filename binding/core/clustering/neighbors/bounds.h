#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

// How far float32 can be trusted, so that no pair is decided by a rounding error.
//
// D is the distance of two points x and y as real numbers, e = eps, u = 2^-24 the unit roundoff of float32.
// squaredDistance() in float64 is off by a factor of at most 1 +- (d + 3) 2^-53, which kSlack below covers,
// and by less than kTiny where it underflows.
//
// 1. Sketches. s(x) is a map with |s(x) - s(y)| <= (1 + F) D, see prepared_points.h, and holding each of its
//    values within a range, as Sketcher does, brings no two sketches further apart. What is stored, q(x), is
//    s(x) in steps of the length t, computed in float64 and rounded to whole numbers: |s(x) / t - q(x)| <= r,
//    where the rounding's part of r is measured and the computing's is sketchError(). So for neighbours,
//      |q(x) - q(y)| <= (1 + F) e / t + 2 r.
//    compareBlocks() has half the square of the left side, up to 1/2 for halving whole numbers, without any
//    error but modulo 2^16: no pair of neighbours exceeds sketchLimit(), and what is no neighbour but comes
//    to lie below it only costs time.
//
// 2. Rows. Candidates get the float32 distance q of all d values (squaredDistances() has its error: a factor
//    of 1 +- g, g = (d + 8) 2^-23). Rows are the points themselves, or float32 copies with an error of
//    at most p(x) each; with 2ab <= S a^2 + b^2 / S, S = 2^-16 and h = (1 + S)(1 + g):
//      D <= e  implies  q <= h e^2 + E(x) + E(y) + kTiny,  E = 2 (1 + 1/S)(1 + g) p^2: rowError(),
//      and      D^2 <= h q + E(x) + E(y) + kTiny.
//    So a pair is no neighbour if q exceeds the first bound, one if the second bound is at most e^2; what is
//    left, some pairs in a hundred thousand, is for squaredDistance(). PairBounds says which.
//
// 3. Boxes are around some coordinates of a block's sketches, rounded to float32: with b(x) the error of
//    all that, the squared distance of the coordinates of neighbours is at most
//      (1 + 2 S) e^2 + 2 (1 + 1/S)(b(x)^2 + b(y)^2): boxLimit() and a boxError() for each.
//
// What sketches and boxes are made of, and float32 copies, are points scaled by a power of two, which is
// exact, such that no value exceeds 1 (2 after centring): squares don't overflow, and what underflows is
// below kTiny.
namespace fcn {

constexpr double kSlack = 1.0 / 65536;
constexpr double kUnit = 1.0 / 16777216;
constexpr double kTiny = 0x1p-100;

// The nearest float32 that is not greater / not smaller.
inline float roundDown(double value) {
  const float rounded = static_cast<float>(value);
  return rounded > value ? std::nextafter(rounded, -std::numeric_limits<float>::infinity()) : rounded;
}
inline float roundUp(double value) { return -roundDown(-value); }

// The error of a sketch in float64, four times the bound: for w projections of d products each it is below
// (d + 2 w + 8) 2^-52 sqrt(w) |x|; for the length of the rest, which is the root of a difference of squares
// and of what the axes lack to be orthonormal, below sqrt(d + 2 w + 8) 2^-24 |x| if their defect is below
// kMostDefect.
// - length: |x|, of the centred point
constexpr double kMostDefect = 0x1p-46;
inline double sketchError(double length, std::size_t width, std::size_t d) {
  return 0x1p-22 * std::sqrt(static_cast<double>(d) + 2 * static_cast<double>(width) + 8) * length;
}

// The largest of compareBlocks()' numbers that a pair of neighbours can have; all there are if that is too
// large.
// - limit: e^2, in units of the sketches before they are divided into steps
inline std::uint16_t sketchLimit(double limit, double step, double r) {
  const double reach = std::sqrt(limit + kTiny) / step * (1 + kSlack) + 2 * r;
  const double most = reach * reach / 2 + 1;
  return most < 65535 ? static_cast<std::uint16_t>(most) : 65535;
}

// For boxes, in float64: their squared distance is that of no pair of neighbours if it exceeds boxLimit() and
// the boxError() of the two.
inline double boxLimit(double limit) { return limit * (1 + 2 * kSlack) * (1 + 0x1p-30) + kTiny; }
inline double boxError(double length, std::size_t width, std::size_t d) {
  const double w = static_cast<double>(width);
  const double b = 1.01 * kUnit * length + 0x1p-140 * std::sqrt(w) +
                   0x1p-50 * (static_cast<double>(d) + 2 * w + 8) * std::sqrt(w) * length;
  return 2.02 * (1 / kSlack + 1) * b * b;
}

// E(x) of a copy in float32 that is `length` long.
inline float rowError(double length, std::size_t d) {
  const double p = 1.01 * kUnit * length + 0x1p-149 * std::sqrt(static_cast<double>(d));
  const double g = (static_cast<double>(d) + 8) * 2 * kUnit;
  return roundUp(2.02 * (1 / kSlack + 1) * (1 + g) * p * p);
}

// Whether two rows whose computed squared distance is q are neighbours.
class PairBounds {
 public:
  enum class Verdict { Neighbours, Apart, Unknown };

  // - limit: e^2, in units of the rows
  PairBounds(double limit, std::size_t d) : limit_(limit) {
    factor_ = (1 + kSlack) * (1 + (static_cast<double>(d) + 8) * 2 * kUnit);
    apart_ = limit * factor_ + kTiny;
  }

  // - error: E(x) + E(y)
  Verdict operator()(float q, double error) const {
    if (factor_ * q + error + kTiny <= limit_) return Verdict::Neighbours;
    // Infinity may be the overflow of something smaller.
    if (q > apart_ + error && q <= std::numeric_limits<float>::max()) return Verdict::Apart;
    return Verdict::Unknown;
  }

 private:
  double limit_, factor_, apart_;
};

}  // namespace fcn
