#include "agglomeration.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <mutex>
#include <numeric>

#include "base/instance_pool.h"
#include "clustering/neighbors/points.h"

namespace fcn {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();
// Clusters dealt with in one piece of work: few, for one may have as many contacts as a thousand others.
constexpr std::size_t kClustersAtOnce = 16;
constexpr std::size_t kRowsAtOnce = 1024;

// A cluster's best neighbour; kNone if there is none up to the threshold.
struct Best {
  double score;
  std::uint32_t cluster;
  bool betterThan(const Best& other) const {
    return score < other.score || (score == other.score && cluster < other.cluster && score < kInfinity);
  }
};

// Rows of numbers, for the centres of clusters of several points: never more than half as many as points.
class Rows {
 public:
  explicit Rows(std::size_t d) : d_(d) {}

  std::uint32_t take() {
    if (!free_.empty()) {
      const std::uint32_t row = free_.back();
      free_.pop_back();
      return row;
    }
    if (count_ % kPerPiece == 0) pieces_.push_back(std::make_unique<double[]>(kPerPiece * d_));
    return count_++;
  }
  void give(std::uint32_t row) { free_.push_back(row); }
  double* operator[](std::uint32_t row) const {
    return pieces_[row / kPerPiece].get() + row % kPerPiece * d_;
  }

 private:
  static constexpr std::uint32_t kPerPiece = 256;
  const std::size_t d_;
  std::vector<std::unique_ptr<double[]>> pieces_;
  std::vector<std::uint32_t> free_;
  std::uint32_t count_ = 0;
};

// Contacts whose centres are fetched ahead of their turn: they lie anywhere in memory.
constexpr std::size_t kAhead = 8;
constexpr std::size_t kCacheLine = 64, kLinesAhead = 4;

// Pairs that may be kept beyond those that are wanted, so that they are sorted rarely.
constexpr std::size_t kPairsKept = 1 << 16;

// What one thread needs to look at a cluster's contacts.
struct Visit {
  explicit Visit(std::size_t n, std::size_t d) : seen(n), centre(d) {}
  std::unique_ptr<Visit> clone() const { return std::make_unique<Visit>(seen.size(), centre.size()); }

  std::vector<std::uint32_t> seen;  // (n): the last visit that has met a cluster
  std::uint32_t number = 0;         // of this visit
  std::vector<std::uint32_t> met;   // the clusters in contact
  std::vector<double> centre;
};

class Agglomeration {
 public:
  Agglomeration(const AgglomerationInput& input, Contacts& contacts, const Parallel& parallel)
      : input_(input),
        contacts_(contacts),
        parallel_(parallel),
        zeros_(input.d),
        centres_(input.d),
        group_(input.n),
        next_(input.n, kNone),
        last_(input.n),
        count_(input.n, 1),
        live_(input.n),
        centre_(input.n, kNone),
        squares_(input.n),
        spread_(input.n),
        best_(input.n, none()),
        floor_(input.n, kInfinity),
        changed_(input.n, 1),
        visits_(std::make_unique<Visit>(input.n, input.d)) {
    std::iota(group_.begin(), group_.end(), 0);
    std::iota(last_.begin(), last_.end(), 0);
    if (input.photos) photos_.resize(input.n);
    parallel.forEach(input.n, kRowsAtOnce, [&](std::size_t i) {
      const auto row = static_cast<std::uint32_t>(i);
      live_[row] = static_cast<std::uint32_t>(contacts.of[row].size());
      squares_[row] = squareOf(pointOf(row)) - input.less[row];
      spread_[row] = -input.less[row];
      if (input.photos) photos_[row] = {(*input.photos)[row]};
    });
    if (!input.start) return;
    assign(input.start->group);
    kept_ = input.start->kept;
    marks_ = input.start->marks;
  }

  std::vector<std::uint32_t> run() {
    std::vector<std::uint32_t> changed;
    for (std::uint32_t row = 0; row < input_.n; ++row) {
      if (group_[row] == row) changed.push_back(row);
    }
    while (!changed.empty()) {
      parallel_.throwIfCancelled();
      std::vector<std::uint32_t> looked = lookAround(changed);
      const std::vector<Merge> merges = reciprocal(looked);
      for (const std::uint32_t cluster : changed) changed_[cluster] = 0;
      merge(merges);
      changed.clear();
      for (const Merge& merge : merges) changed.push_back(merge.low);
    }
    return std::move(group_);
  }

  // Joins rows to clusters without asking for scores: each to that of its lowest row. Of clusters without
  // contacts, which nobody ever looks at, only the numbers.
  void assign(const std::vector<std::uint32_t>& group) {
    group_ = group;
    std::vector<std::uint8_t> met(input_.n);
    for (std::uint32_t row = 0; row < input_.n; ++row) met[group[row]] |= !contacts_.of[row].empty();
    std::vector<std::vector<std::uint32_t>> members;
    std::vector<std::uint32_t> place(input_.n, kNone), centres;
    for (std::uint32_t row = 0; row < input_.n; ++row) {
      const std::uint32_t cluster = group[row];
      if (cluster == row || !met[cluster]) continue;
      if (place[cluster] == kNone) {
        place[cluster] = static_cast<std::uint32_t>(members.size());
        members.emplace_back();
        centres.push_back(centres_.take());
      }
      members[place[cluster]].push_back(row);
    }
    parallel_.forEach(members.size(), kClustersAtOnce, [&](std::size_t i) {
      const std::uint32_t cluster = group[members[i][0]];
      for (const std::uint32_t row : members[i]) mergeTwo(cluster, row, centres[i]);
    });
  }

  std::vector<ScoredPair> closest(const std::vector<bool>& wanted, std::size_t most) {
    std::vector<std::uint32_t> clusters;
    for (std::uint32_t row = 0; row < input_.n; ++row) {
      if (group_[row] == row && wanted[row]) clusters.push_back(row);
    }
    std::vector<ScoredPair> pairs;
    std::mutex mutex;
    forClusters(clusters, [&](std::uint32_t cluster, Visit& visit) {
      std::vector<ScoredPair> found;
      setCentre(cluster, visit);
      meetContacts(cluster, visit);
      for (const std::uint32_t other : visit.met) {
        if (other < cluster || !wanted[other]) continue;
        const double one = score(cluster, other, visit, kInfinity);
        if (one < kInfinity) found.push_back({cluster, other, one});
      }
      const std::lock_guard<std::mutex> lock(mutex);
      pairs.insert(pairs.end(), found.begin(), found.end());
      if (pairs.size() > 4 * most + kPairsKept) keepClosest(pairs, most);
    });
    keepClosest(pairs, most);
    return pairs;
  }

 private:
  static void keepClosest(std::vector<ScoredPair>& pairs, std::size_t most) {
    std::sort(pairs.begin(), pairs.end(), [](const ScoredPair& x, const ScoredPair& y) {
      return x.score != y.score ? x.score < y.score : x.a != y.a ? x.a < y.a : x.b < y.b;
    });
    pairs.resize(std::min(pairs.size(), most));
  }

  struct Merge {
    std::uint32_t low, high;
  };
  struct Offer {
    std::uint32_t to;
    Best best;
  };

  static Best none() { return {kInfinity, kNone}; }
  const float* pointOf(std::uint32_t row) const { return input_.points + std::size_t{row} * input_.d; }

  template <typename T>
  double squareOf(const T* values) const {
    return squaredDistance(values, zeros_.data(), input_.d, kInfinity);
  }

  // Finds the best neighbours of the clusters that have changed, and what that changes for others.
  // - returns all clusters whose best neighbour may be another now
  std::vector<std::uint32_t> lookAround(const std::vector<std::uint32_t>& changed) {
    std::vector<std::uint32_t> looked = changed, again;
    takeOffers(lookAndOffer(changed), looked, again);
    forClusters(again, [&](std::uint32_t cluster, Visit& visit) {
      lookAtAll(cluster, visit,
                [&](std::uint32_t other, double most) { return score(cluster, other, visit, most); });
    });
    return looked;
  }

  // Finds the best neighbours of clusters that have changed.
  // - returns what this means to those that have not: what is better than all but their best, and what has
  // become of their
  //   best
  std::vector<Offer> lookAndOffer(const std::vector<std::uint32_t>& changed) {
    std::vector<Offer> offers;
    std::mutex mutex;
    forClusters(changed, [&](std::uint32_t cluster, Visit& visit) {
      std::vector<Offer> made;
      lookAtAll(cluster, visit, [&](std::uint32_t other, double most) {
        if (changed_[other]) return score(cluster, other, visit, most);
        const double found = score(cluster, other, visit, std::max(most, floor_[other]));
        const std::uint32_t before = best_[other].cluster;
        if (found < floor_[other] || (before != kNone && group_[before] == cluster)) {
          made.push_back({other, {found, cluster}});
        }
        return found;
      });
      if (made.empty()) return;
      const std::lock_guard<std::mutex> lock(mutex);
      offers.insert(offers.end(), made.begin(), made.end());
    });
    return offers;
  }

  // - again: gets those for whom any other may be the best now
  void takeOffers(std::vector<Offer> offers, std::vector<std::uint32_t>& looked,
                  std::vector<std::uint32_t>& again) {
    std::sort(offers.begin(), offers.end(), [](const Offer& a, const Offer& b) {
      return a.to != b.to ? a.to < b.to : a.best.betterThan(b.best);
    });
    for (std::size_t i = 0; i < offers.size();) {
      const std::uint32_t to = offers[i].to;
      const std::size_t first = i;
      while (i < offers.size() && offers[i].to == to) ++i;
      looked.push_back(to);
      Best best = offers[first].best;
      double second = first + 1 < i ? offers[first + 1].best.score : kInfinity;
      const Best& before = best_[to];
      if (before.cluster != kNone && !changed_[group_[before.cluster]]) {
        second = std::min(second, std::max(best.score, before.score));
        if (before.betterThan(best)) best = before;
      }
      if (best.score < floor_[to]) {
        best_[to] = best;
        floor_[to] = std::min(floor_[to], second);
      } else if (floor_[to] == kInfinity) {
        best_[to] = none();
      } else {
        again.push_back(to);
      }
    }
  }

  // Calls body(cluster, visit) for each.
  template <typename Body>
  void forClusters(const std::vector<std::uint32_t>& clusters, const Body& body) {
    parallel_.forEach((clusters.size() + kClustersAtOnce - 1) / kClustersAtOnce, [&](std::size_t unit) {
      parallel_.throwIfCancelled();
      const auto visit = visits_.borrow();
      const std::size_t end = std::min(clusters.size(), (unit + 1) * kClustersAtOnce);
      for (std::size_t i = unit * kClustersAtOnce; i < end; ++i) body(clusters[i], *visit.operator->());
    });
  }

  // Finds the other clusters in contact, each once. Contacts that say nothing new from now on, because they
  // lie in the cluster itself or lead to one that another leads to, are moved out of sight.
  void meetContacts(std::uint32_t cluster, Visit& visit) {
    visit.met.clear();
    if (++visit.number == 0) {
      std::fill(visit.seen.begin(), visit.seen.end(), 0);
      visit.number = 1;
    }
    visit.seen[cluster] = visit.number;
    for (std::uint32_t member = cluster; member != kNone; member = next_[member]) {
      std::uint32_t* rows = contacts_.of[member].data();
      std::uint32_t& live = live_[member];
      for (std::uint32_t i = 0; i < live;) {
        const std::uint32_t other = group_[rows[i]];
        if (visit.seen[other] == visit.number) {
          std::swap(rows[i], rows[--live]);
          continue;
        }
        visit.seen[other] = visit.number;
        visit.met.push_back(other);
        ++i;
      }
    }
  }

  // Finds a cluster's best neighbour, and the lowest score of the others.
  // - scoreOf(other, most): the score of a cluster in contact, or infinity if it exceeds `most`
  template <typename ScoreOf>
  void lookAtAll(std::uint32_t cluster, Visit& visit, const ScoreOf& scoreOf) {
    setCentre(cluster, visit);
    meetContacts(cluster, visit);
    Best best = none();
    double second = kInfinity;
    for (std::size_t i = 0; i < visit.met.size(); ++i) {
      if (i + kAhead < visit.met.size()) fetchCentre(visit.met[i + kAhead]);
      const Best one{scoreOf(visit.met[i], second), visit.met[i]};
      if (one.betterThan(best)) {
        second = best.score;
        best = one;
      } else {
        second = std::min(second, one.score);
      }
    }
    best_[cluster] = best;
    floor_[cluster] = second;
  }

  void fetchCentre(std::uint32_t cluster) const {
#ifndef _MSC_VER
    const auto* centre = centre_[cluster] == kNone
                             ? reinterpret_cast<const char*>(pointOf(cluster))
                             : reinterpret_cast<const char*>(centres_[centre_[cluster]]);
    for (std::size_t line = 0; line < kLinesAhead; ++line) __builtin_prefetch(centre + line * kCacheLine);
#endif
  }

  void setCentre(std::uint32_t cluster, Visit& visit) const {
    if (centre_[cluster] == kNone) {
      const float* point = pointOf(cluster);
      std::copy(point, point + input_.d, visit.centre.begin());
    } else {
      const double* centre = centres_[centre_[cluster]];
      std::copy(centre, centre + input_.d, visit.centre.begin());
    }
  }

  // The score of a cluster, whose centre is in the room, and another; infinite if it exceeds `most` or the
  // threshold.
  double score(std::uint32_t cluster, std::uint32_t other, const Visit& visit, double most) const {
    if (areApart(cluster, other)) return kInfinity;
    const double both = static_cast<double>(count_[cluster]) + count_[other];
    const double surcharge = kSizeWeight / std::sqrt(both / 2);
    const double left = std::min(most, input_.threshold) - surcharge;
    if (left < 0) return kInfinity;
    const double spread = spread_[cluster] + spread_[other];
    // A little more, so that rounding here decides nothing.
    const double limit = left * left * (1 + 1e-9) + 1e-15 - spread;
    const double between =
        centre_[other] == kNone
            ? squaredDistance(visit.centre.data(), pointOf(other), input_.d, limit)
            : squaredDistance(visit.centre.data(), centres_[centre_[other]], input_.d, limit);
    if (between > limit) return kInfinity;
    const double score = std::sqrt(std::max(0.0, between + spread)) + surcharge;
    return score <= input_.threshold && !clash(cluster, other) ? score : kInfinity;
  }

  // Whether the two must not be in one.
  bool areApart(std::uint32_t a, std::uint32_t b) const {
    if (!input_.start) return false;
    if (kept_[a] && kept_[b]) return true;
    if (marks_[b].size() < marks_[a].size()) std::swap(a, b);
    return std::any_of(marks_[a].begin(), marks_[a].end(), [&](std::uint32_t mark) {
      return std::binary_search(marks_[b].begin(), marks_[b].end(), mark ^ 1);
    });
  }

  // Whether the photos of the two say that they are two people.
  bool clash(std::uint32_t a, std::uint32_t b) const {
    if (!input_.photos) return false;
    if (count_[b] < count_[a]) std::swap(a, b);
    double both = 0;
    for (const std::uint32_t photo : photos_[a]) {
      both += std::binary_search(photos_[b].begin(), photos_[b].end(), photo) ? 1 : 0;
    }
    return both > kMostOnOnePhoto * count_[a];
  }

  // - looked: without duplicates
  std::vector<Merge> reciprocal(const std::vector<std::uint32_t>& looked) const {
    std::vector<Merge> merges;
    for (const std::uint32_t cluster : looked) {
      const std::uint32_t other = best_[cluster].cluster;
      if (other == kNone || best_[other].cluster != cluster) continue;
      merges.push_back({std::min(cluster, other), std::max(cluster, other)});
    }
    std::sort(merges.begin(), merges.end(), [](const Merge& a, const Merge& b) { return a.low < b.low; });
    merges.erase(std::unique(merges.begin(), merges.end(),
                             [](const Merge& a, const Merge& b) { return a.low == b.low; }),
                 merges.end());
    return merges;
  }

  void merge(const std::vector<Merge>& merges) {
    std::vector<std::uint32_t> rows(merges.size());
    for (std::size_t i = 0; i < merges.size(); ++i) {
      const std::uint32_t low = centre_[merges[i].low], high = centre_[merges[i].high];
      rows[i] = low != kNone ? low : high != kNone ? high : centres_.take();
      if (low != kNone && high != kNone) freed_.push_back(high);
    }
    parallel_.forEach((merges.size() + kClustersAtOnce - 1) / kClustersAtOnce, [&](std::size_t unit) {
      const std::size_t end = std::min(merges.size(), (unit + 1) * kClustersAtOnce);
      for (std::size_t i = unit * kClustersAtOnce; i < end; ++i)
        mergeTwo(merges[i].low, merges[i].high, rows[i]);
    });
    for (const std::uint32_t row : freed_) centres_.give(row);
    freed_.clear();
  }

  void mergeTwo(std::uint32_t low, std::uint32_t high, std::uint32_t row) {
    const double nLow = count_[low], nHigh = count_[high], n = nLow + nHigh;
    double* centre = centres_[row];
    for (std::size_t k = 0; k < input_.d; ++k) {
      centre[k] = (valueOf(low, k) * nLow + valueOf(high, k) * nHigh) / n;
    }
    centre_[low] = row;
    centre_[high] = kNone;
    count_[low] += count_[high];
    squares_[low] += squares_[high];
    spread_[low] = squares_[low] / n - squareOf(centre);
    for (std::uint32_t member = high; member != kNone; member = next_[member]) group_[member] = low;
    next_[last_[low]] = high;
    last_[low] = last_[high];
    if (input_.photos) photos_[low] = merged(photos_[low], photos_[high]);
    if (!kept_.empty()) {
      kept_[low] |= kept_[high];
      marks_[low] = merged(marks_[low], marks_[high]);
      marks_[low].erase(std::unique(marks_[low].begin(), marks_[low].end()), marks_[low].end());
    }
    best_[low] = none();
    floor_[low] = kInfinity;
    changed_[low] = 1;
  }

  // Both in one, rising; leaves nothing of the second.
  static std::vector<std::uint32_t> merged(const std::vector<std::uint32_t>& low,
                                           std::vector<std::uint32_t>& high) {
    std::vector<std::uint32_t> both(low.size() + high.size());
    std::merge(low.begin(), low.end(), high.begin(), high.end(), both.begin());
    std::vector<std::uint32_t>().swap(high);
    return both;
  }

  double valueOf(std::uint32_t cluster, std::size_t k) const {
    return centre_[cluster] == kNone ? static_cast<double>(pointOf(cluster)[k])
                                     : centres_[centre_[cluster]][k];
  }

  const AgglomerationInput& input_;
  Contacts& contacts_;
  const Parallel& parallel_;
  const std::vector<double> zeros_;
  Rows centres_;
  std::vector<std::uint32_t> freed_;

  // Of each row (n).
  std::vector<std::uint32_t> group_;  // its cluster: the lowest row of it
  std::vector<std::uint32_t> next_;   // the next row of its cluster
  // Of each cluster, at its lowest row (n).
  std::vector<std::uint32_t> last_;                 // its last row
  std::vector<std::uint32_t> count_;                // of its rows
  std::vector<std::uint32_t> live_;                 // of each row: how many of its contacts are in sight
  std::vector<std::uint32_t> centre_;               // in centres_; kNone for a single point
  std::vector<double> squares_;                     // sum of |x|^2 - U
  std::vector<double> spread_;                      // V
  std::vector<std::vector<std::uint32_t>> photos_;  // of each of its faces, rising; empty if none are given
  std::vector<std::uint8_t> kept_;                  // see StartingClusters; empty if none are given
  std::vector<std::vector<std::uint32_t>> marks_;   // likewise
  std::vector<Best> best_;
  std::vector<double> floor_;          // no other than the best has a lower score
  std::vector<std::uint8_t> changed_;  // since the last round
  InstancePool<Visit> visits_;
};

}  // namespace

std::vector<std::uint32_t> agglomerate(const AgglomerationInput& input, Contacts& contacts,
                                       const Parallel& parallel) {
  return Agglomeration(input, contacts, parallel).run();
}

std::vector<ScoredPair> closestClusters(const AgglomerationInput& input, Contacts& contacts,
                                        const std::vector<std::uint32_t>& group,
                                        const std::vector<bool>& wanted, std::size_t most,
                                        const Parallel& parallel) {
  Agglomeration clusters(input, contacts, parallel);
  clusters.assign(group);
  return clusters.closest(wanted, most);
}

}  // namespace fcn
