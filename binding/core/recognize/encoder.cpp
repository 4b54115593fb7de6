#include "encoder.h"

#include <dlib/image_transforms.h>

#include <algorithm>
#include <functional>
#include <utility>

namespace fcn {
namespace {

using Sum = std::array<float, kEncodingLength>;

// Chips on their way through the network. They go together: enough at once to use it well, few enough to stop
// soon when asked to.
class Batch {
 public:
  Batch(EncoderNetwork& network, const Parallel& parallel) : network_(network), parallel_(parallel) {}

  // Adds the chip's encoding to `sum`: now, or when the batch is full or run.
  void add(FaceChip chip, Sum& sum) {
    chips_.push_back(std::move(chip));
    sums_.push_back(&sum);
    if (chips_.size() == kSize) run();
  }

  // - throws Error(Aborted)
  void run() {
    if (chips_.empty()) return;
    parallel_.throwIfCancelled();
    network_.forward(chips_.data(), chips_.size(), values_, parallel_);
    const float* values = values_.data();
    for (Sum* sum : sums_) {
      std::transform(sum->begin(), sum->end(), values, sum->begin(), std::plus<>());
      values += kEncodingLength;
    }
    chips_.clear();
    sums_.clear();
  }

 private:
  static constexpr std::size_t kSize = 16;

  EncoderNetwork& network_;
  const Parallel& parallel_;
  std::vector<FaceChip> chips_;
  std::vector<Sum*> sums_;
  std::vector<float> values_;
};

FaceChip mirrorImage(const FaceChip& chip) {
  FaceChip mirrored;
  dlib::flip_image_left_right(chip, mirrored);
  return mirrored;
}

std::vector<Encoding> means(const std::vector<Sum>& sums, int count) {
  std::vector<Encoding> encodings(sums.size());
  for (std::size_t i = 0; i < sums.size(); ++i) {
    std::transform(sums[i].begin(), sums[i].end(), encodings[i].begin(),
                   [&](float value) { return value / static_cast<float>(count); });
  }
  return encodings;
}

}  // namespace

FaceEncoder::FaceEncoder(std::unique_ptr<EncoderNetwork> network) : networks_(std::move(network)) {}

ChipEncodings FaceEncoder::encode(const std::vector<FaceChip>& chips, int numJitters, ChipViews views,
                                  const Parallel& parallel) {
  std::vector<Sum> plain(views.plain ? chips.size() : 0), mirrored(views.mirrored ? chips.size() : 0);
  const auto network = networks_.borrow();
  Batch batch(*network, parallel);
  for (std::size_t face = 0; face < chips.size(); ++face) {
    dlib::rand random;
    for (int i = 0; i < numJitters; ++i) {
      FaceChip chip = numJitters == 1 ? chips[face] : dlib::jitter_image(chips[face], random);
      if (views.mirrored) batch.add(mirrorImage(chip), mirrored[face]);
      if (views.plain) batch.add(std::move(chip), plain[face]);
    }
  }
  batch.run();
  return {means(plain, numJitters), means(mirrored, numJitters)};
}

}  // namespace fcn
