#include "detect_mmod.h"

#include <dlib/image_transforms.h>

#include <algorithm>

#include "tiled_pyramid.h"

namespace fcn {
namespace {

using Pyramid = dlib::pyramid_down<6>;

}  // namespace

MmodDetector::MmodDetector(MmodModel model, std::size_t stripBytes)
    : model_(std::move(model)), stripBytes_(stripBytes), networks_(std::move(model_.network)) {}

// Rows of scores to compute in one piece of a tiled pyramid. For each score there are 8 x 8 pixels of the
// pyramid and twice the network's largest layer, the first: 4 x 4 outputs of 16 floats.
long MmodDetector::stripRows(long columns) const {
  const std::size_t floatsPerScore = 8 * 8 * 3 + 2 * 4 * 4 * 16;
  const std::size_t bytesPerRow = MmodNetwork::outputSize(columns) * floatsPerScore * sizeof(float);
  return std::max(static_cast<long>(stripBytes_ / bytesPerRow), 2 * MmodNetwork::kHalo);
}

std::vector<Detection> MmodDetector::detect(const ImageView& image, int upsample, const Parallel& parallel) {
  dlib::matrix<dlib::rgb_pixel> enlarged;
  dlib::assign_image(enlarged, image);
  for (int i = 0; i < upsample; ++i) {
    parallel.throwIfCancelled();
    dlib::pyramid_up(enlarged);
  }

  std::vector<Candidate> candidates = scan(enlarged, parallel);
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Candidate& a, const Candidate& b) { return a.score > b.score; });

  const dlib::pyramid_down<2> half;
  std::vector<Candidate> kept;
  std::vector<Detection> faces;
  for (const Candidate& candidate : candidates) {
    const bool suppressed = std::any_of(kept.begin(), kept.end(), [&](const Candidate& better) {
      return model_.overlaps(better.rect, candidate.rect);
    });
    if (suppressed) continue;
    kept.push_back(candidate);
    faces.push_back({clippedBox(half.rect_down(candidate.rect, upsample), image), candidate.score});
  }
  return faces;
}

// Every window of the tiled pyramid with a positive score, as a rectangle of the (enlarged) photo.
std::vector<MmodDetector::Candidate> MmodDetector::scan(const dlib::matrix<dlib::rgb_pixel>& image,
                                                        const Parallel& parallel) {
  // No window fits into so narrow a photo, and the layout of its pyramid is undefined.
  if (image.nc() <= static_cast<long>(model_.padding)) return {};

  const TiledPyramid pyramid(image,
                             layOutPyramid(image.nr(), image.nc(), model_.padding, model_.outerPadding),
                             model_.means, parallel);
  const auto& levels = pyramid.layout().levels;

  std::vector<Candidate> candidates;
  const long rows = pyramid.layout().rows;
  const long columns = pyramid.layout().columns;
  if (rows < MmodNetwork::kWindow || columns < MmodNetwork::kWindow) return candidates;

  const long scoreRows = MmodNetwork::outputSize(rows);
  const long scoreColumns = MmodNetwork::outputSize(columns);
  const long step = stripRows(columns);
  const auto network = networks_.borrow();
  Tensor strip;
  std::vector<float> scores;

  // Scores next to a strip's cut edges are wrong, for there the layers see padding instead of the neighbours:
  // each strip takes kHalo rows more on both sides and leaves them to the next.
  for (long first = 0; first < scoreRows; first += step) {
    const long last = std::min(first + step, scoreRows);
    const long from = std::max(first - MmodNetwork::kHalo, 0L);
    const long to = std::min(last + MmodNetwork::kHalo, scoreRows);
    const long top = from * MmodNetwork::kStride;
    const long height =
        to == scoreRows ? rows - top : (to - from - 1) * MmodNetwork::kStride + MmodNetwork::kWindow;

    pyramid.copyRows(top, height, strip, parallel);
    network->forward(strip, scores, parallel);

    for (long r = first; r < last; ++r) {
      for (long c = 0; c < scoreColumns; ++c) {
        const float score = scores[(r - from) * scoreColumns + c];
        if (!(score > 0)) continue;
        const dlib::dpoint centre(c * MmodNetwork::kStride + model_.centreX,
                                  r * MmodNetwork::kStride + model_.centreY);
        const auto window = dlib::centered_drect(centre, model_.windowWidth, model_.windowHeight);
        candidates.push_back({score, dlib::tiled_pyramid_to_image<Pyramid>(levels, window)});
      }
    }
  }
  return candidates;
}

}  // namespace fcn
