#include "encoder.h"

#include <dlib/image_transforms.h>

#include <algorithm>

namespace fcn {

FaceEncoder::FaceEncoder(std::unique_ptr<EncoderNetwork> network) : networks_(std::move(network)) {}

std::vector<Encoding> FaceEncoder::encode(const std::vector<FaceChip>& chips, int numJitters,
                                          const Parallel& parallel) {
  std::vector<Encoding> encodings(chips.size());
  if (chips.empty()) return encodings;

  // What goes through the network at once: enough to use it well, little enough to stop soon when asked to.
  constexpr std::size_t kBatch = 16;
  const auto network = networks_.borrow();
  std::vector<float> values;

  if (numJitters <= 1) {
    for (std::size_t first = 0; first < chips.size(); first += kBatch) {
      parallel.throwIfCancelled();
      const std::size_t count = std::min(kBatch, chips.size() - first);
      network->forward(&chips[first], count, values, parallel);
      for (std::size_t i = 0; i < count; ++i) {
        std::copy_n(&values[i * kEncodingLength], kEncodingLength, encodings[first + i].begin());
      }
    }
    return encodings;
  }

  for (std::size_t face = 0; face < chips.size(); ++face) {
    dlib::rand random;
    std::array<float, kEncodingLength> sum{};
    for (int done = 0; done < numJitters;) {
      parallel.throwIfCancelled();
      std::vector<FaceChip> jittered;
      for (; done < numJitters && jittered.size() < kBatch; ++done) {
        jittered.push_back(dlib::jitter_image(chips[face], random));
      }
      network->forward(jittered.data(), jittered.size(), values, parallel);
      for (std::size_t i = 0; i < values.size(); ++i) sum[i % kEncodingLength] += values[i];
    }
    std::transform(sum.begin(), sum.end(), encodings[face].begin(),
                   [&](float value) { return value / static_cast<float>(numJitters); });
  }
  return encodings;
}

}  // namespace fcn
