#pragma once

#include <cstdint>
#include <vector>

#include "points.h"
#include "principal_axes.h"

namespace fcn {

// Makes the sketches that prepared_points.h describes. Chooses axes, their number and the length of a step by
// a sample of the points.
class Sketcher {
 public:
  // - largest: the largest absolute value of the points
  // - eps: the distance up to which points shall be told apart; NaN if unknown
  Sketcher(const PointsView& points, double largest, double eps, const Parallel& parallel);

  // Values of a sketch: an even number.
  std::size_t width() const { return (axes_ + 2) / 2 * 2; }
  // How many coordinates there are for boxes and order: those along the first axes.
  std::size_t coordinates() const { return coordinates_; }
  // What points are multiplied by before all else: a power of two.
  double scale() const { return scale_; }
  // The length that a difference of 1 between values of sketches stands for.
  double step() const { return step_; }
  // False where squares of the coordinates would leave the range of float64: sketches then say nothing.
  bool usable() const { return usable_; }

  // The row less the centre, scaled: d values. Rows may be more than the points had when the sketcher was
  // made.
  void centre(std::size_t row, double* values) const;

  // Room for the work on one row; one for each thread.
  struct Room {
    explicit Room(const Sketcher& sketcher) : values(sketcher.points_.d), projections(sketcher.columns_) {}
    std::vector<double> values;  // the centred row
    std::vector<double> projections;
    double length = 0;  // of the centred row: findProjections() only
  };
  // Centres the row in the room and projects it onto the axes of its coordinates / onto all axes.
  void findCoordinates(std::size_t row, Room& room) const;
  void findProjections(std::size_t row, Room& room) const;
  // The sketch of the row whose projections are in the room, each value raised by kMostValue.
  // - returns by how much rounding has moved the sketch, in steps
  double sketch(const Room& room, std::uint8_t* values) const;

 private:
  std::vector<double> sampleRows(std::size_t count) const;
  void choose(const std::vector<double>& sample, const Axes& axes, double eps);

  const PointsView points_;
  double scale_ = 1, step_ = 1;
  bool usable_ = true;
  std::vector<double> centre_;                       // (d)
  std::size_t axes_ = 0, coordinates_ = 0;           // how many
  std::size_t columns_ = 0, coordinateColumns_ = 0;  // the same, filled up to what project() needs
  std::vector<double> matrix_, coordinateMatrix_;    // (d, columns), zeros where filled up
  double meanRest_ = 0;                              // of the lengths that the axes leave out
};

}  // namespace fcn
