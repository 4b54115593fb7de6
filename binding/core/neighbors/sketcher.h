#pragma once

#include <vector>

#include "points.h"
#include "principal_axes.h"

namespace fcn {

// Makes the sketches that prepared_points.h describes. Chooses axes and their number by a sample of the
// points.
class Sketcher {
 public:
  // - largest: the largest absolute value of the points
  // - eps: the distance up to which points shall be told apart; NaN if unknown
  Sketcher(const PointsView& points, double largest, double eps, const CancelToken& cancel);

  // Numbers of a sketch.
  std::size_t width() const { return axes_.count + 1; }
  // What coordinates are multiplied by: a power of two.
  double scale() const { return scale_; }
  // False where squares of the coordinates would leave the range of float64: sketches then say nothing.
  bool usable() const { return usable_; }

  // The row less the centre, scaled: d values.
  void centre(std::size_t row, double* values) const;
  // Makes the sketch of a centred row, which is left without its part along the axes.
  // - returns the point's length
  double sketch(double* values, float* sketch) const;

 private:
  std::vector<double> sampleRows(std::size_t count) const;

  const PointsView points_;
  double scale_ = 1;
  bool usable_ = true;
  std::vector<double> centre_;      // (d)
  Axes axes_;                       // (d, axes)
  std::vector<double> transposed_;  // (axes, d)
};

}  // namespace fcn
