#pragma once

#include <cstdint>

namespace fcn {

// Cook and Toom's way to convolve with fewer multiplications, in two dimensions Winograd's: the inputs of a
// tile and the taps are taken for coefficients of polynomials; these are evaluated at some points, multiplied
// there, and the outputs are read off the product. With n points, a tile has m = n - r + 1 outputs in each
// direction for r taps: n^2 products for m^2 outputs instead of r^2 m^2.
//
// The points are 0, 1, -1, 2, -2, 1/2, -1/2 (as many as needed) and infinity: few bits, so that float32 loses
// little. Written F(m, r); see S. Winograd, Arithmetic Complexity of Computations (1980), and A. Lavin and
// S. Gray, Fast Algorithms for Convolutional Neural Networks (2015). This is Lagrange's form, whose
// denominators belong to the taps (winogradTaps).

// One of each pair of points x, -x.
constexpr float kWinogradPoints[] = {1, 2, 0.5F};

constexpr float winogradPower(float base, std::int64_t exponent) {
  float power = 1;
  for (std::int64_t i = 0; i < exponent; ++i) power *= base;
  return power;
}

// With as many pairs of points as `Pairs`: the product of all (y - x^2), and the same without one pair's, as
// coefficients of 1, y, y^2 ...; y stands for the square of the polynomials' variable.
template <std::int64_t Pairs>
struct WinogradPolynomials {
  float all[Pairs + 1] = {};
  float without[Pairs][Pairs] = {};

  constexpr WinogradPolynomials() {
    multiply(all, Pairs + 1, -1);
    for (std::int64_t pair = 0; pair < Pairs; ++pair) multiply(without[pair], Pairs, pair);
  }

 private:
  static constexpr void multiply(float* coefficients, std::int64_t length, std::int64_t leftOut) {
    coefficients[0] = 1;
    for (std::int64_t pair = 0; pair < Pairs; ++pair) {
      if (pair == leftOut) continue;
      const float square = kWinogradPoints[pair] * kWinogradPoints[pair];
      for (std::int64_t i = length - 1; i >= 0; --i) {
        coefficients[i] = (i > 0 ? coefficients[i - 1] : 0) - square * coefficients[i];
      }
    }
  }
};

}  // namespace fcn
