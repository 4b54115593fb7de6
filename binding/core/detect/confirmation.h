#pragma once

#include <cstddef>

#include "base/memory_range.h"
#include "base/thread_pool.h"
#include "detection.h"
#include "image/image_view.h"

namespace fcn {

class MmodDetector;

// HOG takes blobs, lenses and folds for faces, mostly with low scores. Of a face with a lower score than this
// the CNN detector is asked for a second opinion.
constexpr double kDoubtfulScore = 0.7;

// Whether the CNN detector, too, finds a face in the box of one that HOG has found: on a crop of 2.4 times
// the box's width around its middle, of 240 pixels, so that the face is as wide as the detector likes it (100
// pixels); black outside of the photo. That the boxes share more than 0.3 of what they cover together is
// agreement.
// - bytes: about how much memory this may take beside the photo, see confirmationMemory(). The result does
// not
//   depend on it, nor on the number of threads.
// - requires box.right > box.left and box.bottom > box.top
// - throws Error(Aborted)
bool isConfirmed(const ImageView& image, const Box& box, MmodDetector& detector, std::size_t bytes,
                 const Parallel& parallel);

// What is of use for that.
MemoryRange confirmationMemory();

}  // namespace fcn
