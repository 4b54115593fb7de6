#pragma once

#include <cstddef>
#include <vector>

#include "base/thread_pool.h"

namespace fcn {

// Orthonormal directions in which a set of points spreads.
struct Axes {
  std::size_t count = 0;
  std::vector<double> values;  // (d, count): column k is axis k
  // The Frobenius norm of Q Q' - I, with the axes as rows of Q: how far from orthonormal rounding left them.
  double defect = 0;
};

// The coordinate axes of largest variance, largest first.
// - sample: (m, d), centred. count <= d
Axes coordinateAxes(const std::vector<double>& sample, std::size_t d, std::size_t count);

// About the principal axes of the sample, in about the order of their variance, by a few rounds of orthogonal
// iteration (Golub and Van Loan, Matrix Computations, 8.2.4). They need not be exact: any orthonormal axes
// give right results, better ones faster. There are fewer than `count` if the sample spreads in fewer
// directions.
Axes principalAxes(const std::vector<double>& sample, std::size_t d, std::size_t count,
                   const Parallel& parallel);

}  // namespace fcn
