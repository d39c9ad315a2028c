// Lists with filters read a bounded part of the rows in a call.
#include "core/tenant/filtered_list.hpp"

#include <doctest/doctest.h>

#include "tests/support/core_world.hpp"

namespace lntpay::filtered_list_test {
namespace {

struct Note {
  static constexpr int row_version = 1;
  std::uint64_t number = 0;
  std::string text;
  auto fields(this auto& self) { return std::tie(self.number, self.text); }
};

/// Notes 1 to `count` with a text of this size, and calls that look for one of them.
struct Notes {
  test::CoreWorld world;

  Notes(std::uint64_t count, std::size_t size) {
    for (std::uint64_t i = 1; i <= count; ++i) {
      world.store.put(world.tenant.key("note", padded(i)), to_row(Note{i, std::string(size, 'x')}));
      world.store.put(world.tenant.key("noted", padded(i)), padded(i));
    }
  }

  Listed<Note> find(std::uint64_t number, bool by_index, std::string after = {}) {
    const Walk walk{world.tenant.key(by_index ? "noted" : "note") + "/", "note", by_index};
    return world.must([&](Context& cx) {
      return list_filtered<Note>(cx, world.tenant, walk, Page{.limit = 1, .after_key = after, .reverse = false},
                                 [number](const Note& note) { return note.number == number; });
    });
  }
};

}  // namespace

TEST_CASE("a filtered list reads 1,000 rows in a call, in short pages, and the next one continues") {
  for (const bool by_index : {false, true}) {
    Notes notes(1'001, 10);
    const auto first = notes.find(1'001, by_index);
    CHECK(first.items.empty());
    CHECK(first.has_more);
    CHECK(first.last_key.ends_with(padded(1'000)));
    CHECK(notes.world.steps == (by_index ? 16 : 8));
    CHECK(notes.find(1'001, by_index, first.last_key).items.size() == 1);
  }
}

TEST_CASE("a filtered list reads a megabyte in a call at most, but for a page") {
  for (const bool by_index : {false, true}) {
    Notes notes(500, 5'000);
    const auto first = notes.find(500, by_index);
    CHECK(first.has_more);
    CHECK(first.last_key.ends_with(padded(250)));
    const auto second = notes.find(500, by_index, first.last_key);
    CHECK(notes.find(500, by_index, second.last_key).items.size() + second.items.size() == 1);
  }
}

}  // namespace lntpay::filtered_list_test
