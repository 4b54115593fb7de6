#include "contacts.h"

#include <algorithm>
#include <atomic>
#include <mutex>

#include "clustering/neighbors/pair_search.h"

namespace fcn {
namespace {

// Rows dealt with in one piece of work.
constexpr std::size_t kRowsAtOnce = 1024;
constexpr std::size_t kLeastKept = 8;
// So many rows are compared with all others in the time that preparing these takes.
constexpr std::size_t kFew = 32;

struct Contact {
  float squared;
  std::uint32_t row;
  bool operator<(const Contact& other) const {
    return squared != other.squared ? squared < other.squared : row < other.row;
  }
};

// The contacts of each row while they are found: a heap, the farthest on top, where there are too many.
struct Found {
  Found(std::size_t n, std::size_t maxMemory)
      : most(std::max(kLeastKept, maxMemory / sizeof(Contact) / std::max<std::size_t>(n, 1))), of(n) {}

  void add(std::uint32_t row, const Contact& contact) {
    std::vector<Contact>& contacts = of[row];
    if (contacts.size() < most) {
      // Not doubled at the end, where that would be more than is ever used.
      if (contacts.size() == contacts.capacity()) {
        contacts.reserve(std::min(most, contacts.size() + contacts.size() / 4 + 8));
      }
      contacts.push_back(contact);
      if (contacts.size() == most) std::make_heap(contacts.begin(), contacts.end());
      return;
    }
    limited.store(true, std::memory_order_relaxed);
    if (!(contact < contacts.front())) return;
    std::pop_heap(contacts.begin(), contacts.end());
    contacts.back() = contact;
    std::push_heap(contacts.begin(), contacts.end());
  }

  const std::size_t most;
  std::vector<std::vector<Contact>> of;
  std::atomic<bool> limited{false};
};

// One of the two sides of a search: what is compared, and a mutex for the rows of each of its blocks.
struct Side {
  explicit Side(const PreparedPoints& prepared) : prepared(prepared), mutexes(prepared.blocks) {}
  std::uint32_t rowAt(Position position) const { return prepared.order[position]; }

  const PreparedPoints& prepared;
  std::vector<std::mutex> mutexes;
};

class FindPass {
 public:
  // - a, b: may be the same
  FindPass(Found& found, Side& a, Side& b, double limit) : found_(found), a_(a), b_(b), limit_(limit) {}
  bool wantsBlocks(std::size_t, std::size_t) { return true; }
  bool wants(Position, Position) { return true; }
  void found(Position a, Position b) { pairs_.push_back({a, b}); }

  // Pairs of one block a and a few blocks b, in the order of the blocks b: few locks for many pairs.
  void end() {
    std::vector<float> squares(pairs_.size());
    for (std::size_t i = 0; i < pairs_.size(); ++i) {
      squares[i] = static_cast<float>(
          squaredDistance(a_.prepared.points, a_.rowAt(pairs_[i].a), b_.rowAt(pairs_[i].b), limit_));
    }
    for (const bool first : {true, false}) {
      for (std::size_t i = 0; i < pairs_.size();) {
        const std::size_t block = (first ? pairs_[i].a : pairs_[i].b) / kBlock;
        const std::lock_guard<std::mutex> lock((first ? a_ : b_).mutexes[block]);
        for (; i < pairs_.size() && (first ? pairs_[i].a : pairs_[i].b) / kBlock == block; ++i) {
          const std::uint32_t a = a_.rowAt(pairs_[i].a), b = b_.rowAt(pairs_[i].b);
          if (first) {
            found_.add(a, {squares[i], b});
          } else {
            found_.add(b, {squares[i], a});
          }
        }
      }
    }
  }

 private:
  Found& found_;
  Side &a_, &b_;
  const double limit_;
  std::vector<Pair> pairs_;
};

// Compares some rows with each other and with all others, with no more preparing than fetching them.
void findOneByOne(Found& found, const std::vector<std::uint32_t>& some,
                  const std::vector<std::uint32_t>& others, const PointsView& points, double limit,
                  const Parallel& parallel) {
  std::mutex mutex;
  const auto compare = [&](std::uint32_t row, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      const double squared = squaredDistance(points, row, some[i], limit);
      if (squared > limit) continue;
      const std::lock_guard<std::mutex> lock(mutex);
      found.add(row, {static_cast<float>(squared), some[i]});
      found.add(some[i], {static_cast<float>(squared), row});
    }
  };
  for (std::size_t i = 0; i < some.size(); ++i) compare(some[i], i);
  parallel.forEach(others.size(), kRowsAtOnce, [&](std::size_t i) { compare(others[i], some.size()); });
}

// Adds each row to the contacts of those that it has kept and that have not kept it.
void makeMutual(Contacts& contacts, const Parallel& parallel) {
  const std::size_t n = contacts.of.size();
  parallel.forEach(n, kRowsAtOnce,
                   [&](std::size_t row) { std::sort(contacts.of[row].begin(), contacts.of[row].end()); });
  const auto forMissing = [&](const auto& take) {
    parallel.forEach(n, kRowsAtOnce, [&](std::size_t row) {
      const auto own = static_cast<std::uint32_t>(row);
      for (const std::uint32_t other : contacts.of[row]) {
        const auto& back = contacts.of[other];
        if (!std::binary_search(back.begin(), back.end(), own)) take(other, own);
      }
    });
  };
  // Room for exactly those that are missing, so that nothing is moved, and no more taken, when they are
  // added.
  std::vector<std::atomic<std::uint32_t>> counts(n);
  forMissing([&](std::uint32_t row, std::uint32_t) { counts[row].fetch_add(1, std::memory_order_relaxed); });
  std::vector<std::vector<std::uint32_t>> missing(n);
  parallel.forEach(n, kRowsAtOnce, [&](std::size_t row) { missing[row].resize(counts[row]); });
  forMissing([&](std::uint32_t row, std::uint32_t other) {
    missing[row][counts[row].fetch_sub(1, std::memory_order_relaxed) - 1] = other;
  });
  parallel.forEach(n, kRowsAtOnce, [&](std::size_t row) {
    if (missing[row].empty()) return;
    contacts.of[row].insert(contacts.of[row].end(), missing[row].begin(), missing[row].end());
    std::vector<std::uint32_t>().swap(missing[row]);
  });
}

Contacts contactsOf(Found& found, const Parallel& parallel) {
  Contacts contacts;
  contacts.of.resize(found.of.size());
  parallel.forEach(found.of.size(), kRowsAtOnce, [&](std::size_t row) {
    std::vector<std::uint32_t>& rows = contacts.of[row];
    rows.reserve(found.of[row].size());
    for (const Contact& contact : found.of[row]) rows.push_back(contact.row);
    std::vector<Contact>().swap(found.of[row]);
  });
  if (found.limited) {
    contacts.nearestOnly = found.most;
    makeMutual(contacts, parallel);
  }
  return contacts;
}

}  // namespace

Contacts findContacts(const PreparedPoints& prepared, double radius, std::size_t maxMemory,
                      const Parallel& parallel, Progress& progress) {
  Found found(prepared.order.size(), maxMemory);
  Side all(prepared);
  PairSearch(prepared, radius, parallel, progress).run([&] {
    return FindPass(found, all, all, radius * radius);
  });
  return contactsOf(found, parallel);
}

Contacts findContactsOf(const std::vector<std::uint32_t>& some, const std::vector<std::uint32_t>& others,
                        const PointsView& points, const Sketcher& sketcher, double radius,
                        std::size_t maxMemory, const Parallel& parallel, Progress& progress) {
  Found found(points.n, maxMemory);
  const double limit = radius * radius;
  progress.expect(PairSearch::work(some.size()) + PairSearch::work(some.size(), others.size()));
  if (some.size() <= kFew) {
    findOneByOne(found, some, others, points, limit, parallel);
    progress.advance(PairSearch::work(some.size()) + PairSearch::work(some.size(), others.size()));
    return contactsOf(found, parallel);
  }
  const PreparedPoints preparedSome = prepareRows(points, some, sketcher, parallel, progress);
  const PreparedPoints preparedOthers = prepareRows(points, others, sketcher, parallel, progress);
  Side a(preparedSome), b(preparedOthers);
  PairSearch(preparedSome, radius, parallel, progress).run([&] { return FindPass(found, a, a, limit); });
  PairSearch(preparedSome, preparedOthers, radius, parallel, progress).run([&] {
    return FindPass(found, a, b, limit);
  });
  return contactsOf(found, parallel);
}

}  // namespace fcn
