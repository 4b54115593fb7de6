#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "../core/clustering/dbscan.h"
#include "../core/clustering/k_distances.h"
#include "../core/clustering/neighbors/bounds.h"
#include "../core/clustering/neighbors/kernels.h"
#include "../core/clustering/radius_neighbors.h"
#include "instruction_sets.h"

namespace fcn {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Points and distances at which a wrong bound would show.
struct HardSet {
  const char* name;
  std::size_t d;
  std::vector<double> values;
  std::vector<double> distances;  // to ask for

  std::size_t n() const { return values.size() / d; }
  PointsView view() const { return {nullptr, values.data(), n(), d}; }
};

// Distances that some pairs have exactly, and the numbers next to them.
std::vector<double> distancesOf(const HardSet& set, std::mt19937& random) {
  std::vector<double> chosen;
  for (int i = 0; i < 2; ++i) {
    const double squared = squaredDistance(set.view(), random() % set.n(), random() % set.n(), kInfinity);
    if (!std::isfinite(squared)) continue;
    const double distance = std::sqrt(squared);
    for (const double eps : {std::nextafter(distance, 0), distance, std::nextafter(distance, kInfinity)}) {
      chosen.push_back(eps);
    }
  }
  return chosen;
}

std::vector<HardSet> hardSets() {
  struct Kind {
    const char* name;
    double scale, offset;
  };
  // Clusters of different widths, moved and scaled.
  const Kind kinds[] = {
      {"plain", 1, 0},         {"large offset", 1, 1e6},     {"huge offset", 1, 1e15},
      {"large", 1e30, 0},      {"beyond float32", 1e60, 0},  {"squares overflow", 1e180, 0},
      {"small", 1e-30, 0},     {"below float32", 1e-60, 0},  {"squares underflow", 1e-180, 0},
      {"denormal", 3e-320, 0}, {"small, offset", 1e-12, 3e4}};
  std::mt19937 random(11);
  std::normal_distribution<double> normal;
  std::vector<HardSet> sets;
  for (const Kind& kind : kinds) {
    for (const std::size_t d : {std::size_t{1}, std::size_t{5}, std::size_t{128}}) {
      HardSet set{kind.name, d, {}, {}};
      std::vector<double> centres(7 * d);
      for (double& value : centres) value = normal(random);
      for (std::size_t i = 0; i < 230; ++i) {
        const double width = std::pow(10.0, -static_cast<double>(random() % 8));
        const std::size_t cluster = random() % 7;
        for (std::size_t j = 0; j < d; ++j) {
          set.values.push_back((centres[cluster * d + j] + width * normal(random)) * kind.scale +
                               kind.offset);
        }
      }
      set.distances = distancesOf(set, random);
      set.distances.push_back(0);
      sets.push_back(set);
    }
  }
  // One point that is far away from all others.
  HardSet outlier = sets[2];
  outlier.name = "outlier";
  outlier.values[5] = 1e25;
  sets.push_back(outlier);
  return sets;
}

void expectRadiusNeighbors(const PointsView& points, double eps, const RadiusNeighborsOptions& options) {
  RadiusNeighborsOptions used = options;
  used.eps = eps;
  const RadiusNeighbors found = radiusNeighbors(points, used, CancelToken());
  ASSERT_EQ(found.offsets.size(), points.n + 1);
  std::vector<std::uint32_t> indices;
  std::vector<double> distances;
  for (std::size_t a = 0; a < points.n; ++a) {
    ASSERT_EQ(found.offsets[a], indices.size()) << "row " << a;
    for (std::size_t b = 0; b < points.n; ++b) {
      const double squared = squaredDistance(points, a, b, kInfinity);
      if (!(squared <= eps * eps)) continue;
      indices.push_back(static_cast<std::uint32_t>(b));
      distances.push_back(std::sqrt(squared));
    }
  }
  EXPECT_EQ(found.offsets.back(), indices.size());
  EXPECT_EQ(found.indices, indices);
  EXPECT_EQ(found.distances, distances);
}

TEST(Kernels, CanBeToldWhichInstructionSetToUse) {
  EXPECT_FALSE(instructionSets().empty());
  EXPECT_FALSE(useInstructionSet("none such"));
}

TEST(Kernels, FloatDistancesAreWithinTheirBound) {
  std::mt19937 random(3);
  std::normal_distribution<float> normal(100, 1);
  onEachInstructionSet([&] {
    for (const std::size_t d : {1, 3, 4, 7, 8, 31, 64, 100, 128, 129, 2048}) {
      std::vector<float> rows(20 * d);
      for (float& value : rows) value = normal(random);
      const RowPair pairs[] = {{0, 0}, {0, 19}, {0, 7}, {3, 7}};
      float found[4];
      squaredDistances(rows.data(), pairs, 4, d, found);
      for (std::size_t i = 0; i < 4; ++i) {
        const double exact =
            squaredDistance(rows.data() + pairs[i].a * d, rows.data() + pairs[i].b * d, d, kInfinity);
        EXPECT_NEAR(found[i], exact, exact * static_cast<double>(d + 5) * 0x1p-24);
      }
    }
  });
}

TEST(Neighbors, RadiusNeighborsAreExactWhereFloat32IsNot) {
  const std::vector<HardSet> sets = hardSets();
  onEachInstructionSet([&] {
    for (const HardSet& set : sets) {
      for (const double eps : set.distances) {
        SCOPED_TRACE(testing::Message() << set.name << ", d " << set.d << ", eps " << eps);
        expectRadiusNeighbors(set.view(), eps, {});
      }
    }
  });
}

TEST(Neighbors, RadiusNeighborsOfFloat32PointsAreExactToo) {
  for (const HardSet& set : hardSets()) {
    std::vector<float> values;
    for (const double value : set.values) {
      const auto narrow = static_cast<float>(value);
      values.push_back(std::isfinite(narrow) ? narrow : std::numeric_limits<float>::max());
    }
    for (const double eps : set.distances) {
      SCOPED_TRACE(testing::Message() << set.name << ", d " << set.d << ", eps " << eps);
      expectRadiusNeighbors({values.data(), nullptr, set.n(), set.d}, eps, {});
    }
  }
}

TEST(Neighbors, TheResultDoesNotDependOnThreadsAndMemory) {
  const HardSet set = hardSets()[1];
  for (const std::size_t threads : {1, 2, 7}) {
    // Enough for the result, but not for pairs beside it.
    const std::size_t bytes = 12 * radiusNeighbors(set.view(), {}, CancelToken()).indices.size();
    for (const std::size_t maxMemory : {std::size_t{1} << 30, bytes}) {
      RadiusNeighborsOptions options;
      options.threads = threads;
      options.maxMemory = maxMemory;
      expectRadiusNeighbors(set.view(), 0.5, options);
    }
    RadiusNeighborsOptions options;
    options.maxMemory = bytes - 1;
    try {
      radiusNeighbors(set.view(), options, CancelToken());
      FAIL();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::OutOfMemory);
    }
  }
}

std::vector<double> expectedKDistances(const PointsView& points, std::size_t k) {
  std::vector<double> expected;
  for (std::size_t a = 0; a < points.n; ++a) {
    std::vector<double> distances;
    for (std::size_t b = 0; b < points.n; ++b) {
      if (b != a) distances.push_back(std::sqrt(squaredDistance(points, a, b, kInfinity)));
    }
    std::sort(distances.begin(), distances.end());
    expected.push_back(distances[k - 1]);
  }
  return expected;
}

TEST(Neighbors, KDistancesAreExactWhereFloat32IsNot) {
  const std::vector<HardSet> sets = hardSets();
  onEachInstructionSet([&] {
    for (const HardSet& set : sets) {
      for (const std::size_t k : {std::size_t{1}, std::size_t{4}, std::size_t{100}, set.n() - 1}) {
        SCOPED_TRACE(testing::Message() << set.name << ", d " << set.d << ", k " << k);
        KDistancesOptions options;
        options.k = k;
        options.threads = 2;
        options.maxMemory = k == 100 ? 1 << 14 : 1 << 24;
        EXPECT_EQ(kDistances(set.view(), options, CancelToken()), expectedKDistances(set.view(), k));
      }
    }
  });
}

TEST(Neighbors, NoPoints) {
  const PointsView none{nullptr, nullptr, 0, 128};
  const std::vector<double> nothing(1);
  const PointsView empty{nullptr, nothing.data(), 0, 128};
  EXPECT_EQ(radiusNeighbors(empty, {}, CancelToken()).offsets, (std::vector<std::uint64_t>{0}));
  EXPECT_TRUE(kDistances(none, {}, CancelToken()).empty());
}

TEST(Neighbors, CanBeCancelledFromTheirProgress) {
  const HardSet set = hardSets()[0];
  CancelToken cancel;
  RadiusNeighborsOptions radius;
  radius.onProgress = [&](double) { cancel.cancel(); };
  EXPECT_THROW(radiusNeighbors(set.view(), radius, cancel), Error);
  CancelToken another;
  KDistancesOptions nearest;
  nearest.onProgress = [&](double) { another.cancel(); };
  EXPECT_THROW(kDistances(set.view(), nearest, another), Error);
}

// Careful enough not to lose a pair, and not so careful that every pair has to be looked at twice.
TEST(Bounds, AreTightAndOnTheSafeSide) {
  const double limit = 0.25, step = 0.004, error = 2;
  const double reach = 0.5 / step + 2 * error;
  EXPECT_GE(sketchLimit(limit, step, error), reach * reach / 2 + 0.5);
  EXPECT_LT(sketchLimit(limit, step, error), reach * reach / 2 + 3);
  EXPECT_EQ(sketchLimit(limit, step / 1000, error), 65535);
  EXPECT_EQ(sketchLimit(kInfinity, step, error), 65535);
  const PairBounds bounds(limit, 128);
  EXPECT_EQ(bounds(0.25F, 0), PairBounds::Verdict::Unknown);
  EXPECT_EQ(bounds(0.2501F, 0), PairBounds::Verdict::Apart);
  EXPECT_EQ(bounds(0.2499F, 0), PairBounds::Verdict::Neighbours);
  EXPECT_EQ(bounds(0.2501F, 0.001), PairBounds::Verdict::Unknown);
  EXPECT_EQ(bounds(std::numeric_limits<float>::infinity(), 0), PairBounds::Verdict::Unknown);
}

// Blocks are skipped, cores join early, and pairs are left out: none of it may show in the labels.
TEST(Neighbors, DbscanEqualsTheNeighboursOfEachPoint) {
  std::mt19937 random(5);
  std::normal_distribution<double> normal;
  for (const std::size_t d : {std::size_t{2}, std::size_t{128}}) {
    const std::size_t n = 2500;
    std::vector<double> values;
    std::vector<double> centre(d);
    for (std::size_t i = 0; i < n; ++i) {
      if (i % (1 + random() % 600) == 0) {
        for (double& value : centre) value = normal(random);
      }
      for (std::size_t j = 0; j < d; ++j) values.push_back(centre[j] + 0.3 * normal(random) / std::sqrt(d));
    }
    const PointsView points{nullptr, values.data(), n, d};
    RadiusNeighborsOptions options;
    options.eps = d == 2 ? 0.02 : 0.41;
    const RadiusNeighbors near = radiusNeighbors(points, options, CancelToken());

    // The definition: clusters grow from each core point not yet reached, in the order of the points.
    const std::size_t minSamples = 4;
    std::vector<std::int32_t> expected(n, -1);
    std::int32_t cluster = 0;
    const auto isCore = [&](std::size_t i) { return near.offsets[i + 1] - near.offsets[i] >= minSamples; };
    for (std::size_t i = 0; i < n; ++i) {
      if (expected[i] != -1 || !isCore(i)) continue;
      std::vector<std::size_t> stack{i};
      expected[i] = cluster;
      while (!stack.empty()) {
        const std::size_t point = stack.back();
        stack.pop_back();
        if (!isCore(point)) continue;
        for (std::uint64_t at = near.offsets[point]; at < near.offsets[point + 1]; ++at) {
          if (expected[near.indices[at]] != -1) continue;
          expected[near.indices[at]] = cluster;
          stack.push_back(near.indices[at]);
        }
      }
      ++cluster;
    }
    ASSERT_GT(cluster, 10);
    onEachInstructionSet([&] {
      for (const std::size_t threads : {1, 2, 7}) {
        for (const std::size_t maxMemory : {std::size_t{1} << 24, std::size_t{1000}}) {
          DbscanOptions dbscanOptions;
          dbscanOptions.eps = options.eps;
          dbscanOptions.minSamples = minSamples;
          dbscanOptions.threads = threads;
          dbscanOptions.maxMemory = maxMemory;
          EXPECT_EQ(dbscan(points, dbscanOptions, CancelToken()).labels, expected);
        }
      }
    });
  }
}

}  // namespace
}  // namespace fcn
