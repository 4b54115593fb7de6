#include "sharpness.h"

#include <vector>

namespace fcn {
namespace {

// A square grey picture.
class Grey {
 public:
  explicit Grey(std::int64_t side) : side_(side), values_(side * side) {}

  std::int64_t side() const { return side_; }
  double& at(std::int64_t row, std::int64_t column) { return values_[row * side_ + column]; }
  double at(std::int64_t row, std::int64_t column) const { return values_[row * side_ + column]; }

 private:
  std::int64_t side_;
  std::vector<double> values_;
};

Grey greyOf(const FaceChip& chip) {
  Grey grey(kChipSize);
  for (std::int64_t row = 0; row < kChipSize; ++row) {
    for (std::int64_t column = 0; column < kChipSize; ++column) {
      const dlib::rgb_pixel& pixel = chip(row, column);
      grey.at(row, column) = 0.299 * pixel.red + 0.587 * pixel.green + 0.114 * pixel.blue;
    }
  }
  return grey;
}

// Means of 2 x 2 pixels; a last odd row and column are left out.
Grey halved(const Grey& grey) {
  Grey half(grey.side() / 2);
  for (std::int64_t row = 0; row < half.side(); ++row) {
    for (std::int64_t column = 0; column < half.side(); ++column) {
      const std::int64_t top = 2 * row, left = 2 * column;
      half.at(row, column) = (grey.at(top, left) + grey.at(top, left + 1) + grey.at(top + 1, left) +
                              grey.at(top + 1, left + 1)) /
                             4;
    }
  }
  return half;
}

// The variance of valueAt(row, column) over the rows and columns from `first` to before `end`.
template <typename ValueAt>
double variance(std::int64_t first, std::int64_t end, const ValueAt& valueAt) {
  const auto mean = [&](const auto& of) {
    double sum = 0;
    for (std::int64_t row = first; row < end; ++row) {
      for (std::int64_t column = first; column < end; ++column) sum += of(valueAt(row, column));
    }
    return sum / static_cast<double>((end - first) * (end - first));
  };
  const double middle = mean([](double value) { return value; });
  return mean([&](double value) { return (value - middle) * (value - middle); });
}

}  // namespace

double sharpness(const FaceChip& chip) {
  // The part that is looked at, in pixels of the smaller picture, and of the chip.
  constexpr std::int64_t kFirst = 6, kEnd = 31, kScale = 4;
  constexpr double kNoise = 25;
  const Grey grey = greyOf(chip);
  const Grey small = halved(halved(grey));
  const double detail = variance(kFirst, kEnd, [&](std::int64_t row, std::int64_t column) {
    return small.at(row - 1, column) + small.at(row + 1, column) + small.at(row, column - 1) +
           small.at(row, column + 1) - 4 * small.at(row, column);
  });
  const double contrast =
      variance(kFirst * kScale, kEnd * kScale,
               [&](std::int64_t row, std::int64_t column) { return grey.at(row, column); });
  return detail / (contrast + kNoise);
}

}  // namespace fcn
