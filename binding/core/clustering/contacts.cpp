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

struct Contact {
  float squared;
  std::uint32_t row;
  bool operator<(const Contact& other) const {
    return squared != other.squared ? squared < other.squared : row < other.row;
  }
};

// The contacts of each row while they are found: a heap, the farthest on top, where there are too many.
struct Found {
  Found(const PreparedPoints& prepared, std::size_t most)
      : prepared(prepared), most(most), of(prepared.order.size()), mutexes(prepared.blocks) {}

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

  const PreparedPoints& prepared;
  const std::size_t most;
  std::vector<std::vector<Contact>> of;
  std::vector<std::mutex> mutexes;  // one for the rows of each block
  std::atomic<bool> limited{false};
};

class FindPass {
 public:
  FindPass(Found& found, double limit) : found_(found), limit_(limit) {}
  bool wantsBlocks(std::size_t, std::size_t) { return true; }
  bool wants(Position, Position) { return true; }
  void found(Position a, Position b) { pairs_.push_back({a, b}); }

  // Pairs of one block a and a few blocks b, in the order of the blocks b: few locks for many pairs.
  void end() {
    const auto& order = found_.prepared.order;
    std::vector<float> squares(pairs_.size());
    for (std::size_t i = 0; i < pairs_.size(); ++i) {
      squares[i] = static_cast<float>(
          squaredDistance(found_.prepared.points, order[pairs_[i].a], order[pairs_[i].b], limit_));
    }
    for (const bool first : {true, false}) {
      for (std::size_t i = 0; i < pairs_.size();) {
        const std::size_t block = (first ? pairs_[i].a : pairs_[i].b) / kBlock;
        const std::lock_guard<std::mutex> lock(found_.mutexes[block]);
        for (; i < pairs_.size() && (first ? pairs_[i].a : pairs_[i].b) / kBlock == block; ++i) {
          const std::uint32_t a = order[pairs_[i].a], b = order[pairs_[i].b];
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
  const double limit_;
  std::vector<Pair> pairs_;
};

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

}  // namespace

Contacts findContacts(const PreparedPoints& prepared, double radius, std::size_t maxMemory,
                      const Parallel& parallel, Progress& progress) {
  const std::size_t n = prepared.order.size();
  const std::size_t most = std::max(kLeastKept, maxMemory / sizeof(Contact) / std::max<std::size_t>(n, 1));
  Found found(prepared, most);
  PairSearch search(prepared, radius, parallel, progress);
  search.run([&] { return FindPass(found, radius * radius); });

  Contacts contacts;
  contacts.of.resize(n);
  parallel.forEach(n, kRowsAtOnce, [&](std::size_t row) {
    std::vector<std::uint32_t>& rows = contacts.of[row];
    rows.reserve(found.of[row].size());
    for (const Contact& contact : found.of[row]) rows.push_back(contact.row);
    std::vector<Contact>().swap(found.of[row]);
  });
  if (found.limited) {
    contacts.nearestOnly = most;
    makeMutual(contacts, parallel);
  }
  return contacts;
}

}  // namespace fcn
