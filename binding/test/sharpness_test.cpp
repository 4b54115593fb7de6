#include "../core/recognize/sharpness.h"

#include <dlib/rand.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace fcn {
namespace {

// A chip whose grey is value(row, column), from 0 to 255.
template <typename Value>
FaceChip greyChip(const Value& value) {
  FaceChip chip(kChipSize, kChipSize);
  for (std::int64_t row = 0; row < kChipSize; ++row) {
    for (std::int64_t column = 0; column < kChipSize; ++column) {
      const auto grey = static_cast<unsigned char>(std::lround(value(row, column)));
      chip(row, column) = dlib::rgb_pixel(grey, grey, grey);
    }
  }
  return chip;
}

// Stripes and blobs of some sizes, as faces have.
double pattern(std::int64_t row, std::int64_t column) {
  return std::sin(static_cast<double>(row) / 3.1) + std::cos(static_cast<double>(column) / 4.7) +
         std::sin(static_cast<double>(row + 2 * column) / 11);
}

FaceChip patternChip(double gain) {
  return greyChip(
      [&](std::int64_t row, std::int64_t column) { return gain * (127 + 40 * pattern(row, column)); });
}

// Each pixel the mean of those up to `radius` away; a grey chip's.
FaceChip blurred(const FaceChip& chip, std::int64_t radius) {
  const auto inside = [](std::int64_t at) { return std::clamp<std::int64_t>(at, 0, kChipSize - 1); };
  return greyChip([&](std::int64_t row, std::int64_t column) {
    double sum = 0;
    for (std::int64_t r = row - radius; r <= row + radius; ++r) {
      for (std::int64_t c = column - radius; c <= column + radius; ++c) sum += chip(inside(r), inside(c)).red;
    }
    return sum / static_cast<double>((2 * radius + 1) * (2 * radius + 1));
  });
}

FaceChip chessboard(std::int64_t square) {
  return greyChip([&](std::int64_t row, std::int64_t column) {
    return (row / square + column / square) % 2 == 0 ? 200.0 : 0.0;
  });
}

// The definition, in one plain loop after the other.
double plainly(const FaceChip& chip) {
  double grey[150][150], half[75][75], small[37][37];
  for (int r = 0; r < 150; ++r)
    for (int c = 0; c < 150; ++c)
      grey[r][c] = .299 * chip(r, c).red + .587 * chip(r, c).green + .114 * chip(r, c).blue;
  for (int r = 0; r < 75; ++r)
    for (int c = 0; c < 75; ++c)
      half[r][c] = (grey[2 * r][2 * c] + grey[2 * r][2 * c + 1] + grey[2 * r + 1][2 * c] +
                    grey[2 * r + 1][2 * c + 1]) /
                   4;
  for (int r = 0; r < 37; ++r)
    for (int c = 0; c < 37; ++c)
      small[r][c] = (half[2 * r][2 * c] + half[2 * r][2 * c + 1] + half[2 * r + 1][2 * c] +
                     half[2 * r + 1][2 * c + 1]) /
                    4;
  double sum = 0, squares = 0, greySum = 0, greySquares = 0;
  for (int r = 6; r <= 30; ++r)
    for (int c = 6; c <= 30; ++c) {
      const double l =
          small[r - 1][c] + small[r + 1][c] + small[r][c - 1] + small[r][c + 1] - 4 * small[r][c];
      sum += l;
      squares += l * l;
    }
  for (int r = 24; r < 124; ++r)
    for (int c = 24; c < 124; ++c) {
      greySum += grey[r][c];
      greySquares += grey[r][c] * grey[r][c];
    }
  const double n = 25 * 25, m = 100 * 100;
  return (squares / n - sum * sum / n / n) / (greySquares / m - greySum * greySum / m / m + 25);
}

TEST(Sharpness, IsWhatItsDefinitionSays) {
  dlib::rand random;
  FaceChip colours(kChipSize, kChipSize);
  for (dlib::rgb_pixel& pixel : colours) {
    pixel = dlib::rgb_pixel(random.get_random_8bit_number(), random.get_random_8bit_number(),
                            random.get_random_8bit_number());
  }
  for (const FaceChip& chip : {colours, blurred(colours, 2), patternChip(1), patternChip(0.4)}) {
    EXPECT_NEAR(sharpness(chip), plainly(chip), 1e-9);
    EXPECT_GT(sharpness(chip), 0);
  }
}

// Squares of 4 x 4 pixels, by turns black and white: the smaller picture is a chessboard of 0 and 200. There
// the Laplacian is +-800 (4 neighbours differ by 200), 313 of 625 times of one sign; the grey is +-100 around
// its mean, half and half.
TEST(Sharpness, OfAChessboardByHand) {
  const double mean = 1.0 / 625;
  EXPECT_NEAR(sharpness(chessboard(4)),
              800.0 * 800 * (1 - mean * mean) / (100.0 * 100 * (1 - mean * mean) + 25), 1e-9);
}

TEST(Sharpness, OfAFlatAndOfASlantedChipIsNone) {
  EXPECT_EQ(sharpness(greyChip([](std::int64_t, std::int64_t) { return 90.0; })), 0);
  EXPECT_NEAR(sharpness(greyChip([](std::int64_t row, std::int64_t) { return static_cast<double>(row); })), 0,
              1e-9);
}

TEST(Sharpness, LooksAtTheMiddleOnly) {
  const FaceChip chip = patternChip(1);
  FaceChip framed = chip;
  dlib::rand random;
  for (std::int64_t row = 0; row < kChipSize; ++row) {
    for (std::int64_t column = 0; column < kChipSize; ++column) {
      if (std::min(row, column) >= 20 && std::max(row, column) < 128) continue;
      const unsigned char value = random.get_random_8bit_number();
      framed(row, column) = dlib::rgb_pixel(value, value, value);
    }
  }
  EXPECT_EQ(sharpness(framed), sharpness(chip));
}

TEST(Sharpness, HardlyDependsOnExposure) {
  const double full = sharpness(patternChip(1));
  for (const double gain : {0.3, 0.5, 0.8}) EXPECT_NEAR(sharpness(patternChip(gain)) / full, 1, 0.2) << gain;
}

TEST(Sharpness, FallsWithBlur) {
  double last = sharpness(chessboard(25));
  for (const std::int64_t radius : {3, 6, 9}) {
    const double now = sharpness(blurred(chessboard(25), radius));
    EXPECT_LT(now, 0.8 * last) << radius;
    last = now;
  }
}

}  // namespace
}  // namespace fcn
