#pragma once

#include <dlib/dnn.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <vector>

#include "nn/convolution.h"

namespace fcn {

// Collects convolutions from a dlib network. dlib visits from the output to the input, so a convolution's
// affine layer comes before it.
class ConvolutionCollector {
 public:
  std::vector<ConvolutionWeights> found;

  template <long filters, long rows, long columns, int strideY, int strideX, int padY, int padX>
  void operator()(dlib::con_<filters, rows, columns, strideY, strideX, padY, padX>& layer) {
    static_assert(rows == columns, "the networks have square filters only");
    const dlib::tensor& parameters = layer.get_layer_params();
    ConvolutionWeights weights{};
    weights.filters = layer.num_filters();
    weights.size = rows;
    const std::int64_t values =
        static_cast<std::int64_t>(parameters.size()) - weights.filters;  // the biases stand at the end
    weights.channels = values / (weights.filters * rows * columns);
    weights.values.assign(parameters.begin(), parameters.begin() + values);
    weights.bias.assign(parameters.begin() + values, parameters.end());
    fold(weights);
    found.push_back(std::move(weights));
  }

  void operator()(dlib::affine_& layer) {
    const dlib::tensor& scale = layer.get_gamma();
    const dlib::tensor& shift = layer.get_beta();
    gamma.assign(scale.begin(), scale.end());
    beta.assign(shift.begin(), shift.end());
  }

  template <unsigned long outputs, dlib::fc_bias_mode bias>
  void operator()(dlib::fc_<outputs, bias>& layer) {
    static_assert(bias == dlib::FC_NO_BIAS, "no network has one");
    const dlib::tensor& parameters = layer.get_layer_params();  // (inputs, outputs)
    ConvolutionWeights weights{};
    weights.filters = outputs;
    weights.size = 1;
    weights.channels = static_cast<std::int64_t>(parameters.size() / outputs);
    weights.bias.assign(outputs, 0.0F);
    for (std::int64_t filter = 0; filter < weights.filters; ++filter) {
      for (std::int64_t channel = 0; channel < weights.channels; ++channel) {
        weights.values.push_back(parameters.host()[channel * weights.filters + filter]);
      }
    }
    found.push_back(std::move(weights));
  }

  template <typename Other>
  void operator()(Other&) {}

 private:
  void fold(ConvolutionWeights& weights) {
    const std::int64_t perFilter = weights.channels * weights.size * weights.size;
    for (std::int64_t filter = 0; filter < static_cast<std::int64_t>(gamma.size()); ++filter) {
      float* values = weights.values.data() + filter * perFilter;
      const double scale = gamma[filter];
      std::transform(values, values + perFilter, values,
                     [&](float value) { return static_cast<float>(scale * value); });
      weights.bias[filter] = static_cast<float>(scale * weights.bias[filter] + beta[filter]);
    }
    gamma.clear();
    beta.clear();
  }

  std::vector<float> gamma, beta;
};

// The convolutions of a dlib network in the order in which data flows through them, with the affine layer
// that follows each (if one does) folded in; a fully connected layer is a convolution of size 1.
template <typename Net>
std::vector<ConvolutionWeights> foldedConvolutions(Net& net) {
  ConvolutionCollector collector;
  dlib::visit_computational_layers(net, std::ref(collector));
  std::reverse(collector.found.begin(), collector.found.end());
  return std::move(collector.found);
}

}  // namespace fcn
