// Object descriptions: the JSON and the schema that one list of members yields, also for the objects in it.
#include "core/base/object.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <vector>

using namespace lntpay;

namespace {

enum class Color : std::uint8_t { red, green };

struct Sample {
  Color color{};
  Msat amount;
  std::optional<UnixMillis> at;
  std::string note;
  std::optional<std::string> secret;
};

}  // namespace

template <>
inline constexpr auto lntpay::enum_names<Color> = std::to_array<std::string_view>({"red", "green"});

namespace {

struct Wheel {
  std::string_view name;
};
constexpr auto wheel_object = object_of<Wheel>(member("name", "Its name.", [](const auto& v) { return v.name; }));

constexpr auto sample_object = object_of<Sample>(
    kind_member<"sample">(), member("color", "Its color.", [](const auto& v) { return v.color; }),
    member("amount_sats", "The amount.", [](const auto& v) { return sats_up(v.amount); }),
    member({.name = "amount_msat", .description = "The amount.", .min = 0}, [](const auto& v) { return v.amount; }),
    member("at", "When.", [](const auto& v) { return v.at; }),
    member("note", "A note.", [](const auto& v) { return null_if_empty(v.note); }),
    member("data", "An object.", [](const auto&) { return RawJson{std::string_view("{}")}; }),
    member("secret", "Shown once.", [](const auto& v) { return OnlyWhenGiven<std::string>{v.secret}; }));
constexpr auto sample_fields = sample_object.fields();

TEST_CASE("an object is written member by member, null where a value is absent") {
  CHECK(sample_object.text({.color = Color::green, .amount = {1'500}}) ==
        R"({"object":"sample","color":"green","amount_sats":2,"amount_msat":1500,"at":null,"note":null,"data":{}})");
  CHECK(
      sample_object.text({.amount = 2_sat, .at = UnixMillis{0}, .note = "n", .secret = "s"}) ==
      R"({"object":"sample","color":"red","amount_sats":2,"amount_msat":2000,"at":"1970-01-01T00:00:00.000Z","note":"n","data":{},"secret":"s"})");
}

TEST_CASE("types, names and required members follow from the readers") {
  const auto field = [](std::string_view name) { return *std::ranges::find(sample_fields, name, &Field::name); };
  CHECK(field("object").type == FieldType::one_of);
  CHECK(std::ranges::equal(field("object").names, std::array{std::string_view("sample")}));
  CHECK(field("color").type == FieldType::one_of);
  CHECK(field("color").names.size() == 2);
  CHECK(field("color").required);
  CHECK(field("amount_sats").type == FieldType::sats);
  CHECK_FALSE(field("note").required);
  CHECK(field("amount_msat").min == 0);
  CHECK(field("at").type == FieldType::time);
  CHECK(field("data").type == FieldType::object);
  CHECK_FALSE(field("secret").required);
}

struct Cart {
  Wheel first;
  std::optional<Wheel> spare{};
  std::vector<Wheel> all{};
};
constexpr auto cart_object =
    object_of<Cart>(member("first", "One.", [](const auto& v) { return described<wheel_object>(v.first); }),
                    member("spare", "Another.", [](const auto& v) { return v.spare.transform(described<wheel_object>); }),
                    member("all", "More.", [](const auto& v) { return described_list<wheel_object>(v.all); }),
                    member({.name = "data", .description = "Any.", .required = true, .lists = 1},
                           [](const auto&) { return OnlyWhenGiven<RawJson<std::string_view>>{}; }));

TEST_CASE("an object in an object is written by its own description") {
  CHECK(cart_object.text({.first = {"a"}}) == R"({"first":{"name":"a"},"spare":null,"all":[]})");
  CHECK(cart_object.text({.first = {"a"}, .spare = Wheel{"b"}, .all = {{"c"}, {"d"}}}) ==
        R"({"first":{"name":"a"},"spare":{"name":"b"},"all":[{"name":"c"},{"name":"d"}]})");
}

constexpr auto cart_fields = cart_object.fields();

TEST_CASE("the field of an object has the fields of its description") {
  const auto& [first, spare, all, data] = cart_fields;
  for (const auto& field : {first, spare, all}) {
    CHECK(field.type == FieldType::object);
    const Schema members = field.members;
    REQUIRE(members.size() == 1);
    CHECK(members.front().name == "name");
  }
  CHECK(first.required);
  CHECK_FALSE(spare.required);
  CHECK(first.lists == 0);
  CHECK(all.lists == 1);
  CHECK(data.members.empty());
  CHECK(data.lists == 1);
  CHECK(data.required);
  CHECK(data.only_when_given);
  CHECK_FALSE(spare.only_when_given);
}

}  // namespace
