#pragma once

#include <cstdint>

namespace fcn {

// The vector code of the convolutions: sums of products, which both kinds of convolution consist of, and the
// transforms of Winograd's.
//
// All of it is computed in a fixed order with fused multiply-adds: the same bits on every processor that has
// them (x86 from AVX2 on, arm64), whatever the width of its vectors.

// What sums are taken over: `rows` rows of `runs` runs of `length` floats that lie beside each other; the
// steps lead from the beginning of one row or run to the next.
struct SumTaps {
  std::int64_t rows, runs, length;
  std::int64_t rowStep, runStep;
};

// What is computed together, so that its sums stay in registers: filters, for some pixels or tiles.
struct FilterBlock {
  std::int64_t vectors;  // of filters
  std::int64_t width;    // filters in these
  std::int64_t pixels;
};

// How that many filters are best cut into blocks.
FilterBlock chooseFilterBlock(std::int64_t filters);

// outputs[p][f] = [bias[f] or outputs[p][f]] + the sum over all taps of input * weight, for `count` pixels
// and a block of filters; the taps one after another.
// - weights: (taps, block.width)
// - bias: (block.width), or null to take the sums in `outputs` further.
// - relu: max(0, sum) in the end.
void addTaps(const FilterBlock& block, const float* const* inputs, float* const* outputs, std::int64_t count,
             const float* weights, const float* bias, const SumTaps& taps, bool relu);

// out[i] = the largest of a[i], b[i] and c[i].
void largestOfThree(const float* a, const float* b, const float* c, std::int64_t count, float* out);

// Floats in a vector register.
std::int64_t floatsOfVector();

// Whether a multiply-add rounds once.
bool multiplyAddIsFused();

// Where tiles of `points` x `points` inputs begin, which lie in several places: of each, `channels` floats
// lie beside each other. Up to a vector's floats more than that are read.
struct WinogradInput {
  const float* values;
  std::int64_t rowStep, columnStep, channels;
  std::int64_t placeStep, places;
};

// Where the outputs of a tile go: the first `rows` x `columns` of them, `filters` floats each, up to a whole
// vector's; added to what is there, and with ReLU, if asked for.
struct WinogradOutput {
  float* values;
  std::int64_t rowStep, columnStep, filters, rows, columns;
  bool add, relu;
};

// The values of a tile at each pair of points, see winograd_points.h:
// out[(y * points + x) * outStep + place * channels + channel]. Up to a vector's floats are written over the
// end of each.
// - points: 4, 6 or 8.
void transformInput(std::int64_t points, const WinogradInput& in, float* out, std::int64_t outStep);

// tiles[t * tileStep + f] = the sum over i < length of tiles[t * tileStep + i] * weights[...], in this order,
// in place.
// - weights: (blocks, length, block.width)
// - room: for block.pixels * blocks * block.width floats.
void multiplyTiles(const FilterBlock& block, std::int64_t blocks, float* tiles, std::int64_t tileStep,
                   std::int64_t count, std::int64_t length, const float* weights, float* room);

// From the products at each pair of points, in the same order, to `outputs` x `outputs` sums, with a bias.
// - outputs: 2 with 4 points, 4 with 6, and 4, 5 or 6 with 8.
void transformOutput(std::int64_t points, std::int64_t outputs, const float* in, std::int64_t inStep,
                     const float* bias, const WinogradOutput& out);

}  // namespace fcn
