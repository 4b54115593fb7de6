#pragma once

#include "nn/networks.h"

namespace fcn {

// How sharp the picture of a face is: 0 without any detail, about 1 for usual photos, below 0.25 for faces
// that nobody could tell, and for most of what detectors take for faces by mistake.
//
// The variance of the Laplacian, the measure of focus of Pech-Pacheco, Cristobal, Chamorro-Martinez and
// Fernandez-Valdivia (Diatom autofocusing in brightfield microscopy: a comparative study, ICPR 2000), in
// relation to the contrast, so that exposure cancels out:
//   var(L) / (s^2 + 25)
// L: up + down + left + right - 4 * middle of each pixel, on the chip's grey (0.299 R + 0.587 G + 0.114 B)
// averaged over 2 x 2 pixels twice, without a last odd row and column (37 x 37), of pixels 6 to 30 of both
// axes: finer detail is noise, and the rest is background. s: the standard deviation of the chip's own grey
// over the same part. 25: less contrast than 5 grey levels is noise as well. Variances over all pixels, not a
// sample's.
double sharpness(const FaceChip& chip);

}  // namespace fcn
