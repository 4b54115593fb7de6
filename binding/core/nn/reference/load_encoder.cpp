#include <dlib/dnn.h>

#include <array>
#include <utility>

#include "base/model_file.h"
#include "dlib_layers.h"
#include "nn/encoder_network.h"
#include "nn/networks.h"

namespace fcn {
namespace {

using namespace dlib;

// The layers of dlib_face_recognition_resnet_model_v1.dat: a ResNet of 29 convolutions in 5 groups of units.
// A unit is two 3x3 convolutions; the first unit of a group that halves the image has stride 2, and an
// average pool where the others pass their input on.
template <int filters, int stride, typename Below>
using Convolutions =
    affine<con<filters, 3, 3, 1, 1, relu<affine<con<filters, 3, 3, stride, stride, Below>>>>>;
template <int filters, typename Below>
using Unit = relu<add_prev1<Convolutions<filters, 1, tag1<Below>>>>;
template <int filters, typename Below>
using HalvingUnit = relu<add_prev2<avg_pool<2, 2, 2, 2, skip1<tag2<Convolutions<filters, 2, tag1<Below>>>>>>>;

template <typename Below>
using Stem = max_pool<3, 3, 2, 2, relu<affine<con<32, 7, 7, 2, 2, Below>>>>;
template <typename Below>
using Group32 = Unit<32, Unit<32, Unit<32, Below>>>;
template <typename Below>
using Group64 = Unit<64, Unit<64, Unit<64, HalvingUnit<64, Below>>>>;
template <typename Below>
using Group128 = Unit<128, Unit<128, HalvingUnit<128, Below>>>;
template <typename Below>
using Group256 = Unit<256, Unit<256, HalvingUnit<256, Below>>>;
template <typename Below>
using Head = fc_no_bias<128, avg_pool_everything<HalvingUnit<256, Below>>>;

using Net = loss_metric<Head<Group256<Group128<Group64<Group32<Stem<input_rgb_image_sized<kChipSize>>>>>>>>;

class ReferenceEncoder final : public EncoderNetwork {
 public:
  explicit ReferenceEncoder(const Net& net) : net_(net) {}

  std::unique_ptr<EncoderNetwork> clone() const override { return std::make_unique<ReferenceEncoder>(net_); }

  void forward(const FaceChip* chips, std::size_t count, std::vector<float>& encodings,
               const Parallel& parallel) override {
    parallel.throwIfCancelled();
    resizable_tensor input;
    net_.to_tensor(chips, chips + count, input);
    const tensor& output = net_.subnet().forward(input);
    encodings.assign(output.begin(), output.end());
    net_.clean();
  }

 private:
  Net net_;
};

}  // namespace

std::unique_ptr<EncoderNetwork> loadEncoder(const std::string& path, Layers layers) {
  auto net = std::make_unique<Net>();
  deserializeModel(path, *net);
  if (layers == Layers::Reference) return std::make_unique<ReferenceEncoder>(*net);
  const auto& input = input_layer(*net);
  const std::array<float, 3> means{input.get_avg_red(), input.get_avg_green(), input.get_avg_blue()};
  std::vector<ConvolutionWeights> weights = foldedConvolutions(*net);
  net.reset();  // room for what is made of them
  return makeEncoderNetwork(std::move(weights), means);
}

}  // namespace fcn
