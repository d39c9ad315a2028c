// Events are read in pages, and a call reads a bounded part of them.
#include "core/event/event_list.hpp"

#include <doctest/doctest.h>

#include "tests/support/core_world.hpp"

namespace lntpay::event_list_test {
namespace {

/// Events 1 to `count` whose data have this size: the last is `charge.paid`, all others `charge.created`.
struct Sequence {
  test::CoreWorld world;

  explicit Sequence(std::uint64_t count, std::size_t size = 10) {
    for (std::uint64_t seq = 1; seq <= count; ++seq) {
      const auto type = seq == count ? EventType::charge_paid : EventType::charge_created;
      const Event event{.id = EventId::generate(world.tenant.shard(), world.now, world.random),
                        .seq = seq,
                        .type = type,
                        .at = world.now,
                        .data = std::string(size, 'x')};
      world.store.put(event_key(world.tenant, seq), to_row(event));
      world.store.put(event_id_key(world.tenant, event.id), std::to_string(seq));
    }
  }
  EventsRead read(EventFilter filter, std::uint32_t limit = 1) {
    return world.must([&](Context& cx) { return read_events(cx, world.tenant, filter, limit); });
  }
};

constexpr EventTypes paid{EventType::charge_paid};

}  // namespace

TEST_CASE("events of one type are looked for in 1,000 events a call") {
  Sequence events(1'001);
  const auto first = events.read({.types = paid});
  CHECK(first.events.empty());
  CHECK(first.has_more);
  CHECK(first.next_seq == 1'000);
  const auto second = events.read({.from_seq = first.next_seq, .types = paid});
  REQUIRE(second.events.size() == 1);
  CHECK(second.events.front().seq == 1'001);
  CHECK_FALSE(second.has_more);
  const auto backwards = events.read({.from_seq = 1'001, .reverse = true, .types = paid});
  CHECK(backwards.events.empty());
  CHECK(backwards.next_seq == 1);
}

TEST_CASE("a call reads a megabyte of long events at most, but for a page") {
  Sequence events(300, 5'000);
  CHECK(events.read({.types = paid}).next_seq == 252);  // a first page of two
}

TEST_CASE("a page of events reads one event more than it returns") {
  Sequence events(300);
  const auto page = events.read({}, 20);
  CHECK(page.events.size() == 20);
  CHECK(page.has_more);
  CHECK(page.next_seq == 20);
  const auto longest = events.read({.from_seq = 200}, 100);
  CHECK(longest.events.size() == 100);
  CHECK_FALSE(longest.has_more);
}

}  // namespace lntpay::event_list_test
