#include "detect_hog.h"

#include <dlib/image_processing/box_overlap_testing.h>
#include <dlib/image_transforms/fhog.h>
#include <dlib/image_transforms/image_pyramid.h>

#include <algorithm>

#include "enlarged_photo.h"
#include "hog/features.h"
#include "hog/filters.h"
#include "planar_image.h"
#include "resize.h"

namespace fcn {
namespace {

// Each level of the pyramid is 5/6 of the one before.
using Pyramid = dlib::pyramid_down<6>;

// Where the window with the top left feature (row, column) lies in the image that the pyramid is of.
dlib::rectangle windowBox(long row, long column, unsigned int level) {
  const dlib::point centre(column + kHogWindow / 2, row + kHogWindow / 2);
  const dlib::rectangle box = dlib::fhog_to_image(dlib::centered_rect(centre, kHogWindow, kHogWindow),
                                                  kHogCell, kHogWindow, kHogWindow);
  return Pyramid().rect_up(box, level);
}

// What a level needs, kept for the next, which is smaller.
struct LevelMemory {
  HogFeatures features;
  FaceScores scores;
};

void scanLevel(const PlanarImage& image, unsigned int level, const CancelToken& cancel, LevelMemory& memory,
               std::vector<Candidate>& found) {
  extractHogFeatures(image, memory.features, cancel);
  applyFilters(memory.features, memory.scores, cancel);
  for (std::size_t view = 0; view < memory.scores.size(); ++view) {
    const HogScores& scores = memory.scores[view];
    for (long r = 0; r < scores.rows; ++r) {
      for (long c = 0; c < scores.columns; ++c) {
        const double score = scores.row(r)[c] - kFrontalFaceThresholds[view];
        if (score >= 0) found.push_back({score, windowBox(r, c, level)});
      }
    }
  }
}

// All levels of the pyramid.
std::vector<Candidate> scan(const EnlargedPhoto& photo, const CancelToken& cancel) {
  std::vector<Candidate> found;
  LevelMemory memory;
  PlanarImage image;
  photo.copyRows({0, photo.height()}, image);
  scanLevel(image, 0, cancel, memory, found);
  const Pyramid pyramid;
  PlanarImage smaller;
  // dlib counts the levels by rectangles, and rounds the images themselves down.
  dlib::rectangle size = pyramid.rect_down(dlib::rectangle(image.width(), image.height()));
  for (unsigned int level = 1;
       size.width() >= kHogMinLevel && size.height() >= kHogMinLevel && level < kHogMaxLevels; ++level) {
    smaller.resize(image.width() * 5 / 6, image.height() * 5 / 6);
    resizeBilinear(image, smaller, cancel);
    std::swap(image, smaller);
    scanLevel(image, level, cancel, memory, found);
    size = pyramid.rect_down(size);
  }
  return found;
}

}  // namespace

std::vector<Detection> HogDetector::detect(const ImageView& photo, int upsample,
                                           const CancelToken& cancel) const {
  cancel.throwIfCancelled();
  std::vector<Candidate> candidates = scan(EnlargedPhoto(photo, upsample, cancel), cancel);
  // Across levels and filters.
  const dlib::test_box_overlap overlaps(kFrontalFaceMaxOverlap, kFrontalFaceMaxCovered);
  return keepBest(std::move(candidates), overlaps, upsample, photo);
}

std::size_t HogDetector::memory(long width, long height, int upsample) {
  const ImageSize size = enlargedSize({width, height}, upsample);
  // For each pixel 3 bytes, and 3 of the next level, 25/36 as large; for each cell the features and scores.
  constexpr double kPerPixel = 3 * (1 + 25.0 / 36) + sizeof(float) *
                                                         (kHogPlanes + std::tuple_size<FaceScores>::value) /
                                                         double{kHogCell * kHogCell};
  return static_cast<std::size_t>(kPerPixel * static_cast<double>(size.width) *
                                  static_cast<double>(size.height));
}

}  // namespace fcn
