#include "linkage.h"

#include <limits>

#include "clustering/agglomeration.h"
#include "clustering/contacts.h"
#include "clustering/crowd_distances.h"
#include "clustering/neighbors/kth_nearest.h"

namespace fcn {
namespace {

constexpr std::size_t kRowsAtOnce = 1024;
// The crowd of a face, and what it asks for.
constexpr std::size_t kCrowd = 10;
constexpr double kCrowdWeight = 0.4;
// How much of a face's uncertainty counts.
constexpr double kUncertainty = 0.5;

struct Constants {
  double contact, firstThreshold, crowdReach;
};
constexpr Constants kMirrored{0.50, 0.48, 0.62}, kPlain{0.52, 0.54, 0.65};

double valueOf(const PointsView& points, std::size_t i) {
  return points.float64 ? points.float64[i] : static_cast<double>(points.float32[i]);
}

// The mean of the two encodings of each face; fills in U of the first pass.
PointsAndCentres meansOf(const PointsView& points, const PointsView* mirrored, std::vector<double>& less,
                         const Parallel& parallel) {
  const std::size_t n = points.n, d = points.d;
  PointsAndCentres space{std::unique_ptr<float[]>(new float[(n + n / 2) * d]), n, d};
  parallel.forEach(n, kRowsAtOnce, [&](std::size_t row) {
    double squared = 0;
    for (std::size_t i = row * d; i < (row + 1) * d; ++i) {
      const double value = valueOf(points, i), other = mirrored ? valueOf(*mirrored, i) : value;
      space.values[i] = static_cast<float>((value + other) / 2);
      squared += (value - other) * (value - other);
    }
    less[row] = kUncertainty * squared;
  });
  return space;
}

}  // namespace

LinkageResult linkage(const PointsView& points, const PointsView* mirrored, const LinkageOptions& options,
                      const CancelToken& cancel) {
  const Constants& constants = mirrored ? kMirrored : kPlain;
  const std::size_t n = points.n;
  const Parallel parallel(options.threads, cancel);
  Progress progress(options.onProgress);
  // Merging takes a small part of the time of the two searches; there are fewer centres than points.
  const std::uint64_t merging = PairSearch::work(n) / 8 + 1;
  progress.expect(PairSearch::work(n) + KthNearest::work(n, n, kBlock) / 2 + 2 * merging);

  std::vector<double> less(n);
  PointsAndCentres space = meansOf(points, mirrored, less, parallel);
  const PointsView means{space.values.get(), nullptr, n, points.d};
  const Sketcher sketcher(means, checkFinite(means, parallel), constants.contact, parallel);
  std::vector<std::uint32_t> rows(n);
  for (std::uint32_t row = 0; row < n; ++row) rows[row] = row;
  const PreparedPoints prepared = prepareRows(means, std::move(rows), sketcher, parallel, progress);
  Contacts contacts = findContacts(prepared, constants.contact, options.maxMemory, parallel, progress);

  const auto merge = [&](double threshold) {
    auto group = agglomerate({means.float32, n, points.d, less, threshold}, contacts, parallel);
    progress.advance(merging);
    return group;
  };
  {
    const std::vector<double> crowd =
        crowdDistances(space, prepared, sketcher, merge(constants.firstThreshold), kCrowd,
                       constants.crowdReach, parallel, progress);
    for (std::size_t row = 0; row < n; ++row) less[row] -= kCrowdWeight * (constants.crowdReach - crowd[row]);
  }
  const std::vector<std::uint32_t> group = merge(options.threshold);

  LinkageResult result;
  result.nearestOnly = contacts.nearestOnly;
  result.labels.resize(n);
  for (std::size_t row = 0; row < n; ++row) {
    // A cluster's number is its lowest row, which has come before all others of it.
    result.labels[row] = group[row] == row ? result.clusters++ : result.labels[group[row]];
  }
  if (options.onProgress) options.onProgress(1);
  return result;
}

}  // namespace fcn
