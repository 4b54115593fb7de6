#include "kernels.h"

#include <algorithm>
#include <type_traits>

#include "winograd_points.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace fcn {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Floats = hn::ScalableTag<float>;

#if HWY_TARGET <= HWY_AVX3 || HWY_ARCH_ARM_A64
constexpr bool kManyRegisters = true;  // 32
#else
constexpr bool kManyRegisters = false;  // 16
#endif

// The sums of a tile of pixels x vectors of filters stay in registers, beside one vector of each filter's
// weights and one broadcast input: pixels * vectors + vectors + 1 registers.
constexpr std::int64_t kMaxVectors = kManyRegisters ? 4 : 3;
constexpr std::int64_t pixelsPerTile(std::int64_t vectors) {
  if (!kManyRegisters) return vectors == 3 ? 4 : 6;
  return vectors == 4 ? 6 : 8;
}

// Clang would load the next pixel before this one is used, for which there is no register left: it then keeps
// a sum in memory, and the network takes half as long again.
#ifdef __clang__
#define FCN_ONE_PIXEL_AT_A_TIME asm volatile("" ::: "memory")
#else
#define FCN_ONE_PIXEL_AT_A_TIME
#endif

// Adds `taps` to the sums of `Pixels` pixels x `Vectors` vectors of filters; see addTaps.
template <std::int64_t Vectors, std::int64_t Pixels>
HWY_INLINE void tile(const float* const* inputs, float* const* outputs, const float* HWY_RESTRICT weights,
                     const float* HWY_RESTRICT bias, const SumTaps& taps, bool relu) {
  const Floats d;
  const std::int64_t lanes = static_cast<std::int64_t>(hn::Lanes(d));
  hn::Vec<Floats> sums[Pixels][Vectors];
  const float* pixel[Pixels];
#pragma GCC unroll 16
  for (std::int64_t p = 0; p < Pixels; ++p) {
    pixel[p] = inputs[p];
#pragma GCC unroll 4
    for (std::int64_t v = 0; v < Vectors; ++v)
      sums[p][v] = hn::LoadU(d, (bias ? bias : outputs[p]) + v * lanes);
  }

  for (std::int64_t row = 0; row < taps.rows; ++row) {
    for (std::int64_t run = 0; run < taps.runs; ++run) {
      const std::int64_t start = row * taps.rowStep + run * taps.runStep;
      for (std::int64_t i = start; i < start + taps.length; ++i) {
        hn::Vec<Floats> weight[Vectors];
#pragma GCC unroll 4
        for (std::int64_t v = 0; v < Vectors; ++v) weight[v] = hn::LoadU(d, weights + v * lanes);
        weights += Vectors * lanes;
#pragma GCC unroll 16
        for (std::int64_t p = 0; p < Pixels; ++p) {
          FCN_ONE_PIXEL_AT_A_TIME;
          const auto input = hn::Set(d, pixel[p][i]);
#pragma GCC unroll 4
          for (std::int64_t v = 0; v < Vectors; ++v) sums[p][v] = hn::MulAdd(input, weight[v], sums[p][v]);
        }
      }
    }
  }

  const auto zero = hn::Zero(d);
#pragma GCC unroll 16
  for (std::int64_t p = 0; p < Pixels; ++p) {
#pragma GCC unroll 4
    for (std::int64_t v = 0; v < Vectors; ++v) {
      hn::StoreU(relu ? hn::Max(sums[p][v], zero) : sums[p][v], d, outputs[p] + v * lanes);
    }
  }
}

// `count` pixels, for one block of filters.
template <std::int64_t Vectors>
void pixels(const float* const* inputs, float* const* outputs, std::int64_t count, const float* weights,
            const float* bias, const SumTaps& taps, bool relu) {
  constexpr std::int64_t kTile = pixelsPerTile(Vectors);
  std::int64_t p = 0;
  for (; p + kTile <= count; p += kTile) {
    tile<Vectors, kTile>(inputs + p, outputs + p, weights, bias, taps, relu);
  }
  for (; p + 2 <= count; p += 2) {
    tile<Vectors, 2>(inputs + p, outputs + p, weights, bias, taps, relu);
  }
  if (p < count) tile<Vectors, 1>(inputs + p, outputs + p, weights, bias, taps, relu);
}

// Calls run(std::integral_constant) with a block's number of vectors.
template <typename Run>
void withVectors(const FilterBlock& block, const Run& run) {
  if (block.vectors == 1) return run(std::integral_constant<std::int64_t, 1>());
  if (block.vectors == 2) return run(std::integral_constant<std::int64_t, 2>());
  if (block.vectors == 3) return run(std::integral_constant<std::int64_t, 3>());
  if constexpr (kMaxVectors == 4) run(std::integral_constant<std::int64_t, 4>());
}

void addTaps(const FilterBlock& block, const float* const* inputs, float* const* outputs, std::int64_t count,
             const float* weights, const float* bias, const SumTaps& taps, bool relu) {
  withVectors(block, [&](auto vectors) HWY_ATTR {
    pixels<decltype(vectors)::value>(inputs, outputs, count, weights, bias, taps, relu);
  });
}

// As few filters of padding as possible, then as wide as possible. With few registers, a tile of one vector
// has too few sums under way to keep the processor busy, and counts twice.
FilterBlock chooseFilterBlock(std::int64_t filters) {
  const std::int64_t lanes = static_cast<std::int64_t>(hn::Lanes(Floats()));
  FilterBlock best{};
  std::int64_t bestCost = -1;
  for (std::int64_t vectors = kMaxVectors; vectors >= 1; --vectors) {
    const std::int64_t width = vectors * lanes;
    const std::int64_t cost =
        (filters + width - 1) / width * width * (vectors == 1 && !kManyRegisters ? 2 : 1);
    if (bestCost != -1 && cost >= bestCost) continue;
    bestCost = cost;
    best = {vectors, width, pixelsPerTile(vectors)};
  }
  return best;
}

// `Tiles` tiles x a block of filters; see multiplyTiles.
template <std::int64_t Vectors, std::int64_t Tiles>
HWY_INLINE void multiplyBlock(const float* tiles, std::int64_t tileStep, std::int64_t length,
                              const float* HWY_RESTRICT weights, float* out, std::int64_t outStep) {
  const Floats d;
  const std::int64_t lanes = static_cast<std::int64_t>(hn::Lanes(d));
  hn::Vec<Floats> sums[Tiles][Vectors];
#pragma GCC unroll 8
  for (std::int64_t t = 0; t < Tiles; ++t) {
#pragma GCC unroll 4
    for (std::int64_t v = 0; v < Vectors; ++v) sums[t][v] = hn::Zero(d);
  }
  for (std::int64_t i = 0; i < length; ++i) {
    hn::Vec<Floats> weight[Vectors];
#pragma GCC unroll 4
    for (std::int64_t v = 0; v < Vectors; ++v) weight[v] = hn::LoadU(d, weights + v * lanes);
    weights += Vectors * lanes;
#pragma GCC unroll 8
    for (std::int64_t t = 0; t < Tiles; ++t) {
      FCN_ONE_PIXEL_AT_A_TIME;
      const auto input = hn::Set(d, tiles[t * tileStep + i]);
#pragma GCC unroll 4
      for (std::int64_t v = 0; v < Vectors; ++v) sums[t][v] = hn::MulAdd(input, weight[v], sums[t][v]);
    }
  }
#pragma GCC unroll 8
  for (std::int64_t t = 0; t < Tiles; ++t) {
#pragma GCC unroll 4
    for (std::int64_t v = 0; v < Vectors; ++v) hn::StoreU(sums[t][v], d, out + t * outStep + v * lanes);
  }
}

template <std::int64_t Vectors, std::int64_t Tiles>
HWY_INLINE void multiplyBlocks(std::int64_t blocks, float* tiles, std::int64_t tileStep, std::int64_t length,
                               const float* weights, float* room) {
  if (blocks == 1) {
    return multiplyBlock<Vectors, Tiles>(tiles, tileStep, length, weights, tiles, tileStep);
  }
  const std::int64_t width = Vectors * static_cast<std::int64_t>(hn::Lanes(Floats()));
  const std::int64_t filters = blocks * width;
  for (std::int64_t block = 0; block < blocks; ++block) {
    multiplyBlock<Vectors, Tiles>(tiles, tileStep, length, weights + block * length * width,
                                  room + block * width, filters);
  }
  for (std::int64_t t = 0; t < Tiles; ++t) std::copy_n(room + t * filters, filters, tiles + t * tileStep);
}

// The first `count` <= Tiles of them.
template <std::int64_t Vectors, std::int64_t Tiles>
HWY_INLINE void multiplyGroup(std::int64_t blocks, float* tiles, std::int64_t tileStep, std::int64_t count,
                              std::int64_t length, const float* weights, float* room) {
  if constexpr (Tiles > 0) {
    if (count < Tiles) {
      multiplyGroup<Vectors, Tiles - 1>(blocks, tiles, tileStep, count, length, weights, room);
    } else {
      multiplyBlocks<Vectors, Tiles>(blocks, tiles, tileStep, length, weights, room);
    }
  }
}

// Weights are read once for each group of tiles: as few groups as go, and about as large as each other.
template <std::int64_t Vectors>
void multiplyAll(std::int64_t blocks, float* tiles, std::int64_t tileStep, std::int64_t count,
                 std::int64_t length, const float* weights, float* room) {
  constexpr std::int64_t kTogether = pixelsPerTile(Vectors);
  for (std::int64_t groups = (count + kTogether - 1) / kTogether; groups > 0; --groups) {
    const std::int64_t group = (count + groups - 1) / groups;
    multiplyGroup<Vectors, kTogether>(blocks, tiles, tileStep, group, length, weights, room);
    tiles += group * tileStep;
    count -= group;
  }
}

void multiplyTiles(const FilterBlock& block, std::int64_t blocks, float* tiles, std::int64_t tileStep,
                   std::int64_t count, std::int64_t length, const float* weights, float* room) {
  withVectors(block, [&](auto vectors) HWY_ATTR {
    multiplyAll<decltype(vectors)::value>(blocks, tiles, tileStep, count, length, weights, room);
  });
}

void largestOfThree(const float* a, const float* b, const float* c, std::int64_t count, float* out) {
  const Floats d;
  const std::int64_t lanes = static_cast<std::int64_t>(hn::Lanes(d));
  std::int64_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    hn::StoreU(hn::Max(hn::Max(hn::LoadU(d, a + i), hn::LoadU(d, b + i)), hn::LoadU(d, c + i)), d, out + i);
  }
  for (; i < count; ++i) out[i] = std::max(std::max(a[i], b[i]), c[i]);
}

std::int64_t floatsOfVector() { return static_cast<std::int64_t>(hn::Lanes(Floats())); }

bool multiplyAddIsFused() { return HWY_NATIVE_FMA; }

// c[0] x[0] + c[1] x[2] + ... + x[2 * Degree]: the last coefficient is 1.
template <std::int64_t Degree>
HWY_INLINE hn::Vec<Floats> evaluate(const float* coefficients, const hn::Vec<Floats>* x) {
  auto sum = x[2 * Degree];
#pragma GCC unroll 4
  for (std::int64_t i = Degree - 1; i >= 0; --i) {
    sum = hn::MulAdd(hn::Set(Floats(), coefficients[i]), x[2 * i], sum);
  }
  return sum;
}

template <std::int64_t Points>
HWY_INLINE void transformInputLine(const hn::Vec<Floats>* in, hn::Vec<Floats>* out) {
  constexpr std::int64_t kPairs = (Points - 2) / 2;
  constexpr WinogradPolynomials<kPairs> kPolynomials;
  out[0] = evaluate<kPairs>(kPolynomials.all, in);
  out[Points - 1] = evaluate<kPairs>(kPolynomials.all, in + 1);
#pragma GCC unroll 3
  for (std::int64_t pair = 0; pair < kPairs; ++pair) {
    const auto even = evaluate<kPairs - 1>(kPolynomials.without[pair], in + 2);
    const auto odd = evaluate<kPairs - 1>(kPolynomials.without[pair], in + 1);
    const auto point = hn::Set(Floats(), kWinogradPoints[pair]);
    out[1 + 2 * pair] = hn::MulAdd(point, odd, even);
    out[2 + 2 * pair] = hn::NegMulAdd(point, odd, even);
  }
}

template <std::int64_t Points, std::int64_t Outputs>
HWY_INLINE void transformOutputLine(const hn::Vec<Floats>* in, hn::Vec<Floats>* out) {
  constexpr std::int64_t kPairs = (Points - 2) / 2;
  const Floats d;
  hn::Vec<Floats> sums[kPairs], differences[kPairs];
#pragma GCC unroll 3
  for (std::int64_t pair = 0; pair < kPairs; ++pair) {
    sums[pair] = hn::Add(in[1 + 2 * pair], in[2 + 2 * pair]);
    differences[pair] = hn::Sub(in[1 + 2 * pair], in[2 + 2 * pair]);
  }
#pragma GCC unroll 6
  for (std::int64_t i = 0; i < Outputs; ++i) {
    const hn::Vec<Floats>* values = i % 2 == 0 ? sums : differences;
    // The first pair is that of 1, whose powers are 1.
    auto sum = i == 0             ? hn::Add(in[0], values[0])
               : i == Outputs - 1 ? hn::Add(in[Points - 1], values[0])
                                  : values[0];
#pragma GCC unroll 2
    for (std::int64_t pair = 1; pair < kPairs; ++pair) {
      sum = hn::MulAdd(hn::Set(d, winogradPower(kWinogradPoints[pair], i)), values[pair], sum);
    }
    out[i] = sum;
  }
}

// Loads a vector from one place.
struct FromOne {
  static constexpr std::int64_t kPlaces = 1;
  HWY_INLINE static hn::Vec<Floats> load(const float* from, std::int64_t) {
    return hn::LoadU(Floats(), from);
  }
  HWY_INLINE static void store(hn::Vec<Floats> values, float* to, std::int64_t) {
    hn::StoreU(values, Floats(), to);
  }
};

#if HWY_TARGET <= HWY_AVX3
// The halves of a vector from two places.
struct FromTwo {
  using Half = hn::Half<Floats>;
  static constexpr std::int64_t kPlaces = 2;
  HWY_INLINE static hn::Vec<Floats> load(const float* from, std::int64_t step) {
    return hn::Combine(Floats(), hn::LoadU(Half(), from + step), hn::LoadU(Half(), from));
  }
  HWY_INLINE static void store(hn::Vec<Floats> values, float* to, std::int64_t step) {
    hn::StoreU(hn::LowerHalf(Half(), values), Half(), to);
    hn::StoreU(hn::UpperHalf(Half(), values), Half(), to + step);
  }
};
#endif

template <std::int64_t Points, typename Places>
void inputTile(const WinogradInput& in, float* HWY_RESTRICT out, std::int64_t outStep) {
  const std::int64_t lanes = static_cast<std::int64_t>(hn::Lanes(Floats())) / Places::kPlaces;
  for (std::int64_t channel = 0; channel < in.channels; channel += lanes) {
    hn::Vec<Floats> line[Points], transformed[Points], columns[Points][Points];
    for (std::int64_t x = 0; x < Points; ++x) {
      const float* from = in.values + x * in.columnStep + channel;
#pragma GCC unroll 8
      for (std::int64_t y = 0; y < Points; ++y) line[y] = Places::load(from + y * in.rowStep, in.placeStep);
      transformInputLine<Points>(line, transformed);
#pragma GCC unroll 8
      for (std::int64_t y = 0; y < Points; ++y) columns[y][x] = transformed[y];
    }
    for (std::int64_t y = 0; y < Points; ++y) {
      transformInputLine<Points>(columns[y], transformed);
#pragma GCC unroll 8
      for (std::int64_t x = 0; x < Points; ++x) {
        Places::store(transformed[x], out + (y * Points + x) * outStep + channel, in.channels);
      }
    }
  }
}

// Where a place has no more channels than half of a long vector, two places go together.
template <std::int64_t Points>
void inputTiles(const WinogradInput& in, float* out, std::int64_t outStep) {
  WinogradInput place = in;
  std::int64_t done = 0;
#if HWY_TARGET <= HWY_AVX3
  for (; in.channels <= static_cast<std::int64_t>(hn::Lanes(Floats())) / 2 && done + 2 <= in.places;
       done += 2) {
    place.values = in.values + done * in.placeStep;
    inputTile<Points, FromTwo>(place, out + done * in.channels, outStep);
  }
#endif
  for (; done < in.places; ++done) {
    place.values = in.values + done * in.placeStep;
    inputTile<Points, FromOne>(place, out + done * in.channels, outStep);
  }
}

template <std::int64_t Points, std::int64_t Outputs>
void outputTile(const float* HWY_RESTRICT in, std::int64_t inStep, const float* HWY_RESTRICT bias,
                const WinogradOutput& out) {
  const Floats d;
  const std::int64_t lanes = static_cast<std::int64_t>(hn::Lanes(d));
  const auto zero = hn::Zero(d);
  for (std::int64_t filter = 0; filter < out.filters; filter += lanes) {
    hn::Vec<Floats> line[Points], transformed[Outputs], columns[Outputs][Points];
    for (std::int64_t x = 0; x < Points; ++x) {
#pragma GCC unroll 8
      for (std::int64_t y = 0; y < Points; ++y)
        line[y] = hn::LoadU(d, in + (y * Points + x) * inStep + filter);
      transformOutputLine<Points, Outputs>(line, transformed);
#pragma GCC unroll 6
      for (std::int64_t y = 0; y < Outputs; ++y) columns[y][x] = transformed[y];
    }
    const auto addend = hn::LoadU(d, bias + filter);
    for (std::int64_t y = 0; y < out.rows; ++y) {
      transformOutputLine<Points, Outputs>(columns[y], transformed);
      float* to = out.values + y * out.rowStep + filter;
#pragma GCC unroll 6
      for (std::int64_t x = 0; x < Outputs; ++x) {
        if (x >= out.columns) break;
        auto sum = hn::Add(transformed[x], addend);
        if (out.add) sum = hn::Add(sum, hn::LoadU(d, to + x * out.columnStep));
        if (out.relu) sum = hn::Max(sum, zero);
        hn::StoreU(sum, d, to + x * out.columnStep);
      }
    }
  }
}

void transformInput(std::int64_t points, const WinogradInput& in, float* out, std::int64_t outStep) {
  if (points == 8) return inputTiles<8>(in, out, outStep);
  if (points == 6) return inputTiles<6>(in, out, outStep);
  return inputTiles<4>(in, out, outStep);
}

void transformOutput(std::int64_t points, std::int64_t outputs, const float* in, std::int64_t inStep,
                     const float* bias, const WinogradOutput& out) {
  if (points == 8 && outputs == 4) return outputTile<8, 4>(in, inStep, bias, out);
  if (points == 8 && outputs == 5) return outputTile<8, 5>(in, inStep, bias, out);
  if (points == 8) return outputTile<8, 6>(in, inStep, bias, out);
  if (points == 6) return outputTile<6, 4>(in, inStep, bias, out);
  return outputTile<4, 2>(in, inStep, bias, out);
}

}  // namespace HWY_NAMESPACE
}  // namespace fcn
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fcn {

HWY_EXPORT(addTaps);
HWY_EXPORT(chooseFilterBlock);
HWY_EXPORT(floatsOfVector);
HWY_EXPORT(largestOfThree);
HWY_EXPORT(multiplyAddIsFused);
HWY_EXPORT(multiplyTiles);
HWY_EXPORT(transformInput);
HWY_EXPORT(transformOutput);

void addTaps(const FilterBlock& block, const float* const* inputs, float* const* outputs, std::int64_t count,
             const float* weights, const float* bias, const SumTaps& taps, bool relu) {
  HWY_DYNAMIC_DISPATCH(addTaps)(block, inputs, outputs, count, weights, bias, taps, relu);
}

FilterBlock chooseFilterBlock(std::int64_t filters) {
  return HWY_DYNAMIC_DISPATCH(chooseFilterBlock)(filters);
}

void largestOfThree(const float* a, const float* b, const float* c, std::int64_t count, float* out) {
  HWY_DYNAMIC_DISPATCH(largestOfThree)(a, b, c, count, out);
}

std::int64_t floatsOfVector() { return HWY_DYNAMIC_DISPATCH(floatsOfVector)(); }

bool multiplyAddIsFused() { return HWY_DYNAMIC_DISPATCH(multiplyAddIsFused)(); }

void multiplyTiles(const FilterBlock& block, std::int64_t blocks, float* tiles, std::int64_t tileStep,
                   std::int64_t count, std::int64_t length, const float* weights, float* room) {
  HWY_DYNAMIC_DISPATCH(multiplyTiles)(block, blocks, tiles, tileStep, count, length, weights, room);
}

void transformInput(std::int64_t points, const WinogradInput& in, float* out, std::int64_t outStep) {
  HWY_DYNAMIC_DISPATCH(transformInput)(points, in, out, outStep);
}

void transformOutput(std::int64_t points, std::int64_t outputs, const float* in, std::int64_t inStep,
                     const float* bias, const WinogradOutput& out) {
  HWY_DYNAMIC_DISPATCH(transformOutput)(points, outputs, in, inStep, bias, out);
}

}  // namespace fcn
#endif  // HWY_ONCE
