// Every limit of every field at n - 1, n and n + 1, generated from the route table: a new route or field is tested without an edit.
#include <doctest/doctest.h>

#include <ranges>

#include "edge/routing/route.hpp"
#include "tests/support/field_values.hpp"
#include "tests/support/world.hpp"

namespace lntpay::test::field_limits_test {
namespace {

Query query_of(Schema schema, const Field& field, const FieldValue& value) {
  Query query;
  for (const auto& each : schema) {
    if (each.required && each.name != field.name) query.emplace_back(each.name, values_at_limits(each).front().text);
  }
  query.emplace_back(field.name, value.text);
  return query;
}

std::string member_of(const Field& field, const FieldValue& value) { return "\"" + std::string(field.name) + "\":" + value.json; }

/// "good", or the param of the error.
std::string verdict(const Result<Body>& read) { return read ? "good" : read.error().param; }

std::string with_ids(std::string_view pattern) {
  std::string target(pattern);
  while (target.contains('{')) target.replace(target.find('{'), target.find('}') - target.find('{') + 1, "x_1");
  return target;
}

}  // namespace

TEST_CASE("every field takes its limits, and refuses one more and one less") {
  std::size_t tried = 0;
  for (const auto& route : route_table() | std::views::join) {
    CAPTURE(route.pattern);
    for (const auto& field : route.body) {
      CAPTURE(field.name);
      for (const auto& value : values_at_limits(field)) {
        CAPTURE(value.json.substr(0, 80));
        const auto read = validate(route.body, body_of(route.body, member_of(field, value), field.name));
        CHECK(verdict(read) == (value.good ? "good" : std::string(field.name)));
        ++tried;
      }
    }
    for (const auto& field : route.query) {
      if (field.type == FieldType::object) continue;  // no query has one
      CAPTURE(field.name);
      for (const auto& value : values_at_limits(field)) {
        if (value.text.empty() && !value.good) continue;
        CAPTURE(value.text.substr(0, 80));
        CHECK(verdict(validate_query(route.query, query_of(route.query, field, value))) ==
              (value.good ? "good" : std::string(field.name)));
        ++tried;
      }
    }
  }
  CHECK(tried > 500);
}

TEST_CASE("a value outside a field's limits is refused with its name, and nothing is written") {
  World world;
  world.bootstrap();
  const auto before = world.store.durable();
  for (const auto& route : route_table() | std::views::join) {
    if (route.access != Access::key) continue;
    CAPTURE(route.pattern);
    for (const auto& field : route.body) {
      for (const auto& value : values_at_limits(field)) {
        if (value.good) continue;
        CAPTURE(field.name);
        world.now = world.now + Millis{200};
        const auto refused = world.send(std::string(route.method), with_ids(route.pattern),
                                        body_of(route.body, member_of(field, value), field.name));
        CHECK(refused.error() == "400 invalid_request");
        CHECK(refused.text("error.param") == field.name);
      }
    }
  }
  CHECK(world.store.durable() == before);
}

}  // namespace lntpay::test::field_limits_test
