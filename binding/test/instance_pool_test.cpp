#include "../core/base/instance_pool.h"

#include <gtest/gtest.h>

#include <memory>

namespace fcn {
namespace {

// Counts its copies.
struct Instance {
  explicit Instance(std::shared_ptr<int> made) : made(std::move(made)) {}
  std::unique_ptr<Instance> clone() const {
    ++*made;
    return std::make_unique<Instance>(made);
  }
  std::shared_ptr<int> made;
};

class InstancePoolTest : public testing::Test {
 protected:
  std::shared_ptr<int> made_ = std::make_shared<int>(0);
  InstancePool<Instance> pool_{std::make_unique<Instance>(made_), 100};
};

TEST_F(InstancePoolTest, LendsTheSameAgainAndMoreOnlyAtOnce) {
  for (int i = 0; i < 3; ++i) pool_.borrow(10);
  EXPECT_EQ(*made_, 1);
  {
    const auto first = pool_.borrow(20), second = pool_.borrow(30);
    EXPECT_NE(&*first, &*second);
    EXPECT_EQ(pool_.idleBytes(), 0U);
  }
  EXPECT_EQ(*made_, 2);
  EXPECT_EQ(pool_.idleBytes(), 50U);
}

TEST_F(InstancePoolTest, RemembersTheMostThatAnInstanceWasBorrowedFor) {
  for (const std::size_t bytes : {40, 100, 7, 0}) pool_.borrow(bytes);
  EXPECT_EQ(*made_, 1);
  EXPECT_EQ(pool_.idleBytes(), 100U);
}

TEST_F(InstancePoolTest, FreesWhatIsTooLargeAndWhatIsIdleWhileThatIsOnLoan) {
  pool_.borrow(100);
  {
    const auto large = pool_.borrow(101);
    EXPECT_EQ(pool_.idleBytes(), 0U);
    EXPECT_EQ(large->made.use_count(), 3) << "this test, the prototype, and the large one";
  }
  EXPECT_EQ(pool_.idleBytes(), 0U);
  EXPECT_EQ(made_.use_count(), 2);
}

TEST_F(InstancePoolTest, MakesRoomForSomethingElse) {
  { const auto small = pool_.borrow(10), large = pool_.borrow(80); }
  pool_.makeRoom(20);
  EXPECT_EQ(pool_.idleBytes(), 90U);
  pool_.makeRoom(21);
  EXPECT_EQ(pool_.idleBytes(), 10U);
  pool_.makeRoom(101);
  EXPECT_EQ(pool_.idleBytes(), 0U);
}

TEST_F(InstancePoolTest, GetsBackWhatWasOnLoanWhenSomethingWasThrown) {
  try {
    const auto loan = pool_.borrow(60);
    throw 1;
  } catch (int) {
  }
  EXPECT_EQ(pool_.idleBytes(), 60U);
}

}  // namespace
}  // namespace fcn
