#pragma once

#include <array>
#include <memory>
#include <vector>

#include "convolution.h"
#include "networks.h"

namespace fcn {

// EncoderNetwork on our own convolutions.
// - requires the ResNet's 29 convolutions and its fully connected layer, in their order.
// - means: of red, green and blue.
std::unique_ptr<EncoderNetwork> makeEncoderNetwork(std::vector<ConvolutionWeights> weights,
                                                   const std::array<float, 3>& means);

}  // namespace fcn
