#pragma once

#include <cstdint>

#include "cancel_token.h"
#include "planar_image.h"

namespace fcn {

// Takes interleaved RGB apart.
// - rgb: width * height * 3 bytes, without padding.
void split(const std::uint8_t* rgb, long width, long height, PlanarImage& planes);

// Fills `output`, which has its size already, with the enlarged or reduced `input`: byte for byte what
// dlib::resize_image(in, out) with its bilinear interpolation gives for RGB images on x86. That includes its
// rounding down, the drift of positions that it adds up in float32, and the float64 arithmetic of its last
// columns.
// - requires an input of at least one pixel, and output sizes of at least half the input's.
// - throws Error(Aborted)
void resizeBilinear(const PlanarImage& input, PlanarImage& output, const CancelToken& cancel);

}  // namespace fcn
