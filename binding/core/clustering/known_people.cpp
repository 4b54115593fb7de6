#include "known_people.h"

#include <algorithm>
#include <unordered_map>

namespace fcn {

StartingClusters startingClusters(const KnownPeople& known, std::size_t n) {
  StartingClusters start;
  start.group.resize(n);
  start.kept.resize(n);
  start.marks.resize(n);
  std::unordered_map<std::int32_t, std::uint32_t> clusters;
  for (std::uint32_t row = 0; row < n; ++row) {
    const std::int32_t person = known.people[row];
    start.group[row] = person < 0 ? row : clusters.emplace(person, row).first->second;
    if (person >= 0 && !known.join) start.kept[start.group[row]] = 1;
  }
  const auto exclude = [&](std::uint32_t cluster, std::int32_t person) {
    const auto found = clusters.find(person);
    if (found == clusters.end()) return;
    // The number of a person is their lowest row.
    start.marks[found->second].push_back(2 * found->second);
    start.marks[cluster].push_back(2 * found->second + 1);
  };
  for (const std::int32_t person : known.keep) {
    const auto found = clusters.find(person);
    if (found != clusters.end()) start.kept[found->second] = 1;
  }
  for (const auto& [a, b] : known.apart) {
    const auto found = clusters.find(a);
    if (found != clusters.end()) exclude(found->second, b);
  }
  for (const auto& [row, person] : known.excluded) exclude(start.group[row], person);
  for (std::vector<std::uint32_t>& marks : start.marks) {
    std::sort(marks.begin(), marks.end());
    marks.erase(std::unique(marks.begin(), marks.end()), marks.end());
  }
  return start;
}

}  // namespace fcn
