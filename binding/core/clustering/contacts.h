#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "clustering/neighbors/prepared_points.h"

namespace fcn {

// Which rows are in contact: for each row the others, in any order. If b is among those of a, a is among
// those of b.
struct Contacts {
  std::vector<std::vector<std::uint32_t>> of;  // (n)
  // How many of the nearest were kept for a row that has more of them within the radius; 0 if none has.
  std::size_t nearestOnly = 0;
};

// All pairs of points whose squaredDistance() is at most radius * radius. Where they would take more than
// maxMemory bytes, a point keeps only its nearest (of equally near ones the lowest rows), and those that keep
// it: as many as fit if all points have so many, at least 8. So crowds of one person's photos lose contacts
// they have plenty of, and nobody else does.
// - prepared: of all n rows
// - progress: expects it already, see PairSearch::work()
// - throws Error(Aborted)
Contacts findContacts(const PreparedPoints& prepared, double radius, std::size_t maxMemory,
                      const Parallel& parallel, Progress& progress);

// The same, but only the contacts of some rows, with each other and with all others. That takes about as long
// as comparing these with all, so little if they are few.
// - some, others: all rows of the points, which are float32 and those of the sketcher
// - progress: expects what PairSearch::work() says of some, and of some and others
// - throws Error(Aborted)
Contacts findContactsOf(const std::vector<std::uint32_t>& some, const std::vector<std::uint32_t>& others,
                        const PointsView& points, const Sketcher& sketcher, double radius,
                        std::size_t maxMemory, const Parallel& parallel, Progress& progress);

}  // namespace fcn
