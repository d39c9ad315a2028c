// Values by the type of a field.
#include "tests/support/field_values.hpp"

#include "edge/http/schema.hpp"

namespace lntpay::test {
namespace {

FieldValue number(std::uint64_t value, bool good) { return {std::to_string(value), std::to_string(value), good}; }
FieldValue quoted(const std::string& text, bool good) { return {"\"" + text + "\"", text, good}; }

std::string letters(std::uint64_t count) { return std::string(static_cast<std::size_t>(count), 'x'); }

/// A path, as some handlers expect, of this many bytes.
FieldValue text_of_size(std::uint64_t size, bool good) { return quoted(size == 0 ? std::string() : "/" + letters(size - 1), good); }
FieldValue url_of_size(std::uint64_t size, bool good) {
  const std::string origin = "https://a.example/";
  return quoted(origin + letters(size - origin.size()), good);
}
FieldValue object_of_size(std::uint64_t size, bool good) {
  const std::string empty = R"({"a":""})";
  const auto text = R"({"a":")" + letters(size - empty.size()) + "\"}";
  return {text, text, good};
}
FieldValue list_of(std::span<const std::string_view> names, std::uint64_t count, bool good) {
  FieldValue list{.json = "[", .text = {}, .good = good};
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto name = names.empty() ? "10.0.0." + std::to_string(i) : std::string(names[static_cast<std::size_t>(i)]);
    list.json.append(i == 0 ? "\"" : ",\"").append(name).append("\"");
    list.text.append(i == 0 ? "" : ",").append(name);
  }
  list.json += "]";
  return list;
}

using Make = FieldValue (*)(std::uint64_t, bool);

/// Around both limits.
std::vector<FieldValue> around(std::uint64_t min, std::uint64_t max, Make make) {
  std::vector<FieldValue> values{make(min, true), make(max, true), make(max + 1, false)};
  if (max > min) values.push_back(make(max - 1, true));
  if (max > min) values.push_back(make(min + 1, true));
  if (min > 0) values.push_back(make(min - 1, false));
  return values;
}

std::vector<FieldValue> lists_of(const Field& field) {
  const auto max = field.max != 0 ? field.max : field.names.size();
  std::vector<FieldValue> values{list_of(field.names, field.min, true)};
  if (field.names.empty() || field.names.size() >= max) values.push_back(list_of(field.names, max, true));
  if (field.names.empty() || field.names.size() > max) values.push_back(list_of(field.names, max + 1, false));
  if (field.min > 0) values.push_back({.json = "[]", .text = {}, .good = false});
  return values;
}

}  // namespace

std::vector<FieldValue> values_at_limits(const Field& field) {
  const auto max = field.max != 0 ? field.max : max_of(field.type);
  switch (field.type) {
    case FieldType::text: return around(field.min, max, text_of_size);
    case FieldType::integer:
    case FieldType::sats:
    case FieldType::msats: return around(field.min, max, number);
    case FieldType::boolean: return {{"true", "true", true}, {"false", "false", true}, {"1", "1", false}};
    case FieldType::object:
      return {{"{}", "{}", true}, object_of_size(max - 1, true), object_of_size(max, true), object_of_size(max + 1, false)};
    case FieldType::one_of: return {quoted(std::string(field.names.front()), true), quoted("no such name", false)};
    case FieldType::names: return lists_of(field);
    case FieldType::url: return {url_of_size(max - 1, true), url_of_size(max, true), url_of_size(max + 1, false)};
    case FieldType::hex32:
      return {quoted(std::string(64, 'a'), true), quoted(std::string(63, 'a'), false), quoted(std::string(65, 'a'), false)};
    case FieldType::time: return {quoted("2027-01-01T00:00:00Z", true), quoted("2027-13-01T00:00:00Z", false)};
  }
  return {};
}

std::vector<std::string> required_members(Schema schema, std::string_view except) {
  std::vector<std::string> members;
  for (const auto& field : schema) {
    if (field.required && field.name != except)
      members.push_back("\"" + std::string(field.name) + "\":" + values_at_limits(field).front().json);
  }
  return members;
}

std::string body_of(Schema schema, const std::string& more, std::string_view except) {
  auto members = required_members(schema, except);
  if (!more.empty()) members.push_back(more);
  std::string body = "{";
  for (const auto& member : members) body.append(body.size() > 1 ? "," : "").append(member);
  return body + "}";
}

}  // namespace lntpay::test
