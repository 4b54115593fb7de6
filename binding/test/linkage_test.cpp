#include "../core/clustering/linkage.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>
#include <set>
#include <unordered_map>

#include "instruction_sets.h"

namespace fcn {
namespace {

// Encodings of faces, and of their mirror images: whole multiples of 2^-12, so that their means are exact in
// float32.
struct Faces {
  std::size_t d;
  std::vector<double> plain, mirrored;

  std::size_t n() const { return plain.size() / d; }
  PointsView view(const std::vector<double>& values) const { return {nullptr, values.data(), n(), d}; }

  Faces inOrder(const std::vector<std::size_t>& order) const {
    Faces other{d, {}, {}};
    for (const std::size_t row : order) {
      for (std::size_t k = 0; k < d; ++k) {
        other.plain.push_back(plain[row * d + k]);
        other.mirrored.push_back(mirrored[row * d + k]);
      }
    }
    return other;
  }
};

double rounded(double value) { return std::round(value * 4096) / 4096; }

// People whose faces are as far apart as those of dlib's encodings: 0.3 to 0.6 within, around 0.8 between,
// some close.
Faces makeFaces(std::size_t people, std::size_t most, std::size_t d, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal;
  Faces faces{d, {}, {}};
  const double between = 0.5 / std::sqrt(static_cast<double>(d)),
               within = 0.26 / std::sqrt(static_cast<double>(d)),
               turned = 0.14 / std::sqrt(static_cast<double>(d));
  for (std::size_t person = 0; person < people; ++person) {
    std::vector<double> centre(d);
    for (double& value : centre) value = between * normal(random);
    const std::size_t count = 1 + random() % most;
    for (std::size_t face = 0; face < count; ++face) {
      for (std::size_t k = 0; k < d; ++k) {
        const double value = centre[k] + within * normal(random), turn = turned * normal(random);
        faces.plain.push_back(rounded(value + turn));
        faces.mirrored.push_back(rounded(value - turn));
      }
    }
  }
  std::vector<std::size_t> order(faces.n());
  std::iota(order.begin(), order.end(), 0);
  std::shuffle(order.begin(), order.end(), random);
  return faces.inOrder(order);
}

double distance(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t k = 0; k < a.size(); ++k) sum += (a[k] - b[k]) * (a[k] - b[k]);
  return std::sqrt(sum);
}

// The method as docs/grouping.md has it, word by word: everything is computed anew in each round, from the
// faces.
class Definition {
 public:
  Definition(const Faces& faces, bool mirrored, double threshold, const KnownPeople& known = {})
      : mirrored_(mirrored), known_(known) {
    for (std::size_t row = 0; row < faces.n(); ++row) {
      std::vector<double> mean(faces.d);
      double squared = 0;
      for (std::size_t k = 0; k < faces.d; ++k) {
        const double plain = faces.plain[row * faces.d + k];
        const double other = mirrored ? faces.mirrored[row * faces.d + k] : plain;
        mean[k] = (plain + other) / 2;
        squared += (plain - other) * (plain - other);
      }
      x_.push_back(mean);
      less_.push_back(squared / 2);
    }
    findLookedAt();
    merge(mirrored ? 0.48 : 0.54, !known.join);
    const double reach = mirrored ? 0.62 : 0.65;
    std::vector<double> crowd;
    for (std::size_t row = 0; row < x_.size(); ++row) {
      std::vector<double> distances;
      for (const auto& [id, members] : clusters()) {
        if (id != group_[row]) distances.push_back(distance(x_[row], centreOf(members)));
      }
      std::sort(distances.begin(), distances.end());
      crowd.push_back(distances.size() < 10 ? reach : std::min(reach, distances[9]));
    }
    for (std::size_t row = 0; row < x_.size(); ++row) less_[row] -= 0.4 * (reach - crowd[row]);
    merge(threshold, true);
  }

  std::vector<std::int32_t> labels() const {
    std::vector<std::int32_t> labels(group_.size());
    std::int32_t next = 0;
    for (std::size_t row = 0; row < group_.size(); ++row) {
      labels[row] = group_[row] == row ? next++ : labels[group_[row]];
    }
    return labels;
  }

 private:
  using Members = std::vector<std::size_t>;

  std::vector<std::pair<std::size_t, Members>> clusters() const {
    std::vector<std::pair<std::size_t, Members>> found;
    for (std::size_t row = 0; row < group_.size(); ++row) {
      if (group_[row] == row) found.push_back({row, {}});
    }
    for (std::size_t row = 0; row < group_.size(); ++row) {
      for (auto& [id, members] : found) {
        if (id == group_[row]) members.push_back(row);
      }
    }
    return found;
  }

  std::vector<double> centreOf(const Members& members) const {
    std::vector<double> centre(x_[0].size());
    for (const std::size_t row : members) {
      for (std::size_t k = 0; k < centre.size(); ++k)
        centre[k] += x_[row][k] / static_cast<double>(members.size());
    }
    return centre;
  }

  bool areNear(std::size_t i, std::size_t j) const {
    return distance(x_[i], x_[j]) <= (mirrored_ ? 0.50 : 0.52);
  }

  // All of them, or those that are new and nobody's, and others that are nobody's and near to these.
  void findLookedAt() {
    lookedAt_.assign(x_.size(), !known_.fresh || known_.join);
    if (!known_.fresh || known_.join) return;
    Members fresh;
    for (const std::uint32_t row : *known_.fresh) {
      if (known_.people[row] < 0) fresh.push_back(row);
    }
    for (std::size_t row = 0; row < x_.size(); ++row) {
      for (const std::size_t other : fresh) {
        if (known_.people[row] < 0 && areNear(row, other)) lookedAt_[row] = true;
      }
    }
  }

  bool inContact(const Members& a, const Members& b) const {
    for (const std::size_t i : a) {
      for (const std::size_t j : b) {
        if ((lookedAt_[i] || lookedAt_[j]) && areNear(i, j)) return true;
      }
    }
    return false;
  }

  // The root of the mean over all pairs of their squared distances less what is known to be too much, and the
  // surcharge.
  double score(const Members& a, const Members& b) const {
    double sum = 0;
    for (const std::size_t i : a) {
      for (const std::size_t j : b) sum += std::pow(distance(x_[i], x_[j]), 2) - less_[i] - less_[j];
    }
    const auto count = static_cast<double>(a.size() * b.size());
    return std::sqrt(std::max(0.0, sum / count)) +
           0.08 / std::sqrt(static_cast<double>(a.size() + b.size()) / 2);
  }

  // Whether the two together would break what is known.
  bool mustNotBeOne(const Members& a, const Members& b) const {
    const auto holds = [&](const Members& members, std::int32_t person) {
      return std::any_of(members.begin(), members.end(),
                         [&](std::size_t row) { return known_.people[row] == person; });
    };
    const auto eitherWay = [&](const auto& first, const auto& second) {
      return (first(a) && second(b)) || (first(b) && second(a));
    };
    const auto isKept = [&](const Members& members) {
      return std::any_of(members.begin(), members.end(), [&](std::size_t row) {
        const std::int32_t person = known_.people[row];
        return person >= 0 && (!known_.join || std::count(known_.keep.begin(), known_.keep.end(), person));
      });
    };
    if (isKept(a) && isKept(b)) return true;
    for (const auto& [one, other] : known_.apart) {
      const std::int32_t first = one, second = other;
      if (eitherWay([&](const Members& m) { return holds(m, first); },
                    [&](const Members& m) { return holds(m, second); })) {
        return true;
      }
    }
    for (const auto& [row, person] : known_.excluded) {
      const std::size_t face = row;
      const std::int32_t who = person;
      if (eitherWay([&](const Members& m) { return std::count(m.begin(), m.end(), face) > 0; },
                    [&](const Members& m) { return holds(m, who); })) {
        return true;
      }
    }
    return false;
  }

  void merge(double threshold, bool knowing) {
    group_.resize(x_.size());
    std::iota(group_.begin(), group_.end(), 0);
    knowing = knowing && !known_.people.empty();
    for (std::size_t row = 0; knowing && row < x_.size(); ++row) {
      const auto& people = known_.people;
      if (people[row] < 0) continue;
      group_[row] =
          static_cast<std::size_t>(std::find(people.begin(), people.end(), people[row]) - people.begin());
    }
    for (bool merged = true; merged;) {
      merged = false;
      const auto now = clusters();
      std::vector<std::size_t> best(now.size(), now.size());
      for (std::size_t a = 0; a < now.size(); ++a) {
        double lowest = threshold;
        for (std::size_t b = 0; b < now.size(); ++b) {
          if (a == b || !inContact(now[a].second, now[b].second)) continue;
          if (knowing && mustNotBeOne(now[a].second, now[b].second)) continue;
          const double one = score(now[a].second, now[b].second);
          if (one < lowest || (one == lowest && best[a] == now.size())) {
            lowest = one;
            best[a] = b;
          }
        }
      }
      for (std::size_t a = 0; a < now.size(); ++a) {
        if (best[a] == now.size() || best[a] < a || best[best[a]] != a) continue;
        for (const std::size_t row : now[best[a]].second) group_[row] = now[a].first;
        merged = true;
      }
    }
  }

  const bool mirrored_;
  const KnownPeople known_;
  std::vector<std::vector<double>> x_;
  std::vector<double> less_;
  std::vector<bool> lookedAt_;
  std::vector<std::size_t> group_;
};

LinkageResult run(const Faces& faces, bool mirrored, double threshold, std::size_t threads = 2,
                  std::size_t maxMemory = std::size_t{1} << 24, const KnownPeople& known = {}) {
  LinkageOptions options;
  options.known = known;
  options.threshold = threshold;
  options.threads = threads;
  options.maxMemory = maxMemory;
  const PointsView others = faces.view(faces.mirrored);
  return linkage(faces.view(faces.plain), mirrored ? &others : nullptr, options, CancelToken());
}

// The same partition: one label for one label.
// - shuffled: of row order[i], at i
void expectSamePartition(const std::vector<std::int32_t>& shuffled, const std::vector<std::int32_t>& labels,
                         const std::vector<std::size_t>& order) {
  std::vector<std::int32_t> other(labels.size(), -1);
  for (std::size_t place = 0; place < order.size(); ++place) {
    std::int32_t& label = other[static_cast<std::size_t>(shuffled[place])];
    if (label == -1) label = labels[order[place]];
    ASSERT_EQ(labels[order[place]], label);
  }
  EXPECT_EQ(std::set<std::int32_t>(shuffled.begin(), shuffled.end()).size(),
            std::set<std::int32_t>(labels.begin(), labels.end()).size());
}

TEST(Linkage, HandlesNoneOneAndTwoFaces) {
  EXPECT_EQ(run({2, {}, {}}, false, 0.6).clusters, 0);
  EXPECT_EQ(run({2, {1, 2}, {1, 2}}, true, 0.6).labels, (std::vector<std::int32_t>{0}));
  EXPECT_EQ(run({1, {0, 0.25}, {}}, false, 0.61).labels, (std::vector<std::int32_t>{0, 0}));
  EXPECT_EQ(run({1, {0, 0.75}, {}}, false, 0.61).labels, (std::vector<std::int32_t>{0, 1}));
}

TEST(Linkage, EqualsTheDefinition) {
  for (const unsigned seed : {1u, 2u, 3u, 4u}) {
    for (const bool mirrored : {false, true}) {
      SCOPED_TRACE(testing::Message() << "seed " << seed << (mirrored ? ", mirrored" : ""));
      const Faces faces = makeFaces(40, 9, seed % 2 ? 128 : 20, seed);
      const double threshold = mirrored ? 0.56 : 0.61;
      const std::vector<std::int32_t> expected = Definition(faces, mirrored, threshold).labels();
      const LinkageResult result = run(faces, mirrored, threshold);
      EXPECT_EQ(result.labels, expected);
      EXPECT_EQ(result.clusters, 1 + *std::max_element(expected.begin(), expected.end()));
      // Neither all alone nor all together: else it would be right by chance.
      EXPECT_GT(result.clusters, 20);
      EXPECT_LT(result.clusters, static_cast<std::int32_t>(faces.n()) - 60);
    }
  }
}

TEST(Linkage, IsTheSameForAnyThreadsInstructionSetAndOrder) {
  const Faces faces = makeFaces(300, 12, 128, 5);
  const std::vector<std::int32_t> labels = run(faces, true, 0.56, 1).labels;
  onEachInstructionSet([&] {
    for (const std::size_t threads : {1, 2, 7}) EXPECT_EQ(run(faces, true, 0.56, threads).labels, labels);
  });
  std::mt19937 random(6);
  std::vector<std::size_t> order(faces.n());
  std::iota(order.begin(), order.end(), 0);
  for (int i = 0; i < 3; ++i) {
    std::shuffle(order.begin(), order.end(), random);
    expectSamePartition(run(faces.inOrder(order), true, 0.56).labels, labels, order);
  }
}

// What somebody may know of faces: who some of them are, mostly rightly, and what they must not become.
KnownPeople makeKnown(const Faces& faces, double share, bool join, unsigned seed) {
  std::mt19937 random(seed);
  const auto below = [&](std::size_t count) { return static_cast<std::size_t>(random() % count); };
  const std::vector<std::int32_t> groups = run(faces, true, 0.5).labels;
  KnownPeople known;
  known.join = join;
  for (const std::int32_t group : groups) {
    const bool told = static_cast<double>(below(1000)) < 1000 * share;
    // Numbers with gaps; and now and then somebody else's.
    known.people.push_back(!told ? -1 : 7 * (below(20) == 0 ? groups[below(groups.size())] : group));
  }
  std::vector<std::int32_t> there;
  for (const std::int32_t person : known.people) {
    if (person >= 0) there.push_back(person);
  }
  if (there.empty()) return known;
  const auto anybody = [&] { return there[below(there.size())]; };
  for (int i = 0; i < 12; ++i) known.keep.push_back(anybody());
  for (int i = 0; i < 40; ++i) {
    const std::int32_t a = anybody(), b = anybody();
    if (a != b) known.apart.emplace_back(a, b);
    const auto row = static_cast<std::uint32_t>(below(faces.n()));
    const std::int32_t person = anybody();
    if (known.people[row] != person) known.excluded.emplace_back(row, person);
  }
  // Of faces that are alike, which is where it matters.
  for (std::uint32_t row = 0; row < faces.n(); ++row) {
    if (known.people[row] != 7 * groups[row] && below(4) == 0 &&
        std::count(there.begin(), there.end(), 7 * groups[row])) {
      known.excluded.emplace_back(row, 7 * groups[row]);
    }
  }
  return known;
}

void expectKept(const KnownPeople& known, const std::vector<std::int32_t>& labels) {
  std::unordered_map<std::int32_t, std::int32_t> of;
  for (std::size_t row = 0; row < labels.size(); ++row) {
    if (known.people[row] < 0) continue;
    EXPECT_EQ(of.emplace(known.people[row], labels[row]).first->second, labels[row]);
  }
  for (const auto& [a, b] : known.apart) EXPECT_NE(of.at(a), of.at(b));
  for (const auto& [row, person] : known.excluded) EXPECT_NE(labels[row], of.at(person));
  std::set<std::int32_t> kept(known.keep.begin(), known.keep.end()), theirs;
  if (!known.join) {
    for (const auto& [person, label] : of) kept.insert(person);
  }
  for (const std::int32_t person : kept) theirs.insert(of.at(person));
  EXPECT_EQ(theirs.size(), kept.size());
}

TEST(Linkage, EqualsTheDefinitionWherePeopleAreKnown) {
  for (const unsigned seed : {1u, 2u, 3u, 4u}) {
    for (const bool join : {false, true}) {
      // Few enough that are nobody's to be compared one by one, and too many.
      for (const double share : {0.1, 0.6, 0.9, 1.0}) {
        SCOPED_TRACE(testing::Message() << "seed " << seed << ", " << share << (join ? ", join" : ""));
        const bool mirrored = seed > 1;
        const Faces faces = makeFaces(40, 9, seed % 2 ? 128 : 20, seed);
        const double threshold = mirrored ? 0.56 : 0.61;
        const KnownPeople known = makeKnown(faces, share, join, seed);
        const std::vector<std::int32_t> labels =
            run(faces, mirrored, threshold, 2, std::size_t{1} << 24, known).labels;
        EXPECT_EQ(labels, Definition(faces, mirrored, threshold, known).labels());
        expectKept(known, labels);
        // What is known matters.
        EXPECT_NE(labels, run(faces, mirrored, threshold).labels);
      }
    }
  }
}

TEST(Linkage, EqualsTheDefinitionWhereOnlySomeAreNew) {
  std::size_t changed = 0;
  for (const unsigned seed : {1u, 2u, 3u, 4u}) {
    for (const std::size_t count : {1, 3, 60}) {
      for (const bool join : {false, true}) {
        SCOPED_TRACE(testing::Message() << "seed " << seed << ", " << count << (join ? ", join" : ""));
        const Faces faces = makeFaces(40, 9, seed % 2 ? 128 : 20, seed);
        KnownPeople known = makeKnown(faces, 0.5, join, seed);
        const std::vector<std::int32_t> all = run(faces, true, 0.56, 2, std::size_t{1} << 24, known).labels;
        std::mt19937 random(seed);
        known.fresh.emplace();
        for (std::size_t i = 0; i < count; ++i) {
          known.fresh->push_back(static_cast<std::uint32_t>(random() % faces.n()));
        }
        const std::vector<std::int32_t> some = run(faces, true, 0.56, 2, std::size_t{1} << 24, known).labels;
        EXPECT_EQ(some, Definition(faces, true, 0.56, known).labels());
        expectKept(known, some);
        changed += some != all;
        known.fresh->resize(faces.n());
        std::iota(known.fresh->begin(), known.fresh->end(), 0);
        EXPECT_EQ(run(faces, true, 0.56, 2, std::size_t{1} << 24, known).labels, all);
      }
    }
  }
  EXPECT_GT(changed, 6u);
}

TEST(Linkage, IsTheSameForAnyThreadsInstructionSetAndOrderWherePeopleAreKnown) {
  const Faces faces = makeFaces(300, 12, 128, 5);
  for (const bool join : {false, true}) {
    for (const double share : {0.5, 0.99}) {
      const KnownPeople known = makeKnown(faces, share, join, 3);
      const std::size_t memory = std::size_t{1} << 24;
      const std::vector<std::int32_t> labels = run(faces, true, 0.56, 1, memory, known).labels;
      onEachInstructionSet([&] {
        for (const std::size_t threads : {1, 2, 7}) {
          EXPECT_EQ(run(faces, true, 0.56, threads, memory, known).labels, labels);
        }
      });
      std::mt19937 random(6);
      std::vector<std::size_t> order(faces.n());
      std::iota(order.begin(), order.end(), 0);
      for (int i = 0; i < 3; ++i) {
        std::shuffle(order.begin(), order.end(), random);
        KnownPeople other = known;
        std::vector<std::uint32_t> placeOf(order.size());
        for (std::uint32_t place = 0; place < order.size(); ++place) {
          placeOf[order[place]] = place;
          other.people[place] = known.people[order[place]];
        }
        for (auto& [row, person] : other.excluded) row = placeOf[row];
        std::shuffle(other.excluded.begin(), other.excluded.end(), random);
        std::shuffle(other.apart.begin(), other.apart.end(), random);
        expectSamePartition(run(faces.inOrder(order), true, 0.56, 2, memory, other).labels, labels, order);
      }
    }
  }
}

// Points on a line, without mirror images.
std::vector<std::int32_t> onLine(const std::vector<double>& values, const KnownPeople& known) {
  return run({1, values, {}}, false, 0.61, 2, std::size_t{1} << 24, known).labels;
}
using Labels = std::vector<std::int32_t>;

TEST(Linkage, LooksOnlyAroundWhatIsNew) {
  const std::vector<double> values{0, 0.1, 8, 8.1};
  KnownPeople known{{5, -1, -1, 9}, false, {}, {}, {}, {}};
  EXPECT_EQ(onLine(values, known), (Labels{0, 0, 1, 1}));
  known.fresh.emplace();
  EXPECT_EQ(onLine(values, known), (Labels{0, 1, 2, 3}));
  // What is somebody's is where it belongs, new or not.
  known.fresh = {0, 3};
  EXPECT_EQ(onLine(values, known), (Labels{0, 1, 2, 3}));
  known.fresh = {1};
  EXPECT_EQ(onLine(values, known), (Labels{0, 0, 1, 2}));
}

TEST(Linkage, KeepsAPersonTogetherHoweverFarTheFacesAre) {
  for (const bool join : {false, true}) {
    KnownPeople known{{4, -1, 4, -1}, join, {}, {}, {}, {}};
    EXPECT_EQ(onLine({0, 20, 9, 20.1}, known), (Labels{0, 1, 0, 1}));
  }
}

TEST(Linkage, JoinsPeopleOnlyWhereTheyMay) {
  const std::vector<double> values{0, 0.1, 0.2, 0.3};
  const std::vector<std::int32_t> people{5, 5, 9, 9};
  EXPECT_EQ(onLine(values, {people, true, {}, {}, {}, {}}), (Labels{0, 0, 0, 0}));
  EXPECT_EQ(onLine(values, {people, false, {}, {}, {}, {}}), (Labels{0, 0, 1, 1}));
  EXPECT_EQ(onLine(values, {people, true, {9}, {}, {}, {}}), (Labels{0, 0, 0, 0}));
  EXPECT_EQ(onLine(values, {people, true, {9, 5}, {}, {}, {}}), (Labels{0, 0, 1, 1}));
  EXPECT_EQ(onLine(values, {people, true, {}, {{9, 5}}, {}, {}}), (Labels{0, 0, 1, 1}));
  EXPECT_EQ(onLine(values, {people, true, {}, {}, {{1, 9}}, {}}), (Labels{0, 0, 1, 1}));
}

TEST(Linkage, WhoMayNotJoinTheNearestJoinsTheNext) {
  // The third is nearest to the first two, and near enough to the last two.
  const std::vector<double> values{0, 0, 0.2, 0.5, 0.5};
  const std::vector<std::int32_t> people{0, 0, -1, 1, 1};
  EXPECT_EQ(onLine(values, {people, false, {}, {}, {}, {}}), (Labels{0, 0, 0, 1, 1}));
  EXPECT_EQ(onLine(values, {people, false, {}, {}, {{2, 0}}, {}}), (Labels{0, 0, 1, 1, 1}));
  EXPECT_EQ(onLine(values, {people, false, {}, {}, {{2, 0}, {2, 1}}, {}}), (Labels{0, 0, 1, 2, 2}));
}

TEST(Linkage, WhatMustNotBeHoldsForAllThatJoins) {
  // The second is not who the last is. It joins the first, which may; then both may not.
  const std::vector<double> values{0.2, 0.19, 0.5};
  EXPECT_EQ(onLine(values, {{-1, -1, 3}, true, {}, {}, {}, {}}), (Labels{0, 0, 0}));
  EXPECT_EQ(onLine(values, {{-1, -1, 3}, true, {}, {}, {{1, 3}}, {}}), (Labels{0, 0, 1}));
  // The two people in the middle become one, who is apart from both of those outside.
  const std::vector<double> row{0, 0.3, 0.31, 0.6};
  const std::vector<std::int32_t> people{0, 1, 2, 3};
  EXPECT_EQ(onLine(row, {people, true, {}, {{0, 1}, {2, 3}, {0, 3}}, {}, {}}), (Labels{0, 1, 1, 2}));
  // Who is kept stays kept with those who join.
  EXPECT_EQ(onLine(row, {people, true, {0, 2, 3}, {}, {}, {}}), (Labels{0, 1, 1, 2}));
}

TEST(Linkage, PeopleOfWhomThereIsNoFaceAreNobody) {
  EXPECT_EQ(onLine({0, 0.1}, {{1, -1}, true, {8, 1}, {{8, 1}, {1, 8}}, {{1, 8}}, {}}), (Labels{0, 0}));
}

TEST(Linkage, KeepsPeopleApartThatAChainJoins) {
  // A row of points, each 0.3 from the next: DBSCAN with any eps from 0.3 on makes one cluster of them.
  Faces chain{1, {}, {}};
  for (int i = 0; i < 40; ++i) chain.plain.push_back(0.3 * i);
  const LinkageResult result = run(chain, false, 0.61);
  EXPECT_GT(result.clusters, 10);
  for (std::size_t a = 0; a < 40; ++a) {
    for (std::size_t b = a + 6; b < 40; ++b) EXPECT_NE(result.labels[a], result.labels[b]);
  }
}

TEST(Linkage, TakesTheNearestContactsWhereMemoryIsShort) {
  // A hundred photos of one person, two hundred people around.
  Faces faces = makeFaces(200, 3, 64, 8);
  std::mt19937 random(9);
  std::normal_distribution<double> normal;
  for (std::size_t i = 0; i < 100 * faces.d; ++i) {
    const double value = 0.02 * normal(random);
    faces.plain.push_back(rounded(value));
    faces.mirrored.push_back(rounded(value));
  }
  const LinkageResult all = run(faces, true, 0.56);
  EXPECT_EQ(all.nearestOnly, 0u);
  const std::size_t bytes = 8 * faces.n() * 30;
  const LinkageResult some = run(faces, true, 0.56, 2, bytes);
  EXPECT_EQ(some.nearestOnly, 30u);
  EXPECT_EQ(some.labels, all.labels);
  EXPECT_EQ(run(faces, true, 0.56, 7, bytes).labels, all.labels);
  EXPECT_EQ(run(faces, true, 0.56, 2, 0).nearestOnly, 8u);
}

TEST(Linkage, PutsCopiesTogether) {
  Faces faces = makeFaces(1, 1, 128, 3);
  const Faces one = faces;
  for (int i = 0; i < 500; ++i) {
    faces.plain.insert(faces.plain.end(), one.plain.begin(), one.plain.end());
    faces.mirrored.insert(faces.mirrored.end(), one.mirrored.begin(), one.mirrored.end());
  }
  EXPECT_EQ(run(faces, true, 0.56).clusters, 1);
  EXPECT_EQ(run(faces, true, 0.56, 2, 0).clusters, 1);
}

TEST(Linkage, NamesTheRowOfAValueThatIsNotFinite) {
  for (const double bad :
       {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(), 1e300}) {
    for (const bool inMirror : {false, true}) {
      Faces faces = makeFaces(20, 3, 8, 1);
      (inMirror ? faces.mirrored : faces.plain)[5 * 8 + 2] = bad;
      try {
        run(faces, true, 0.56);
        FAIL() << bad;
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::InvalidArgument);
        EXPECT_NE(std::string(error.what()).find("row 5"), std::string::npos) << error.what();
      }
    }
  }
}

TEST(Linkage, CanBeCancelledFromItsProgressWhichRisesToOne) {
  const Faces faces = makeFaces(400, 6, 128, 2);
  LinkageOptions options;
  options.threshold = 0.61;
  options.threads = 2;
  std::vector<double> reported;
  options.onProgress = [&](double fraction) { reported.push_back(fraction); };
  linkage(faces.view(faces.plain), nullptr, options, CancelToken());
  ASSERT_FALSE(reported.empty());
  EXPECT_TRUE(std::is_sorted(reported.begin(), reported.end()));
  EXPECT_GT(reported.front(), 0);
  EXPECT_EQ(reported.back(), 1);
  for (const double at : {0.0, 0.5, 0.9}) {
    CancelToken cancel;
    options.onProgress = [&](double fraction) {
      if (fraction > at) cancel.cancel();
    };
    try {
      linkage(faces.view(faces.plain), nullptr, options, cancel);
      FAIL() << at;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::Aborted);
    }
  }
}

TEST(Linkage, CanBeCancelledWherePeopleAreKnown) {
  const Faces faces = makeFaces(400, 6, 128, 2);
  for (const double share : {0.5, 0.99}) {
    for (const bool join : {false, true}) {
      SCOPED_TRACE(testing::Message() << share << (join ? ", join" : ""));
      LinkageOptions options;
      options.threshold = 0.61;
      options.threads = 2;
      options.known = makeKnown(faces, share, join, 4);
      std::vector<double> reported;
      options.onProgress = [&](double fraction) { reported.push_back(fraction); };
      linkage(faces.view(faces.plain), nullptr, options, CancelToken());
      EXPECT_TRUE(std::is_sorted(reported.begin(), reported.end()));
      EXPECT_EQ(reported.back(), 1);
      ASSERT_GT(reported.size(), 3u);
      for (const double at : {0.0, reported[reported.size() - 3]}) {
        CancelToken cancel;
        options.onProgress = [&](double fraction) {
          if (fraction > at) cancel.cancel();
        };
        EXPECT_THROW(linkage(faces.view(faces.plain), nullptr, options, cancel), Error) << at;
      }
    }
  }
}

TEST(Linkage, TakesTheNearestContactsOfThoseWhoAreNobodyWhereMemoryIsShort) {
  const Faces faces = makeFaces(60, 40, 64, 8);
  for (const double share : {0.5, 0.99}) {
    const KnownPeople known = makeKnown(faces, share, false, 5);
    const LinkageResult all = run(faces, true, 0.56, 2, std::size_t{1} << 24, known);
    EXPECT_EQ(all.nearestOnly, 0u);
    const LinkageResult some = run(faces, true, 0.56, 2, 0, known);
    EXPECT_EQ(some.nearestOnly, 8u);
    expectKept(known, some.labels);
    EXPECT_EQ(run(faces, true, 0.56, 7, 0, known).labels, some.labels);
  }
}

}  // namespace
}  // namespace fcn
