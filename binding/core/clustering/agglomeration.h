#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/thread_pool.h"
#include "clustering/contacts.h"
#include "clustering/known_people.h"

namespace fcn {

// Average linkage on mean squared distances, by rounds of merges of reciprocal best neighbours.
//
// A cluster of n points x, each with a number U that is known to be too much in its squared distances, has
// the centre c = (sum of x) / n and the spread V = (sum of |x|^2 - U) / n - |c|^2; for one point V = -U. The
// mean squared distance of the points of A to those of B is then |cA - cB|^2 + VA + VB (Ward 1963 has such
// updates in general), and
//   score(A, B) = sqrt(max(0, |cA - cB|^2 + VA + VB)) + kSizeWeight / sqrt((nA + nB) / 2),
// which asks more of small clusters. Two clusters are in contact if any of their points are. The best
// neighbour of a cluster is the one of lowest score of those in contact, up to a threshold; of equals that of
// the lowest number. In each round all pairs that are each other's best neighbour merge; the rounds end when
// there is none. A cluster's number is its lowest row.
//
// All in float64 with a fixed order of sums; the result does not depend on the number of threads, on the
// instruction set, nor on the order of rows unless scores are equal.
constexpr double kSizeWeight = 0.08;  // measured: ../../../docs/grouping.md

constexpr double kMostOnOnePhoto = 0.3;  // likewise

struct AgglomerationInput {
  const float* points;  // (n, d) row-major
  std::size_t n, d;
  const std::vector<double>& less;  // (n): U of each point
  double threshold;                 // the largest score of a merge
  // (n) the photo of each point, or null. If given, two clusters are no neighbours while more than
  // kMostOnOnePhoto of the faces of the smaller are on a photo that a face of the other is on, too: few
  // people are twice on one photo.
  const std::vector<std::uint32_t>* photos = nullptr;
  // The clusters to begin with, or null: single points. Two that must not be in one are no neighbours.
  const StartingClusters* start = nullptr;
};

// - contacts: for all rows; their order is changed, nothing else. Those of two rows whose clusters begin as
// one, or can never be in one, may be left out
// - returns (n): the number of each row's cluster
// - throws Error(Aborted)
std::vector<std::uint32_t> agglomerate(const AgglomerationInput& input, Contacts& contacts,
                                       const Parallel& parallel);

// Two clusters, by their lowest rows.
struct ScoredPair {
  std::uint32_t a, b;  // a < b
  double score;
};

// The pairs of clusters of lowest score among those that are in contact, up to the threshold.
// - group: (n) the lowest row of each row's cluster
// - wanted: (n) whether the cluster with that lowest row counts
// - returns at most `most` of them, the lowest score first; of equals that of lower rows
// - throws Error(Aborted)
std::vector<ScoredPair> closestClusters(const AgglomerationInput& input, Contacts& contacts,
                                        const std::vector<std::uint32_t>& group,
                                        const std::vector<bool>& wanted, std::size_t most,
                                        const Parallel& parallel);

}  // namespace fcn
