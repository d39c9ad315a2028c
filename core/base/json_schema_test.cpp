// JSON Schemas of described objects.
#include "core/base/json_schema.hpp"

#include <doctest/doctest.h>

#include <string>

#include "core/base/object.hpp"
#include "tests/support/schema_violation.hpp"

namespace lntpay {
namespace {

using test::schema_violation;

enum class Shade : std::uint8_t { light, dark };

}  // namespace

template <>
inline constexpr auto enum_names<Shade> = std::to_array<std::string_view>({"light", "dark"});

namespace {

struct Spoke {
  std::string_view name;
  std::optional<std::string> secret{};
};
constexpr auto spoke_object =
    object_of<Spoke>(member("name", "Its name.", [](const auto& v) { return v.name; }),
                     member("secret", "Shown once.", [](const auto& v) { return OnlyWhenGiven<std::string>{v.secret}; }));

struct Hub {
  Shade shade{};
  std::optional<Shade> other{};
  std::optional<UnixMillis> at{};
  std::optional<bool> flag{};
  std::vector<Spoke> spokes{};
};
constexpr auto hub_object = object_of<Hub>(
    kind_member<"hub">(), member("shade", "A shade.", [](const auto& v) { return v.shade; }),
    member("other", "Another.", [](const auto& v) { return v.other; }),
    member({.name = "fee_msat", .description = "A fee.", .min = 0}, [](const auto&) { return Msat{7}; }),
    member("at", "When.", [](const auto& v) { return v.at; }), member("hash", "A hash.", [](const auto&) { return Bytes32{}; }),
    member("url", "Where.", [](const auto&) { return UrlText{"https://a.example"}; }),
    member({.name = "note", .description = "A note.", .min = 0}, [](const auto&) { return std::string_view{}; }),
    member("shades", "All.", [](const auto&) { return NameList<Shade>{R"(["dark"])"}; }),
    member("data", "Any object.", [](const auto&) { return RawJson{std::string_view("{}")}; }),
    member("spokes", "Parts.", [](const auto& v) { return described_list<spoke_object>(v.spokes); }),
    member("flag", "Sometimes.", [](const auto& v) { return OnlyWhenGiven<bool>{v.flag}; }),
    member("mark", "Only true.",
           [](const auto& v) { return OnlyWhenGiven<std::true_type>{v.flag ? std::optional(std::true_type{}) : std::nullopt}; }));
constexpr auto hub_fields = hub_object.fields();

std::string schema(Extras extras) { return json_schema(JsonObject{}.add("title", "hub"), hub_fields, extras); }

}  // namespace

TEST_CASE("a described object yields a schema: types, null, lists, ranges") {
  CHECK(
      schema(Extras::optional) ==
      R"({"title":"hub","type":"object","properties":{"object":{"type":"string","const":"hub"},"shade":{"type":"string","enum":["light","dark"]},)"
      R"("other":{"type":["string","null"],"enum":["light","dark",null]},"fee_msat":{"type":"integer","minimum":0},)"
      R"("at":{"type":["string","null"],"format":"date-time"},"hash":{"type":"string","pattern":"^[0-9a-f]{64}$"},)"
      R"("url":{"type":"string","format":"uri"},"note":{"type":"string"},)"
      R"("shades":{"type":"array","items":{"type":"string","enum":["light","dark"]}},"data":{"type":"object"},)"
      R"("spokes":{"type":"array","items":{"type":"object","properties":{"name":{"type":"string","minLength":1}},)"
      R"("required":["name"]}},"flag":{"type":"boolean"},"mark":{"type":"boolean","const":true}},)"
      R"("required":["object","shade","other","fee_msat","at","hash","url","note","shades","data","spokes"]})");
}

TEST_CASE("members that only some responses have can be left out of a schema") {
  CHECK(schema(Extras::optional).contains(R"("flag":)"));
  CHECK_FALSE(schema(Extras::left_out).contains(R"("flag":)"));
  CHECK_FALSE(schema(Extras::optional).contains(R"("secret":)"));  // of an object within the object
}

TEST_CASE("an object matches the schema of its description") {
  const auto check = [](const Hub& hub) { return schema_violation(schema(Extras::optional), hub_object.text(hub)); };
  CHECK(check({}) == "");
  CHECK(check({.other = Shade::dark, .at = UnixMillis{1}, .flag = true, .spokes = {{"a"}, {"b"}}}) == "");
  CHECK(check({.spokes = {{""}}}) == "spokes: an item: name: minLength does not allow ");
  CHECK(check({.spokes = {{"a", "s"}}}) == "spokes: an item: secret: is not described");
}

TEST_CASE("the check of schemas finds each kind of violation") {
  const auto check = [](std::string_view rule, std::string_view value) {
    const auto rules = R"({"type":"object","properties":{"a":)" + std::string(rule) + R"(},"required":["a"]})";
    return schema_violation(rules, R"({"a":)" + std::string(value) + "}");
  };
  CHECK(check(R"({"type":"integer"})", "-7") == "");
  CHECK(check(R"({"type":"integer"})", "7.5") == "a: type does not allow 7.5");
  CHECK(check(R"({"type":["integer","null"]})", "\"x\"") == "a: type does not allow x");
  CHECK(check(R"({"enum":["b",null]})", "\"c\"") == "a: enum does not allow c");
  CHECK(check(R"({"const":"b"})", "\"c\"") == "a: const does not allow c");
  CHECK(check(R"({"minimum":2})", "1") == "a: minimum does not allow 1");
  CHECK(check(R"({"pattern":"^[0-9a-f]{64}$"})", "\"0\"") == "a: pattern does not allow 0");
  CHECK(check(R"({"format":"date-time"})", "\"today\"") == "a: format does not allow today");
  CHECK(check(R"({"format":"uri"})", "\"shop\"") == "a: format does not allow shop");
  CHECK(check(R"({"maximum":2})", "1") == "a: the keyword maximum is not known");
  CHECK(schema_violation(R"({"properties":{},"required":["a"]})", "{}") == "a: is missing");
  CHECK(schema_violation("{}", "{}") == "is no schema");
}

}  // namespace lntpay
