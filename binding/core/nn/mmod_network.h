#pragma once

#include <memory>
#include <vector>

#include "convolution.h"
#include "networks.h"

namespace fcn {

// MmodNetwork on our own convolutions.
// - requires the detector's 7 convolutions in their order; the last has a single filter.
std::unique_ptr<MmodNetwork> makeMmodNetwork(const std::vector<ConvolutionWeights>& weights);

}  // namespace fcn
