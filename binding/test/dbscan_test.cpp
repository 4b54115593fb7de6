#include "../core/clustering/dbscan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <ctime>
#include <limits>
#include <numeric>
#include <random>
#include <thread>

namespace fcn {
namespace {

PointsView view(const std::vector<double>& values, std::size_t d) {
  return {nullptr, values.data(), values.size() / d, d};
}

std::vector<std::int32_t> labelsOf(const std::vector<double>& values, std::size_t d, double eps,
                                   std::size_t minSamples, std::size_t threads = 2,
                                   std::size_t maxMemory = std::size_t{1} << 24) {
  DbscanOptions options;
  options.eps = eps;
  options.minSamples = minSamples;
  options.threads = threads;
  options.maxMemory = maxMemory;
  return dbscan(view(values, d), options, CancelToken()).labels;
}

// The definition, word by word: grow a cluster from each core point not yet reached, in the order of the
// points; who is reached first keeps its label.
std::vector<std::int32_t> expectedLabels(const std::vector<double>& values, std::size_t d, double eps,
                                         std::size_t minSamples) {
  const std::size_t n = values.size() / d;
  std::vector<std::vector<std::size_t>> neighbours(n);
  for (std::size_t a = 0; a < n; ++a) {
    for (std::size_t b = 0; b < n; ++b) {
      double sum = 0;
      for (std::size_t k = 0; k < d; ++k) sum += std::pow(values[a * d + k] - values[b * d + k], 2);
      if (sum <= eps * eps) neighbours[a].push_back(b);
    }
  }
  std::vector<std::int32_t> labels(n, -1);
  std::int32_t cluster = 0;
  for (std::size_t i = 0; i < n; ++i) {
    if (labels[i] != -1 || neighbours[i].size() < minSamples) continue;
    std::vector<std::size_t> stack{i};
    labels[i] = cluster;
    while (!stack.empty()) {
      const std::size_t point = stack.back();
      stack.pop_back();
      if (neighbours[point].size() < minSamples) continue;
      for (const std::size_t next : neighbours[point]) {
        if (labels[next] != -1) continue;
        labels[next] = cluster;
        stack.push_back(next);
      }
    }
    ++cluster;
  }
  return labels;
}

TEST(Dbscan, HandlesNoneOneAndTwoPoints) {
  EXPECT_TRUE(labelsOf({}, 1, 0.5, 1).empty());
  EXPECT_EQ(labelsOf({3}, 1, 0.5, 1), (std::vector<std::int32_t>{0}));
  EXPECT_EQ(labelsOf({3}, 1, 0.5, 2), (std::vector<std::int32_t>{-1}));
  EXPECT_EQ(labelsOf({3, 3.5}, 1, 0.5, 2), (std::vector<std::int32_t>{0, 0}));
  EXPECT_EQ(labelsOf({3, 3.51}, 1, 0.5, 2), (std::vector<std::int32_t>{-1, -1}));
}

TEST(Dbscan, CountsPointsExactlyAtEps) {
  EXPECT_EQ(labelsOf({0, 0, 3, 4}, 2, 5, 2), (std::vector<std::int32_t>{0, 0}));
  EXPECT_EQ(labelsOf({0, 0, 3, 4}, 2, std::nextafter(5, 0), 2), (std::vector<std::int32_t>{-1, -1}));
}

TEST(Dbscan, TakesEpsZeroAsEqualPoints) {
  EXPECT_EQ(labelsOf({1, 2, 1, 3, 2}, 1, 0, 2), (std::vector<std::int32_t>{0, 1, 0, -1, 1}));
}

TEST(Dbscan, GivesABorderPointToTheLowestClusterInReach) {
  // 10 is in reach of both clusters' nearest members but has too few neighbours to join them.
  const std::vector<double> points{10, 11, 11.2, 11.4, 11.6, 9, 8.8, 8.6, 8.4};
  EXPECT_EQ(labelsOf(points, 1, 1, 4), expectedLabels(points, 1, 1, 4));
  EXPECT_EQ(labelsOf(points, 1, 1, 4)[0], 0);
}

TEST(Dbscan, FollowsAChainAcrossTilesInAnyOrder) {
  std::vector<double> chain(1000);
  for (std::size_t i = 0; i < chain.size(); ++i) chain[i] = static_cast<double>(i);
  std::shuffle(chain.begin(), chain.end(), std::mt19937(7));
  EXPECT_EQ(labelsOf(chain, 1, 1, 2), std::vector<std::int32_t>(1000, 0));
}

TEST(Dbscan, EqualsTheDefinitionOnRandomPoints) {
  std::mt19937 random(42);
  for (int round = 0; round < 60; ++round) {
    const std::size_t n = random() % 400;
    const std::size_t d = std::vector<std::size_t>{1, 2, 3, 15, 16, 17, 128, 200}[round % 8];
    std::vector<double> values(n * d);
    // A coarse grid makes duplicates, ties, and distances of exactly eps.
    for (double& value : values) value = static_cast<double>(random() % 5) / 2;
    const double eps = d < 4 ? 0.5 : std::sqrt(0.9 * static_cast<double>(d));
    const std::size_t minSamples = 1 + random() % 6;
    const auto expected = expectedLabels(values, d, eps, minSamples);
    for (const std::size_t threads : {1, 2, 7}) {
      EXPECT_EQ(labelsOf(values, d, eps, minSamples, threads), expected) << "n " << n << " d " << d;
      EXPECT_EQ(labelsOf(values, d, eps, minSamples, threads, 80), expected) << "without kept pairs";
    }
  }
}

TEST(Dbscan, TakesFloat32) {
  const std::vector<float> values{0, 0.25F, 0.5F, 7, 7.25F};
  const PointsView points{values.data(), nullptr, 5, 1};
  DbscanOptions options;
  options.minSamples = 2;
  const DbscanResult result = dbscan(points, options, CancelToken());
  EXPECT_EQ(result.labels, (std::vector<std::int32_t>{0, 0, 0, 1, 1}));
  EXPECT_EQ(result.clusters, 2);
  EXPECT_EQ(result.core, (std::vector<std::uint8_t>{1, 1, 1, 1, 1}));
}

TEST(Dbscan, NamesTheRowOfAValueThatIsNotFinite) {
  for (const double bad :
       {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    try {
      labelsOf({1, 2, 3, bad}, 2, 0.5, 2);
      FAIL();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::InvalidArgument);
      EXPECT_NE(std::string(error.what()).find("row 1"), std::string::npos) << error.what();
    }
  }
}

TEST(Dbscan, CanBeCancelledFromItsProgress) {
  const std::vector<double> values(4000, 1);
  CancelToken cancel;
  DbscanOptions options;
  options.onProgress = [&](double) { cancel.cancel(); };
  EXPECT_THROW(dbscan(view(values, 1), options, cancel), Error);
}

// Before pairs are compared, a million points are looked at, axes are found, points are put in order and
// sketched: no piece of that may keep a user waiting who has pressed Ctrl-C. Measured as the work that is
// still done, for on a busy machine time passes without any.
TEST(Dbscan, StopsWithinATenthOfASecondWhateverItIsDoing) {
  const std::size_t n = 1000000, d = 8;
  std::mt19937 random(3);
  std::vector<float> values(n * d);
  for (float& value : values) value = static_cast<float>(random() % 1024);
  const PointsView points{values.data(), nullptr, n, d};
  const auto worked = [] { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; };
  double reached = 0, longest = 0;
  int stopped = 0;
  // Later and later, until it has got to the pairs, which are 99 % of the work.
  for (double wait = 0; reached < 0.012; wait = wait * 1.4 + 0.01) {
    CancelToken cancel;
    std::atomic<double> fraction{0};
    DbscanOptions options;
    options.eps = 50;
    options.onProgress = [&](double done) { fraction = done; };
    const double begun = worked();
    double cancelled = 0;
    std::thread user([&] {
      while (worked() - begun < wait) std::this_thread::sleep_for(std::chrono::milliseconds(1));
      cancel.cancel();
      // Behind it: before, this thread could be kept waiting itself, while the others work.
      cancelled = worked();
    });
    EXPECT_THROW(dbscan(points, options, cancel), Error);
    const double ended = worked();
    user.join();
    longest = std::max(longest, ended - cancelled);
    reached = fraction;
    ++stopped;
  }
  EXPECT_GT(stopped, 3);
  EXPECT_LT(longest, 0.1);
}

// Clusters whose labels are known: ten points each on a small circle, 20 apart in a grid, and points alone
// between them.
void expectGrid(std::size_t n, std::size_t d) {
  constexpr std::size_t kEach = 10;
  const std::size_t groups = n / (kEach + 1), width = static_cast<std::size_t>(std::sqrt(groups)) + 1;
  // Rows are mixed: multiples of a number without a common factor with n.
  std::size_t step = static_cast<std::size_t>(static_cast<double>(n) * 0.618) | 1;
  while (std::gcd(step, n) != 1) step += 2;
  std::vector<float> values(n * d);
  std::vector<std::int32_t> group(n, -1);
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t row = i * step % n, at = i / (kEach + 1), member = i % (kEach + 1);
    float* point = values.data() + row * d;
    point[0] = static_cast<float>(at % width * 20);
    point[1] = static_cast<float>(at / width * 20);
    for (std::size_t k = 2; k < d; ++k) point[k] = static_cast<float>(at % 7);
    if (at == groups) {
      point[1] = -static_cast<float>(20 * (member + 1));  // left over
    } else if (member == kEach) {
      point[0] += 10;
    } else {
      point[0] += static_cast<float>(std::cos(member * 0.6283));
      point[1] += static_cast<float>(std::sin(member * 0.6283));
      group[row] = static_cast<std::int32_t>(at);
    }
  }
  DbscanOptions options;
  options.eps = 1.5;
  options.threads = 2;
  const DbscanResult result = dbscan({values.data(), nullptr, n, d}, options, CancelToken());
  std::vector<std::int32_t> labels(groups, -1);
  std::int32_t next = 0;
  std::size_t wrong = 0;
  for (std::size_t row = 0; row < n; ++row) {
    std::int32_t expected = -1;
    if (group[row] >= 0) {
      std::int32_t& label = labels[static_cast<std::size_t>(group[row])];
      if (label == -1) label = next++;
      expected = label;
    }
    wrong += result.labels[row] != expected;
  }
  EXPECT_EQ(wrong, 0U);
  EXPECT_EQ(result.clusters, next);
  EXPECT_GT(next, static_cast<std::int32_t>(n / (kEach + 2)));
}

TEST(Dbscan, LabelsAGridOfManySmallClusters) {
  expectGrid(200001, 2);
  expectGrid(100001, 4);
}

// Some minutes and 1 GB; see CONTRIBUTING.md.
TEST(Dbscan, DISABLED_TenMillionPoints) { expectGrid(10000000, 4); }

TEST(Dbscan, ProgressRisesToOneWhetherPairsAreKeptOrNot) {
  const std::vector<double> values(1000, 1);
  for (const std::size_t maxMemory : {std::size_t{1} << 24, std::size_t{100}}) {
    double last = 0;
    DbscanOptions options;
    options.threads = 2;
    options.maxMemory = maxMemory;
    options.onProgress = [&](double fraction) {
      EXPECT_GT(fraction, last);
      last = fraction;
    };
    dbscan(view(values, 1), options, CancelToken());
    EXPECT_EQ(last, 1);
  }
}

}  // namespace
}  // namespace fcn
