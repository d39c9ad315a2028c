// The steps of a checkpoint, by the length of the log.
#include <doctest/doctest.h>

#include "host-adapters/stores/sqlite/checkpoint_plan.hpp"

namespace lntpay::checkpoint_plan_test {
using host::CheckpointPlan;
using Next = CheckpointPlan::Next;

TEST_CASE("a log is copied from its due length on, and not again until it grows") {
  CheckpointPlan plan{100};
  plan.committed(99);
  CHECK(plan.next() == Next::nothing);
  plan.committed(100);
  CHECK(plan.next() == Next::pass);
  plan.copied(100);
  CHECK(plan.next() == Next::nothing);
  plan.committed(101);
  CHECK(plan.next() == Next::pass);
}

TEST_CASE("a log that was copied and starts again is left alone until it is due") {
  CheckpointPlan plan{100};
  plan.committed(120);
  plan.copied(120);
  plan.committed(3);
  CHECK(plan.next() == Next::nothing);
  plan.committed(100);
  CHECK(plan.next() == Next::pass);
}

TEST_CASE("after four passes that batches outran, the store copies the rest") {
  CheckpointPlan plan{100};
  plan.committed(100);
  for (const unsigned log_pages : {120U, 130U, 135U}) {
    plan.committed(log_pages);
    plan.copied(log_pages - 5);
    CHECK(plan.next() == Next::pass);
  }
  plan.was_busy();
  CHECK(plan.next() == Next::finish);
  plan.copied(135);
  CHECK(plan.next() == Next::nothing);
}

TEST_CASE("at four times its due length a log is full: the store waits for the pass and copies the rest") {
  CheckpointPlan plan{100};
  plan.committed(399);
  CHECK_FALSE(plan.is_full());
  CHECK(plan.next() == Next::pass);
  plan.committed(400);
  CHECK(plan.is_full());
  plan.copied(150);
  CHECK(plan.next() == Next::finish);
}

TEST_CASE("a failed copy is made again when the log has grown, and no batch waits for it") {
  CheckpointPlan plan{100};
  plan.committed(500);
  plan.failed();
  CHECK(plan.next() == Next::nothing);
  CHECK_FALSE(plan.is_full());
  plan.committed(549);
  CHECK(plan.next() == Next::nothing);
  plan.committed(550);
  CHECK(plan.next() == Next::pass);
  plan.copied(550);
  CHECK(plan.is_full());
}

}  // namespace lntpay::checkpoint_plan_test
