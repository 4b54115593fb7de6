#pragma once

#include <memory>
#include <vector>

#include "convolution.h"
#include "networks.h"

namespace fcn {

// EncoderNetwork on our own convolutions.
// - requires the ResNet's 29 convolutions and its fully connected layer, in their order.
std::unique_ptr<EncoderNetwork> makeEncoderNetwork(const std::vector<ConvolutionWeights>& weights,
                                                   float meanRed, float meanGreen, float meanBlue);

}  // namespace fcn
