#include "detect_mmod.h"

#include <dlib/dnn/input.h>
#include <dlib/image_transforms.h>

#include <algorithm>

namespace fcn {
namespace {

using Pyramid = dlib::pyramid_down<6>;

}  // namespace

MmodDetector::MmodDetector(MmodModel model, std::size_t stripBytes)
    : model_(std::move(model)), stripBytes_(stripBytes), networks_(std::move(model_.network)) {}

// Rows of scores to compute in one piece of a tiled pyramid. dlib's widest intermediate matrix, the im2col of
// the second convolution, has 2 x 2 rows of 400 floats for each score; as much again is for the layers'
// outputs.
long MmodDetector::stripRows(long columns) const {
  const std::size_t bytesPerRow =
      MmodNetwork::outputSize(columns) * std::size_t{2 * 2 * 2 * 400} * sizeof(float);
  return std::max(static_cast<long>(stripBytes_ / bytesPerRow), 2 * MmodNetwork::kHalo);
}

std::vector<Detection> MmodDetector::detect(const ImageView& image, int upsample, const CancelToken& cancel) {
  dlib::matrix<dlib::rgb_pixel> enlarged;
  dlib::assign_image(enlarged, image);
  for (int i = 0; i < upsample; ++i) {
    cancel.throwIfCancelled();
    dlib::pyramid_up(enlarged);
  }

  std::vector<Candidate> candidates = scan(enlarged, cancel);
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
                                                        const CancelToken& cancel) {
  // No window fits into so narrow a photo, and dlib's layout of the tiled pyramid computes the free width in
  // unsigned numbers: below the padding it wraps around and levels end up outside of the image.
  if (image.nc() <= static_cast<long>(model_.padding)) return {};

  dlib::input_rgb_image_pyramid<Pyramid> input(model_.meanRed, model_.meanGreen, model_.meanBlue);
  input.set_pyramid_padding(model_.padding);
  input.set_pyramid_outer_padding(model_.outerPadding);
  dlib::resizable_tensor tiled;
  input.to_tensor(&image, &image + 1, tiled);
  const auto& levels = tiled.annotation().get<std::vector<dlib::rectangle>>();

  std::vector<Candidate> candidates;
  const long rows = tiled.nr();
  const long columns = tiled.nc();
  if (rows < MmodNetwork::kWindow || columns < MmodNetwork::kWindow) return candidates;

  const long scoreRows = MmodNetwork::outputSize(rows);
  const long scoreColumns = MmodNetwork::outputSize(columns);
  const long step = stripRows(columns);
  const auto network = networks_.borrow();
  std::vector<float> strip, scores;

  // Scores next to a strip's cut edges are wrong, for there the layers see padding instead of the neighbours:
  // each strip takes kHalo rows more on both sides and leaves them to the next.
  for (long first = 0; first < scoreRows; first += step) {
    cancel.throwIfCancelled();
    const long last = std::min(first + step, scoreRows);
    const long from = std::max(first - MmodNetwork::kHalo, 0L);
    const long to = std::min(last + MmodNetwork::kHalo, scoreRows);
    const long top = from * MmodNetwork::kStride;
    const long height =
        to == scoreRows ? rows - top : (to - from - 1) * MmodNetwork::kStride + MmodNetwork::kWindow;

    strip.clear();
    for (long plane = 0; plane < 3; ++plane) {
      const float* begin = tiled.host() + (plane * rows + top) * columns;
      strip.insert(strip.end(), begin, begin + height * columns);
    }
    network->forward(strip.data(), height, columns, scores);

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
