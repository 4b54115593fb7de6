#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace fcn {

// What is known of who is who before points are grouped. People are any numbers from 0.
struct KnownPeople {
  std::vector<std::int32_t> people;  // (n) who each point is; -1: nobody yet. Or empty: nobody is known
  bool join = true;                  // whether clusters that begin with people may merge with each other
  std::vector<std::int32_t> keep;    // people of whom no two come into one cluster
  std::vector<std::pair<std::int32_t, std::int32_t>> apart;      // two people who don't
  std::vector<std::pair<std::uint32_t, std::int32_t>> excluded;  // a row and a person who don't
  // Without `join`: the rows that are new. If given, others that are nobody's are looked at only if they are
  // in contact with one that is new and nobody's, or join those that are; else they stay single.
  std::optional<std::vector<std::uint32_t>> fresh;
};

// Which clusters there are in the beginning, and which of them must never be in one. What holds for a cluster
// holds for all that it becomes a part of.
struct StartingClusters {
  std::vector<std::uint32_t> group;  // (n) the lowest row of each row's cluster

  // Of each cluster, at its lowest row (n).
  std::vector<std::uint8_t> kept;  // no two of these are in one cluster
  // Rising: 2 k for who is number k, 2 k + 1 for who is not. The two are not in one cluster.
  std::vector<std::vector<std::uint32_t>> marks;
};

// Points that are one person are one cluster in the beginning, others are single.
// - people whom no row is said to be are nobody, and nothing holds for them
StartingClusters startingClusters(const KnownPeople& known, std::size_t n);

}  // namespace fcn
