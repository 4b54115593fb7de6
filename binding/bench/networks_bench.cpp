// face_cluster_core_bench <folder of the model files> [rounds]
//
// Both networks on one thread, with each instruction set that this machine has, beside the highest rate of
// multiply-adds that the same thread reaches. All times are CPU times of the thread, so other programs
// disturb little; each is the least of all rounds, and peak and networks take turns, so that they meet the
// same clock rate. Prints a line of JSON.

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <limits>
#include <string>
#include <vector>

#include "../core/base/error.h"
#include "../core/base/instruction_sets.h"
#include "../core/nn/networks.h"
#include "multiply_add_peak.h"

namespace fcn {
namespace {

// The tiled pyramid of a photo of 416 x 416 pixels that was doubled in size, as layOutPyramid has it.
constexpr std::int64_t kRows = 3048, kColumns = 856;
constexpr std::size_t kBatch = 16;

struct Layer {
  std::int64_t filters, channels, size, stride;
  bool padded;
};

// The floating-point operations that the layers of a network call for, without any that an implementation
// adds.
double operations(const std::vector<Layer>& layers, std::int64_t rows, std::int64_t columns) {
  double sum = 0;
  for (const Layer& layer : layers) {
    const std::int64_t lost = layer.padded ? 0 : layer.size - 1;
    rows = (rows - lost - 1) / layer.stride + 1;
    columns = (columns - lost - 1) / layer.stride + 1;
    sum +=
        2.0 * static_cast<double>(rows * columns * layer.filters * layer.channels * layer.size * layer.size);
  }
  return sum;
}

// networks.h describes them.
const std::vector<Layer> kMmodLayers = {
    {16, 3, 5, 2, false}, {32, 16, 5, 2, false}, {32, 32, 5, 2, false}, {45, 32, 5, 1, true},
    {45, 45, 5, 1, true}, {45, 45, 5, 1, true},  {1, 45, 9, 1, true},
};

double threadSeconds() {
#ifdef CLOCK_THREAD_CPUTIME_ID
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
#else
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
#endif
}

// The least seconds that any call took.
class Least {
 public:
  template <typename Work>
  void measure(const Work& work) {
    const double started = threadSeconds();
    work();
    seconds_ = std::min(seconds_, threadSeconds() - started);
  }
  double seconds() const { return seconds_; }

 private:
  double seconds_ = std::numeric_limits<double>::infinity();
};

// Smooth, as photos are.
unsigned char brightness(std::int64_t row, std::int64_t column, std::int64_t channel) {
  return static_cast<unsigned char>(127 + 120 * std::sin(0.05 * static_cast<double>(row + channel)) *
                                              std::cos(0.07 * static_cast<double>(column)));
}

// In parts, as the detector gives it a photo.
void scores(MmodNetwork& network, const Tensor& image) {
  constexpr std::int64_t kPart = 128;
  std::vector<float> values;
  network.start(image.columns());
  for (std::int64_t top = 0; top < image.rows(); top += kPart) {
    const std::int64_t rows = std::min(kPart, image.rows() - top);
    Tensor& to = network.addRows(rows);
    std::copy_n(image.at(0, top, 0), rows * image.rowStride(), to.at(0, to.rows() - rows, 0));
    network.forward(top + rows == image.rows(), values, Parallel());
  }
}

void measure(const std::string& folder, const char* instructions, int rounds, bool first) {
  // Made for each instruction set: weights are packed for it.
  const auto mmod = loadMmod(folder + "/mmod_human_face_detector.dat", Layers::Own).network;
  const auto encoder = loadEncoder(folder + "/dlib_face_recognition_resnet_model_v1.dat", Layers::Own);

  Tensor image;
  image.resize(1, kRows, kColumns, 3, 3, 0);
  for (std::int64_t row = 0; row < kRows; ++row) {
    for (std::int64_t i = 0; i < kColumns * 3; ++i) {
      image.at(0, row, 0)[i] = static_cast<float>(brightness(row, i / 3, i % 3)) / 256 - 0.45F;
    }
  }
  std::vector<FaceChip> chips(kBatch, FaceChip(kChipSize, kChipSize));
  for (std::int64_t i = 0; i < kChipSize * kChipSize; ++i) {
    const std::int64_t row = i / kChipSize, column = i % kChipSize;
    for (FaceChip& chip : chips) {
      chip(row, column) = {brightness(row, column, 0), brightness(row, column, 9),
                           brightness(row, column, 18)};
    }
  }

  std::vector<float> values;
  double multiplied = 0;
  Least peak, detector, oneFace, manyFaces;
  for (int round = 0; round < rounds; ++round) {
    peak.measure([&] { multiplied = multiplyAdds(5'000'000); });
    detector.measure([&] { scores(*mmod, image); });
    peak.measure([&] { multiplied = multiplyAdds(5'000'000); });
    for (int i = 0; i < 5; ++i)
      oneFace.measure([&] { encoder->forward(chips.data(), 1, values, Parallel()); });
    manyFaces.measure([&] { encoder->forward(chips.data(), kBatch, values, Parallel()); });
  }
  std::printf(
      "%s{\"instructions\": \"%s\", \"peak\": %.4g, \"detector\": %.4g, \"detectorSeconds\": %.4g, "
      "\"encoderSeconds\": %.4g, \"encoderSecondsInBatch\": %.4g}",
      first ? "" : ", ", instructions, multiplied / peak.seconds(),
      operations(kMmodLayers, kRows, kColumns) / detector.seconds(), detector.seconds(), oneFace.seconds(),
      manyFaces.seconds() / kBatch);
}

int run(const std::string& folder, int rounds) {
  std::printf("[");
  bool first = true;
  for (const char* name : instructionSets()) {
    useInstructionSet(name);
    measure(folder, name, rounds, first);
    first = false;
  }
  std::printf("]\n");
  return 0;
}

}  // namespace
}  // namespace fcn

int main(int count, char** arguments) {
  if (count < 2) {
    std::fprintf(stderr, "Usage: %s <folder of the model files> [rounds]\n", arguments[0]);
    return 2;
  }
  try {
    return fcn::run(arguments[1], count > 2 ? std::max(1, std::atoi(arguments[2])) : 5);
  } catch (const fcn::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
