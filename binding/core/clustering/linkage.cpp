#include "linkage.h"

#include <cmath>
#include <limits>
#include <numeric>
#include <unordered_map>

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

bool isTooLarge(double value) { return std::abs(value) > std::numeric_limits<float>::max(); }

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
      // Two that float32 can't hold may have a mean that it can.
      if (isTooLarge(value) || isTooLarge(other)) space.values[i] = std::numeric_limits<float>::infinity();
      squared += (value - other) * (value - other);
    }
    less[row] = kUncertainty * squared;
  });
  return space;
}

// What both passes, and the comparison of people, begin with.
class Linkage {
 public:
  Linkage(const PointsView& points, const PointsView* mirrored, const KnownPeople& known,
          std::size_t maxMemory, const Parallel& parallel, Progress& progress)
      : constants_(mirrored ? kMirrored : kPlain),
        n_(points.n),
        peopleStayApart_(!known.people.empty() && !known.join),
        parallel_(parallel),
        progress_(progress),
        less_(n_),
        space_(meansOf(points, mirrored, less_, parallel)),
        means_{space_.values.get(), nullptr, n_, points.d},
        sketcher_(means_, checkFinite(means_, parallel), constants_.contact, parallel) {
    if (!known.people.empty()) start_ = startingClusters(known, n_);
    if (peopleStayApart_) {
      searchAround(known, maxMemory);
    } else {
      searchAll(maxMemory);
    }
  }

  std::vector<std::uint32_t> firstPass() {
    AgglomerationInput input = inputFor(constants_.firstThreshold);
    if (peopleStayApart_) input.start = &start_;
    return agglomerate(input, contacts_, parallel_);
  }

  // - photos: see LinkageOptions
  std::vector<std::uint32_t> secondPass(double threshold, const std::vector<std::uint32_t>& photos) {
    AgglomerationInput input = inputFor(threshold);
    if (!photos.empty()) input.photos = &photos;
    if (!start_.group.empty()) input.start = &start_;
    return agglomerate(input, contacts_, parallel_);
  }

  // Takes the crowd of each face into account from now on.
  // - group: (n) the lowest row of each row's cluster
  void setCrowd(const std::vector<std::uint32_t>& group) {
    const std::vector<double> crowd =
        crowdDistances(space_, asked_, sketcher_, group, kCrowd, constants_.crowdReach, parallel_, progress_);
    for (std::size_t row = 0; row < n_; ++row)
      less_[row] -= kCrowdWeight * (constants_.crowdReach - crowd[row]);
  }

  std::vector<ScoredPair> closest(const std::vector<std::uint32_t>& group, const std::vector<bool>& wanted,
                                  double threshold, std::size_t most) {
    return closestClusters(inputFor(threshold), contacts_, group, wanted, most, parallel_);
  }

  std::size_t nearestOnly() const { return contacts_.nearestOnly; }

 private:
  void searchAll(std::size_t maxMemory) {
    progress_.expect(PairSearch::work(n_) + KthNearest::work(n_, n_, kBlock));
    std::vector<std::uint32_t> rows(n_);
    std::iota(rows.begin(), rows.end(), 0);
    asked_ = prepare(std::move(rows));
    contacts_ = findContacts(asked_, constants_.contact, maxMemory, parallel_, progress_);
  }

  // Where people don't merge with each other, only those matter who are in contact with a face that is
  // nobody's. What is left out changes nothing, but for what is not new.
  void searchAround(const KnownPeople& known, std::size_t maxMemory) {
    std::vector<std::uint8_t> looked(n_);
    if (known.fresh) {
      for (const std::uint32_t row : *known.fresh) looked[row] = known.people[row] < 0;
      searchOf(looked, maxMemory);
      for (std::uint32_t row = 0; row < n_; ++row) {
        if (known.people[row] < 0 && !contacts_.of[row].empty()) looked[row] = 1;
      }
    } else {
      for (std::uint32_t row = 0; row < n_; ++row) looked[row] = known.people[row] < 0;
    }
    const std::vector<std::uint32_t> some = searchOf(looked, maxMemory);

    std::vector<bool> met(n_);
    for (const std::uint32_t row : some) {
      met[row] = true;
      for (const std::uint32_t other : contacts_.of[row]) met[start_.group[other]] = true;
    }
    std::vector<std::uint32_t> asked;
    for (std::uint32_t row = 0; row < n_; ++row) {
      if (met[start_.group[row]]) asked.push_back(row);
    }
    progress_.expect(KthNearest::work(asked.size(), n_, kBlock));
    asked_ = prepare(std::move(asked));
  }

  // Finds the contacts of some rows, and returns these.
  std::vector<std::uint32_t> searchOf(const std::vector<std::uint8_t>& wanted, std::size_t maxMemory) {
    std::vector<std::uint32_t> some, others;
    for (std::uint32_t row = 0; row < n_; ++row) (wanted[row] ? some : others).push_back(row);
    contacts_ =
        findContactsOf(some, others, means_, sketcher_, constants_.contact, maxMemory, parallel_, progress_);
    return some;
  }

  PreparedPoints prepare(std::vector<std::uint32_t> rows) {
    return prepareRows(means_, std::move(rows), sketcher_, parallel_, progress_);
  }

  AgglomerationInput inputFor(double threshold) const {
    return {means_.float32, n_, means_.d, less_, threshold};
  }

  const Constants& constants_;
  const std::size_t n_;
  const bool peopleStayApart_;
  const Parallel& parallel_;
  Progress& progress_;
  std::vector<double> less_;  // U of each face
  PointsAndCentres space_;
  const PointsView means_;
  const Sketcher sketcher_;
  StartingClusters start_;  // empty if nobody is known
  PreparedPoints asked_;    // the faces whose crowds matter
  Contacts contacts_;
};

// What going through the contacts takes, a small part of what finding them does.
std::uint64_t merging(std::size_t n) { return PairSearch::work(n) / 8 + 1; }

}  // namespace

LinkageResult linkage(const PointsView& points, const PointsView* mirrored, const LinkageOptions& options,
                      const CancelToken& cancel) {
  const Parallel parallel(options.threads, cancel);
  Progress progress(options.onProgress);
  progress.expect(2 * merging(points.n));
  Linkage linkage(points, mirrored, options.known, options.maxMemory, parallel, progress);
  const std::vector<std::uint32_t> first = linkage.firstPass();
  progress.advance(merging(points.n));
  linkage.setCrowd(first);
  const std::vector<std::uint32_t> group = linkage.secondPass(options.threshold, options.photos);

  LinkageResult result;
  result.nearestOnly = linkage.nearestOnly();
  result.labels.resize(points.n);
  for (std::size_t row = 0; row < points.n; ++row) {
    // A cluster's number is its lowest row, which has come before all others of it.
    result.labels[row] = group[row] == row ? result.clusters++ : result.labels[group[row]];
  }
  if (options.onProgress) options.onProgress(1);
  return result;
}

std::vector<SimilarPeople> findSimilarPeople(const PointsView& points, const PointsView* mirrored,
                                             const std::vector<std::int32_t>& labels,
                                             const SimilarPeopleOptions& options, const CancelToken& cancel) {
  const std::size_t n = points.n;
  const Parallel parallel(options.threads, cancel);
  Progress progress(options.onProgress);
  progress.expect(merging(n));
  Linkage linkage(points, mirrored, {}, options.maxMemory, parallel, progress);
  std::vector<std::uint32_t> group(n);
  std::vector<bool> wanted(n);
  std::unordered_map<std::int32_t, std::uint32_t> lowest;
  for (std::uint32_t row = 0; row < n; ++row) {
    group[row] = labels[row] < 0 ? row : lowest.emplace(labels[row], row).first->second;
    wanted[row] = labels[row] >= 0;
  }
  linkage.setCrowd(group);
  std::vector<SimilarPeople> pairs;
  for (const auto& [a, b, score] : linkage.closest(group, wanted, options.threshold, options.most)) {
    pairs.push_back({labels[a], labels[b], score});
  }
  if (options.onProgress) options.onProgress(1);
  return pairs;
}

}  // namespace fcn
