// Validation against field lists.
#include "edge/http/schema.hpp"

#include <algorithm>

#include "core/base/encoding.hpp"
#include "core/base/time.hpp"
#include "core/storage/row.hpp"

namespace lntpay {
namespace {

std::uint64_t max_of(const Field& field) { return field.max != 0 ? field.max : lntpay::max_of(field.type); }

std::string joined(std::span<const std::string_view> names) {
  std::string text;
  for (const auto name : names) text.append(text.empty() ? "" : ", ").append(name);
  return text;
}

/// A name from a request, short enough to repeat in a message.
std::string clipped(std::string_view text) {
  constexpr std::size_t size_max = 64;
  if (text.size() <= size_max) return std::string(text);
  std::size_t end = size_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return std::string(text.substr(0, end)) + "…";
}

std::unexpected<Error> wrong(const Field& field, std::string_view must) {
  return fail(ErrorCode::invalid_request, std::string(field.name).append(" must be ").append(must).append("."),
              std::string(field.name));
}

std::string between(std::uint64_t min, std::uint64_t max) { return std::to_string(min) + " to " + std::to_string(max); }

std::string range_of(const Field& field) { return between(field.min, max_of(field)); }

bool in_range(const Field& field, std::uint64_t n) { return n >= field.min && n <= max_of(field); }

bool is_text(const Json& value) { return value.kind == Json::Kind::text; }

/// http or https, then a host; egress rules decide which URLs may be fetched.
bool looks_like_url(std::string_view text) {
  const auto scheme = text.starts_with("https://") ? 8U : text.starts_with("http://") ? 7U : 0U;
  const auto plain = [](char c) { return c > ' ' && c < '\x7f' && c != '"' && c != '<' && c != '>' && c != '\\'; };
  return scheme != 0 && text.size() > scheme && text[scheme] != '/' && std::ranges::all_of(text, plain);
}

Result<> check_whole(const Field& field, const Json& value, std::string_view what) {
  const auto number = value.whole();
  if (!number || !in_range(field, *number)) return wrong(field, std::string(what) + " from " + range_of(field));
  return {};
}

Result<> check_names(const Field& field, const Json& value) {
  const auto known = [&](const Json& item) {
    return is_text(item) && (field.names.empty() || std::ranges::contains(field.names, std::string_view(item.text)));
  };
  if (value.kind != Json::Kind::array || !std::ranges::all_of(value.items, known)) {
    return wrong(field, field.names.empty() ? std::string("a list of texts") : "a list of: " + joined(field.names));
  }
  const auto max = field.max != 0 ? field.max : field.names.size();
  if (value.items.size() < field.min || value.items.size() > max) return wrong(field, "a list of " + between(field.min, max));
  for (std::size_t i = 0; i < value.items.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (value.items[i].text == value.items[j].text) return wrong(field, "a list without duplicates");
    }
  }
  return {};
}

Result<> check(const Field& field, const Json& value) {
  switch (field.type) {
    case FieldType::text:
      if (!is_text(value) || !in_range(field, value.text.size())) return wrong(field, "a text of " + range_of(field) + " bytes");
      return {};
    case FieldType::integer: return check_whole(field, value, "a whole number");
    case FieldType::sats: return check_whole(field, value, "a whole number of satoshi");
    case FieldType::msats: return check_whole(field, value, "a whole number of millisatoshi");
    case FieldType::boolean:
      if (value.kind != Json::Kind::boolean) return wrong(field, "true or false");
      return {};
    case FieldType::object:
      if (value.kind != Json::Kind::object) return wrong(field, "an object");
      if (value.text.size() > max_of(field))
        return wrong(field, "an object of at most " + std::to_string(max_of(field)) + " bytes");
      return {};
    case FieldType::one_of:
      if (!is_text(value) || !std::ranges::contains(field.names, std::string_view(value.text))) {
        return wrong(field, "one of: " + joined(field.names));
      }
      return {};
    case FieldType::names: return check_names(field, value);
    case FieldType::url:
      if (!is_text(value) || value.text.size() > max_of(field) || !looks_like_url(value.text)) {
        return wrong(field, "an http or https URL of at most " + std::to_string(max_of(field)) + " bytes");
      }
      return {};
    case FieldType::hex32:
      if (!is_text(value) || !hex_decode32(value.text)) return wrong(field, "64 lower-case hex digits");
      return {};
    case FieldType::time:
      if (!is_text(value) || !parse_rfc3339(value.text)) return wrong(field, "a time such as 2026-02-03T04:05:06Z");
      return {};
  }
  return wrong(field, "known");
}

std::unexpected<Error> unknown(Schema schema, std::string_view name, std::string_view kind) {
  std::string fields;
  for (const auto& field : schema) fields.append(fields.empty() ? "" : ", ").append(field.name);
  std::string message = "There is no " + std::string(kind) + " \"" + clipped(name) + "\" here. ";
  message += fields.empty() ? "This request takes none." : "Allowed: " + fields + ".";
  return fail(ErrorCode::invalid_request, std::move(message), clipped(name));
}

Result<Body> checked(Schema schema, Json object, std::string_view kind) {
  for (const auto& member : object.members) {
    const auto field = std::ranges::find(schema, std::string_view(member.name), &Field::name);
    if (field == schema.end()) return unknown(schema, member.name, kind);
    if (member.value.kind == Json::Kind::null) continue;
    if (const auto good = check(*field, member.value); !good) return std::unexpected(good.error());
  }
  for (const auto& field : schema) {
    const auto* value = object.find(field.name);
    if (field.required && (value == nullptr || value->kind == Json::Kind::null)) {
      return fail(ErrorCode::invalid_request, std::string(field.name) + " is required.", std::string(field.name));
    }
  }
  return Body(std::move(object));
}

/// "metadata[order]" is the member "order" of "metadata".
std::pair<std::string_view, std::optional<std::string_view>> split_member(std::string_view name) {
  const auto open = name.find('[');
  if (open == std::string_view::npos || !name.ends_with(']')) return {name, std::nullopt};
  return {name.substr(0, open), name.substr(open + 1, name.size() - open - 2)};
}

void add_member(Json& query, std::string_view name, std::string_view member, const std::string& text) {
  auto at = std::ranges::find(query.members, name, &Json::Member::name);
  if (at == query.members.end()) at = query.members.insert(at, {std::string(name), {.kind = Json::Kind::object}});
  at->value.members.push_back({std::string(member), {.kind = Json::Kind::text, .text = text}});
}

/// A query's text as the JSON that a body would have.
Json value_of(const Field& field, const std::string& text) {
  Json value{.kind = Json::Kind::text, .text = text};
  switch (field.type) {
    case FieldType::integer:
    case FieldType::sats:
    case FieldType::msats:
      // As in JSON a number has no leading zeros.
      if (!text.starts_with('0') || text == "0") value.kind = Json::Kind::number;
      return value;
    case FieldType::boolean:
      if (text == "true" || text == "false") value = {.kind = Json::Kind::boolean, .flag = text == "true"};
      return value;
    case FieldType::names: {
      value = {.kind = Json::Kind::array};
      std::string_view rest = text;
      while (!rest.empty()) value.items.push_back({.kind = Json::Kind::text, .text = std::string(row::cut(rest, ','))});
      if (text.ends_with(',')) value.items.push_back({.kind = Json::Kind::text});
      return value;
    }
    case FieldType::text:
    case FieldType::object:
    case FieldType::one_of:
    case FieldType::url:
    case FieldType::hex32:
    case FieldType::time: return value;
  }
  return value;
}

}  // namespace

std::uint64_t max_of(FieldType type) {
  constexpr std::uint64_t text_max = 255;
  constexpr std::uint64_t integer_max = 9'007'199'254'740'991;  // the largest integer that a JavaScript number holds exactly
  constexpr std::uint64_t object_max = 4'096;
  constexpr std::uint64_t url_max = 2'048;
  switch (type) {
    case FieldType::text: return text_max;
    case FieldType::integer: return integer_max;
    case FieldType::sats: return msat_max.value / 1'000;
    case FieldType::msats: return msat_max.value;
    case FieldType::object: return object_max;
    case FieldType::url: return url_max;
    case FieldType::boolean:
    case FieldType::one_of:
    case FieldType::names:
    case FieldType::hex32:
    case FieldType::time: return integer_max;
  }
  return integer_max;
}

const Json* Body::find(std::string_view name) const {
  const auto* value = object_.find(name);
  return value != nullptr && value->kind != Json::Kind::null ? value : nullptr;
}

std::optional<std::string> Body::text(std::string_view name) const {
  const auto* value = find(name);
  return value != nullptr ? std::optional(value->text) : std::nullopt;
}

std::optional<std::uint64_t> Body::integer(std::string_view name) const {
  const auto* value = find(name);
  return value != nullptr ? value->whole() : std::nullopt;
}

std::optional<Msat> Body::sats(std::string_view name) const {
  return integer(name).transform([](std::uint64_t sats) { return Msat{sats * 1'000}; });
}

std::optional<Msat> Body::msats(std::string_view name) const {
  return integer(name).transform([](std::uint64_t msats) { return Msat{msats}; });
}

std::optional<bool> Body::flag(std::string_view name) const {
  const auto* value = find(name);
  return value != nullptr ? std::optional(value->flag) : std::nullopt;
}

std::optional<std::string> Body::object(std::string_view name) const { return text(name); }

std::vector<std::string> Body::names(std::string_view name) const {
  std::vector<std::string> names;
  if (const auto* value = find(name); value != nullptr) {
    for (const auto& item : value->items) names.push_back(item.text);
  }
  return names;
}

std::optional<UnixMillis> Body::time(std::string_view name) const {
  const auto* value = find(name);
  return value != nullptr ? parse_rfc3339(value->text) : std::nullopt;
}

std::optional<Bytes32> Body::hex32(std::string_view name) const {
  const auto* value = find(name);
  return value != nullptr ? hex_decode32(value->text) : std::nullopt;
}

std::vector<std::pair<std::string, std::string>> Body::members(std::string_view name) const {
  std::vector<std::pair<std::string, std::string>> members;
  if (const auto* value = find(name); value != nullptr) {
    for (const auto& member : value->members) members.emplace_back(member.name, member.value.text);
  }
  return members;
}

Result<Body> validate(Schema schema, std::string_view body) {
  if (body.empty()) return checked(schema, {.kind = Json::Kind::object}, "field");
  auto json = read_json(body);
  if (!json) return std::unexpected(std::move(json.error()));
  if (json->kind != Json::Kind::object) return fail(ErrorCode::invalid_request, "The body must be a JSON object.");
  return checked(schema, std::move(*json), "field");
}

Result<Body> validate_query(Schema schema, const Query& query) {
  Json object{.kind = Json::Kind::object};
  for (const auto& [name, text] : query) {
    const auto [base, member] = split_member(name);
    const auto field = std::ranges::find(schema, base, &Field::name);
    if (field == schema.end() || (member && field->type != FieldType::object)) return unknown(schema, name, "parameter");
    if (field->type == FieldType::object && !member) return wrong(*field, "written as " + std::string(base) + "[name]=value");
    if (member) {
      add_member(object, base, *member, text);
    } else {
      object.members.push_back({name, value_of(*field, text)});
    }
  }
  return checked(schema, std::move(object), "parameter");
}

}  // namespace lntpay
