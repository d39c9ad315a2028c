// One check for each keyword.
#include "tests/support/schema_violation.hpp"

#include <algorithm>
#include <array>

#include "core/base/encoding.hpp"
#include "core/base/json_reader.hpp"
#include "core/base/time.hpp"

namespace lntpay::test {
namespace {

constexpr std::string_view hex_pattern = "^[0-9a-f]{64}$";
using Kind = Json::Kind;

bool is_integer(const Json& value) {
  return value.kind == Kind::number &&
         value.text.find_first_not_of("0123456789", value.text.starts_with('-') ? 1 : 0) == value.text.npos;
}

bool has_type(const Json& value, std::string_view type) {
  if (type == "integer") return is_integer(value);
  constexpr std::array kinds{std::pair{"null", Kind::null}, std::pair{"boolean", Kind::boolean}, std::pair{"string", Kind::text},
                             std::pair{"object", Kind::object}, std::pair{"array", Kind::array}};
  const auto found = std::ranges::find(kinds, type, [](const auto& each) { return std::string_view(each.first); });
  return found != kinds.end() && found->second == value.kind;
}

bool equals(const Json& one, const Json& other) { return one.kind == other.kind && one.text == other.text; }

std::string violation(const Json& schema, const Json& value);

std::string of_properties(const Json& properties, const Json& value) {
  for (const auto& member : value.members) {
    const auto* property = properties.find(member.name);
    if (property == nullptr) return member.name + ": is not described";
    if (auto wrong = violation(*property, member.value); !wrong.empty()) return member.name + ": " + wrong;
  }
  return {};
}

std::string of_required(const Json& required, const Json& value) {
  for (const auto& name : required.items) {
    if (value.kind == Kind::object && value.find(name.text) == nullptr) return name.text + ": is missing";
  }
  return {};
}

std::string of_items(const Json& items, const Json& value) {
  for (const auto& item : value.items) {
    if (auto wrong = violation(items, item); !wrong.empty()) return "an item: " + wrong;
  }
  return {};
}

bool has_format(const Json& value, std::string_view format) {
  if (format == "date-time") return parse_rfc3339(value.text).has_value();
  return format == "uri" && (value.text.starts_with("http://") || value.text.starts_with("https://"));
}

std::string of_keyword(std::string_view keyword, const Json& rule, const Json& value) {
  const bool is_text = value.kind == Kind::text;
  const auto checked = [&](bool good) { return good ? std::string{} : std::string(keyword) + " does not allow " + value.text; };
  if (keyword == "$schema") return rule.text == "https://json-schema.org/draft/2020-12/schema" ? "" : "another dialect";
  if (keyword == "title") return {};
  if (keyword == "properties") return of_properties(rule, value);
  if (keyword == "required") return of_required(rule, value);
  if (keyword == "items") return of_items(rule, value);
  if (keyword == "type") {
    const bool is_one_of = std::ranges::any_of(rule.items, [&](const Json& type) { return has_type(value, type.text); });
    return checked(is_one_of || has_type(value, rule.text));
  }
  if (keyword == "enum") return checked(std::ranges::any_of(rule.items, [&](const Json& each) { return equals(each, value); }));
  if (keyword == "const") return checked(equals(rule, value));
  if (keyword == "minimum") return checked(value.kind != Kind::number || value.whole().value_or(0) >= *rule.whole());
  if (keyword == "minLength") return checked(!is_text || value.text.size() >= *rule.whole());
  if (keyword == "pattern") return checked(rule.text == hex_pattern && (!is_text || hex_decode32(value.text).has_value()));
  if (keyword == "format") return checked(!is_text || has_format(value, rule.text));
  return "the keyword " + std::string(keyword) + " is not known";
}

std::string violation(const Json& schema, const Json& value) {
  for (const auto& [keyword, rule] : schema.members) {
    if (auto wrong = of_keyword(keyword, rule, value); !wrong.empty()) return wrong;
  }
  return {};
}

}  // namespace

std::string schema_violation(std::string_view schema, std::string_view json) {
  const auto rules = read_json(schema);
  const auto value = read_json(json);
  if (!rules || rules->kind != Kind::object || rules->members.empty()) return "is no schema";
  if (!value) return value.error().message;
  return violation(*rules, *value);
}

}  // namespace lntpay::test
