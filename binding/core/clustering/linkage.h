#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/cancel_token.h"
#include "clustering/known_people.h"
#include "clustering/neighbors/points.h"

namespace fcn {

// - maxMemory: what contacts may take, see findContacts().
struct LinkageOptions : PointsOptions {
  double threshold = 0;  // the largest score of a merge in the second pass, see agglomeration.h; > 0
  // (n) a number for the photo of each face, or empty. If given, faces on one photo are a soft sign of two
  // people in the second pass, see AgglomerationInput.
  std::vector<std::uint32_t> photos;
  KnownPeople known;
};

struct LinkageResult {
  std::vector<std::int32_t> labels;  // (n): cluster, numbered by lowest row; single points have one, too
  std::int32_t clusters = 0;
  std::size_t nearestOnly = 0;  // see Contacts
};

// Groups encodings of faces into people: average linkage in two passes, strict where many people look alike
// to the encoder.
//
// A face is the mean x of its encoding and that of its mirror image; half of the squared distance u of the
// two is what its own uncertainty adds to squared distances. Pass 1 merges up to a fixed score. Then r of a
// face is the distance to the 10th nearest centre of the other clusters: small in a crowd of people who look
// alike. Pass 2 begins with single faces again, and a face in a crowd must be nearer:
//                     contact   pass 1: U, up to    pass 2: U, up to the threshold
//   mirrored            0.50      u / 2, 0.48         u / 2 - 0.4 (0.62 - min(r, 0.62))
//   without             0.52      0,     0.54             - 0.4 (0.65 - min(r, 0.65))
// Where people are known, pass 2 begins with their clusters, and keeps apart what must not be one. Pass 1
// does not know of them, so that grouping once more what has been grouped changes nothing; unless people may
// not merge: then it begins with them, too, which differs little, and only the contacts and crowds of faces
// that are nobody's, and of people in contact with these, are looked for.
//
// The constants were chosen on Labeled Faces in the Wild: ../../../docs/grouping.md. agglomeration.h has the
// rest.
//
// The labels depend neither on the number of threads nor on the instruction set; and on the order of rows
// only by their numbers, and where scores are equal to the last bit.
//
// Memory beyond the points: their means in float32, centres in float64 for at most half as many, about 200
// bytes for each point (300 where people are known) and 4 for each thread and point, and maxMemory.
// - known: people of all rows or none; rows of excluded and fresh < n
// - points, mirrored: of the same shape, n < 2^31; mirrored may be null. Values beyond float32 are not
// finite.
// - throws Error(InvalidArgument) naming the first row with a value that is not finite, Error(Aborted)
LinkageResult linkage(const PointsView& points, const PointsView* mirrored, const LinkageOptions& options,
                      const CancelToken& cancel);

// - maxMemory: as for linkage()
struct SimilarPeopleOptions : PointsOptions {
  double threshold = 0;  // the largest score of a pair; > 0
  std::size_t most = 0;  // how many pairs are wanted
};

struct SimilarPeople {
  std::int32_t a, b;  // labels, a < b by their lowest rows
  double score;       // see agglomeration.h
};

// The pairs of clusters that are most alike, as the second pass of linkage() sees them: the crowd of a face
// are the centres of these clusters.
// - labels: (n) the cluster of each row, >= 0; of rows with -1 each is one of its own, which makes no pair
// - returns at most `most` of them, the most alike first; only clusters that are in contact
// - throws as linkage()
std::vector<SimilarPeople> findSimilarPeople(const PointsView& points, const PointsView* mirrored,
                                             const std::vector<std::int32_t>& labels,
                                             const SimilarPeopleOptions& options, const CancelToken& cancel);

}  // namespace fcn
