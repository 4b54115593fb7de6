#include "../core/clustering/linkage.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>

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
  Definition(const Faces& faces, bool mirrored, double threshold) : mirrored_(mirrored) {
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
    merge(mirrored ? 0.48 : 0.54);
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
    merge(threshold);
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

  bool inContact(const Members& a, const Members& b) const {
    for (const std::size_t i : a) {
      for (const std::size_t j : b) {
        if (distance(x_[i], x_[j]) <= (mirrored_ ? 0.50 : 0.52)) return true;
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

  void merge(double threshold) {
    group_.resize(x_.size());
    std::iota(group_.begin(), group_.end(), 0);
    for (bool merged = true; merged;) {
      merged = false;
      const auto now = clusters();
      std::vector<std::size_t> best(now.size(), now.size());
      for (std::size_t a = 0; a < now.size(); ++a) {
        double lowest = threshold;
        for (std::size_t b = 0; b < now.size(); ++b) {
          if (a == b || !inContact(now[a].second, now[b].second)) continue;
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
  std::vector<std::vector<double>> x_;
  std::vector<double> less_;
  std::vector<std::size_t> group_;
};

LinkageResult run(const Faces& faces, bool mirrored, double threshold, std::size_t threads = 2,
                  std::size_t maxMemory = std::size_t{1} << 24) {
  LinkageOptions options;
  options.threshold = threshold;
  options.threads = threads;
  options.maxMemory = maxMemory;
  const PointsView others = faces.view(faces.mirrored);
  return linkage(faces.view(faces.plain), mirrored ? &others : nullptr, options, CancelToken());
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
    const std::vector<std::int32_t> shuffled = run(faces.inOrder(order), true, 0.56).labels;
    // The same partition: one label for one label.
    std::vector<std::int32_t> other(faces.n(), -1);
    for (std::size_t place = 0; place < order.size(); ++place) {
      std::int32_t& label = other[static_cast<std::size_t>(shuffled[place])];
      if (label == -1) label = labels[order[place]];
      ASSERT_EQ(labels[order[place]], label);
    }
  }
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

}  // namespace
}  // namespace fcn
