#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

// How far float32 can be trusted, so that no pair is decided by a rounding error.
//
// D is the distance of two points x and y as real numbers, e = eps, u = 2^-24 the unit roundoff of float32.
// squaredDistance() in float64 is off by a factor of at most 1 +- (d + 3) 2^-53, which kSlack below covers,
// and by less than kTiny where it underflows.
//
// 1. Sketches. s(x) is a map with |s(x) - s(y)| <= (1 + F) D, see prepared_points.h; what is stored, t(x), is
// s(x)
//    computed in float64 and rounded: |t(x) - s(x)| <= r(x), see sketchError(). So for neighbours, D <= e,
//      |t(x) - t(y)| <= (1 + F) e + r(x) + r(y),   and with 2ab <= S a^2 + b^2 / S and S = 2^-16
//      |t(x) - t(y)|^2 <= (1 + S)(1 + F)^2 e^2 + (1 + 1/S)(r(x) + r(y))^2
//                      <= (1 + 2 S) e^2        + 2 (1 + 1/S)(r(x)^2 + r(y)^2),
//    as F < 2^-20. Halved and multiplied out, with H = |t|^2 / 2:
//      [H(x) - (1 + 1/S) r(x)^2] + [H(y) - (1 + 1/S) r(y)^2] - (1/2 + S) e^2 - t(x).t(y) <= 0,
//    one term for each point: sketchTerm(). compareBlocks() sums w + 2 numbers in float32, with two roundings
//    for each product where nothing fuses, in other words with an error of at most (Higham, Accuracy and
//    Stability of Numerical Algorithms, 3.1) c = (w + 3) u / (1 - (w + 3) u) times the sum of magnitudes,
//    which is at most 2 T(x) + 2 T(y) + (1/2 + S) e^2 with T = H + (1 + 1/S) r^2, for |t(x).t(y)| <= H(x) +
//    H(y); products that underflow add less than w 2^-126 <= kTiny. Each side lowers its own term by its
//    share, so a pair of neighbours never sums up to more than 0.
//
// 2. Rows. Candidates get the float32 distance q of all d values (squaredDistances() has its error: a factor
//    of 1 +- g, g = (d + 8) 2^-23). Rows are the points themselves, or float32 copies with an error of
//    at most p(x) each; by the same inequality, with h = (1 + S)(1 + g):
//      D <= e  implies  q <= h e^2 + E(x) + E(y) + kTiny,  E = 2 (1 + 1/S)(1 + g) p^2: rowError(),
//      and      D^2 <= h q + E(x) + E(y) + kTiny.
//    So a pair is no neighbour if q exceeds the first bound, one if the second bound is at most e^2; what is
//    left, some pairs in a hundred thousand, is for squaredDistance(). PairBounds says which.
//
// The points' sketches and float32 copies are scaled by a power of two, which is exact, such that no value
// exceeds 1 (2 after centring): squares don't overflow, and what underflows is below kTiny.
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

// r(x): the float32 roundings of the sketch (length: |t|), and the float64 ones before, four times the bound
// for w projections of d products each and as many subtractions for the rest (length of the point: |x|).
inline double sketchError(double sketchLength, double length, std::size_t width, std::size_t d) {
  const double w = static_cast<double>(width);
  return 1.01 * kUnit * sketchLength +
         0x1p-50 * (static_cast<double>(d) + 2 * w + 8) * std::sqrt(w) * length + 0x1p-140 * std::sqrt(w);
}

// c above, with something to spare.
inline double sumError(std::size_t width) { return (static_cast<double>(width) + 8) * kUnit; }

// A point's term in compareBlocks(), without the limit.
inline float sketchTerm(double sketchLength, double length, std::size_t width, std::size_t d) {
  const double r = sketchError(sketchLength, length, width, d);
  const double half = sketchLength * sketchLength / 2, spread = (1 / kSlack + 1) * r * r;
  return roundDown(half - spread - 2.1 * sumError(width) * (half + spread) - kTiny);
}

// What is subtracted from the term of one of the two: (1/2 + S) e^2 with its share of the error.
// - limit: e^2, in units of the sketches
inline float sketchLimit(double limit, std::size_t width) {
  return roundUp(limit * (0.5 + kSlack) * (1 + 2 * sumError(width)) + kTiny);
}

// The same for the distance of boxes around sketches, in float64: their squared distance is that of no pair
// of neighbours if it exceeds boxLimit() and the boxError() of the two.
inline double boxLimit(double limit) { return limit * (1 + 2 * kSlack) * (1 + 0x1p-30) + kTiny; }
inline double boxError(double sketchLength, double length, std::size_t width, std::size_t d) {
  const double r = sketchError(sketchLength, length, width, d);
  return 2.02 * (1 / kSlack + 1) * r * r;
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
