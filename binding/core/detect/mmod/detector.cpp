#include "detector.h"

#include <dlib/image_transforms/image_pyramid.h>

#include <algorithm>

namespace fcn {
namespace {

using Pyramid = dlib::pyramid_down<6>;

}  // namespace

MmodDetector::MmodDetector(MmodModel model, std::size_t keptBytes)
    : model_(std::move(model)),
      workspaces_(std::make_unique<Workspace>(std::move(model_.network)), keptBytes) {}

MemoryRange MmodDetector::memory(std::int64_t width, std::int64_t height, int upsample) {
  // dlib's input_rgb_image_pyramid, unless told otherwise.
  constexpr std::int64_t kPadding = 10, kOuterPadding = 11;
  const ImageSize size = enlargedSize({width, height}, upsample);
  if (size.width <= kPadding) return {0, 0};
  return mmodMemory(layOutPyramid(size.height, size.width, kPadding, kOuterPadding));
}

std::vector<Detection> MmodDetector::detect(const ImageView& image, int upsample, std::size_t bytes,
                                            const Parallel& parallel) {
  parallel.throwIfCancelled();
  std::vector<Candidate> candidates =
      scan(EnlargedPhoto(image, upsample, parallel.cancelToken()), bytes, parallel);
  return keepBest(std::move(candidates), model_.overlaps, upsample, image);
}

// Every window of the tiled pyramid with a positive score, as a rectangle of the (enlarged) photo.
std::vector<Candidate> MmodDetector::scan(const EnlargedPhoto& photo, std::size_t bytes,
                                          const Parallel& parallel) {
  // No window fits into so narrow a photo, and the layout of its pyramid is undefined.
  if (photo.width() <= static_cast<std::int64_t>(model_.padding)) return {};

  TiledLayout layout = layOutPyramid(photo.height(), photo.width(), model_.padding, model_.outerPadding);
  const std::int64_t rows = layout.rows, columns = layout.columns;
  std::vector<Candidate> candidates;
  if (rows < MmodNetwork::kWindow || columns < MmodNetwork::kWindow) return candidates;

  const MmodPlan plan = planMmod(layout, bytes);
  const auto workspace = workspaces_.borrow(plan.bytes);
  MmodNetwork& network = *workspace->network;
  const TiledPyramid pyramid(photo, std::move(layout), plan.pyramid, model_.means, workspace->pyramid,
                             parallel);
  const auto& levels = pyramid.layout().levels;

  const std::int64_t scoreColumns = MmodNetwork::outputSize(columns);
  std::int64_t scoreRow = 0;
  std::vector<float> scores;
  network.start(columns);
  for (std::int64_t top = 0; top < rows; top += plan.stripRows) {
    const std::int64_t height = std::min(plan.stripRows, rows - top);
    pyramid.copyRows(top, height, network.addRows(height), parallel);
    network.forward(top + height == rows, scores, parallel);

    for (auto row = scores.begin(); row != scores.end(); row += scoreColumns, ++scoreRow) {
      for (std::int64_t column = 0; column < scoreColumns; ++column) {
        const float score = row[column];
        if (!(score > 0)) continue;
        const dlib::dpoint centre(column * MmodNetwork::kStride + model_.centreX,
                                  scoreRow * MmodNetwork::kStride + model_.centreY);
        const auto window = dlib::centered_drect(centre, model_.windowWidth, model_.windowHeight);
        candidates.push_back({score, dlib::tiled_pyramid_to_image<Pyramid>(levels, window)});
      }
    }
  }
  return candidates;
}

}  // namespace fcn
