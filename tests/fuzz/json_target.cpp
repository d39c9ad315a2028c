// Fuzzes the strict JSON reader and the schemas: any body or query is either rejected with a message or read correctly.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "core/base/encoding.hpp"
#include "core/base/json.hpp"
#include "core/base/json_reader.hpp"
#include "core/base/utf8.hpp"
#include "edge/http/schema.hpp"
#include "tests/fuzz/expect.hpp"

using namespace lntpay;
using lntpay::fuzz::expect;
using lntpay::fuzz::expect_equal;

namespace {

constexpr std::string_view words[] = {"a", "b", "c"};
constexpr Field fields[] = {
    {.name = "text", .type = FieldType::text},
    {.name = "integer", .type = FieldType::integer, .min = 0, .max = 1'000},
    {.name = "sats", .type = FieldType::sats},
    {.name = "msats", .type = FieldType::msats},
    {.name = "flag", .type = FieldType::boolean},
    {.name = "object", .type = FieldType::object},
    {.name = "one", .type = FieldType::one_of, .names = words},
    {.name = "some", .type = FieldType::names, .names = words},
    {.name = "url", .type = FieldType::url},
    {.name = "hex", .type = FieldType::hex32},
    {.name = "time", .type = FieldType::time},
};

struct Extent {
  std::size_t depth = 0;
  std::size_t values = 0;  // beside the root
};

// As deep as the reader goes, which is what is checked.
Extent extent_of(const Json& json) {
  const bool holds = json.kind == Json::Kind::object || json.kind == Json::Kind::array;
  Extent all{holds ? 1U : 0U, 0};
  const auto add = [&](const Json& child) {
    const auto extent = extent_of(child);
    all.depth = std::max(all.depth, extent.depth + 1);
    all.values += extent.values + 1;
  };
  for (const auto& item : json.items) add(item);
  for (const auto& member : json.members) {
    add(member.value);
    expect(json.find(member.name) == &member.value, "no member is named twice");
  }
  return all;
}

std::string written(const Json& json) {
  switch (json.kind) {
    case Json::Kind::null: return "null";
    case Json::Kind::boolean: return json.flag ? "true" : "false";
    case Json::Kind::number: return json.text;
    case Json::Kind::text: {
      std::string out;
      append_json_string(out, json.text);
      return out;
    }
    case Json::Kind::array: {
      JsonArray array;
      for (const auto& item : json.items) array.raw(written(item));
      return array.text();
    }
    case Json::Kind::object: {
      JsonObject object;
      for (const auto& [name, value] : json.members) object.raw(name, written(value));
      return object.text();
    }
  }
  return {};
}

void check_texts(const Json& json) {
  if (json.kind == Json::Kind::text) {
    expect(is_utf8(json.text) && !json.text.contains('\0'), "a text is UTF-8 without U+0000");
    return;
  }
  if (json.kind == Json::Kind::null || json.kind == Json::Kind::boolean) return;
  const auto again = read_json(json.text);
  expect(again.has_value(), "the text that a value keeps is the value's own");
  expect_equal(written(*again), written(json), "and means the same");
  for (const auto& item : json.items) check_texts(item);
  for (const auto& member : json.members) check_texts(member.value);
}

void check_reading(std::string_view text) {
  const auto json = read_json(text);
  if (!json) return expect(!json.error().message.empty(), "a refusal states the reason");
  expect(nlohmann::json::accept(text), "what is taken is JSON");
  const auto [depth, values] = extent_of(*json);
  expect(depth <= json_depth_max + 1 && values <= json_values_max, "depth and number are limited");
  const auto once = written(*json);
  const auto again = read_json(once);
  expect(again.has_value(), "what is written is read");
  expect_equal(written(*again), once, "as it was");
  if (values <= 64) check_texts(*json);  // reads the text once for each of its values
}

void check_body(const Result<Body>& body) {
  if (!body)
    return expect(body.error().code == ErrorCode::invalid_request && !body.error().message.empty(), "a refusal states the reason");
  expect(body->text("text").value_or("a").size() <= 255, "a text's size is in range");
  expect(body->integer("integer").value_or(0) <= 1'000, "an integer is in range");
  for (const auto amount : {body->sats("sats"), body->msats("msats")})
    expect(amount.value_or(1_msat) > 0_msat && amount.value_or(1_msat) <= msat_max, "an amount is in range");
  for (const auto* name : {"integer", "sats", "msats"})
    expect(body->integer(name).has_value() == body->has(name), "a number that was let in has a value");
  expect(body->time("time").has_value() == body->has("time"), "so has a time");
  expect(body->names("some").size() <= std::size(words), "a list names nothing twice");
  expect(!body->has("hex") || hex_decode32(*body->text("hex")).has_value(), "hex is hex");
  expect(!body->has("object") || nlohmann::json::accept(*body->object("object")), "an object is kept as it came");
}

// name=value&name=value, already decoded
Query query_of(std::string_view text) {
  Query query;
  while (!text.empty() && query.size() < 64) {
    const auto pair = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(text.size(), pair.size() + 1));
    const auto name = pair.substr(0, pair.find('='));
    query.emplace_back(name, pair.substr(std::min(pair.size(), name.size() + 1)));
  }
  return query;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  check_reading(text);
  check_body(validate(fields, text));
  if (is_utf8(text)) check_body(validate_query(fields, query_of(text)));
  return 0;
}
