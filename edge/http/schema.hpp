// What a request may say: tables of fields. A body and a query are checked against the same kind of table, and OpenAPI is made
// from it, so a field is described once.
//
//   inline constexpr Field fund_fields[] = {
//       {.name = "amount_sats", .type = FieldType::sats, .description = "How much to add.", .required = true},
//       {.name = "metadata", .type = FieldType::object, .description = "Kept and returned as it came."},
//   };
//   const auto body = co_await validate(fund_fields, request.body);
//   const Msat amount = *body.amount("amount_sats");
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/error.hpp"
#include "core/base/json_reader.hpp"
#include "core/base/units.hpp"

namespace lntpay {

/// What only the documentation of the API says. The component has none of it: OpenAPI is written by a native program.
#ifdef __wasm__
struct Prose {
  constexpr Prose() = default;
  consteval Prose(const char*) {}  // NOLINT(google-explicit-constructor): written as text is
};
#else
using Prose = std::string_view;
#endif

enum class FieldType : std::uint8_t {
  text,     ///< min and max: bytes of UTF-8
  integer,  ///< min and max: its value
  sats,     ///< an amount in satoshi; min and max: its value
  msats,    ///< an amount in millisatoshi; min and max: its value
  boolean,
  object,  ///< kept as the text it came as; max: bytes
  one_of,  ///< one of `names`
  names,   ///< a list of different `names`; min and max: how many. In a query: with commas between
  url,     ///< http or https, absolute; max: bytes
  hex32,   ///< 64 lower-case hex digits
  time,    ///< RFC 3339
};

/// The largest `max` that a type has by itself; used where a field's `max` is 0.
std::uint64_t max_of(FieldType type);

/// By default an amount is not 0, a text or a list not empty: `min` is 1.
struct Field {
  std::string_view name;
  FieldType type{};
  Prose description;  ///< one line
  bool required = false;
  std::uint64_t min = 1;
  std::uint64_t max = 0;
  std::span<const std::string_view> names{};
};

using Schema = std::span<const Field>;

/// What a route promises of its answers: for the API's documentation and for tests, which are native.
#ifdef __wasm__
template <class T>
struct Promised : std::span<const T> {
  constexpr Promised() = default;
  template <std::size_t N>
  consteval Promised(const T (&)[N]) {}  // NOLINT(google-explicit-constructor): written as the list is
};
inline constexpr bool promises_are_kept = false;
#else
template <class T>
using Promised = std::span<const T>;
inline constexpr bool promises_are_kept = true;
#endif

/// Values that hold to a schema. Each accessor is nullopt where the field was not given (or given as null), and is for fields of
/// its type only.
class Body {
 public:
  Body() = default;
  explicit Body(Json object) : object_(std::move(object)) {}

  [[nodiscard]] bool has(std::string_view name) const { return find(name) != nullptr; }
  /// It was given, as null: where that means more than nothing.
  [[nodiscard]] bool is_null(std::string_view name) const { return object_.find(name) != nullptr && !has(name); }
  [[nodiscard]] std::optional<std::string> text(std::string_view name) const;  ///< text, one_of, url, hex32
  [[nodiscard]] std::optional<std::uint64_t> integer(std::string_view name) const;
  [[nodiscard]] std::optional<Msat> sats(std::string_view name) const;
  [[nodiscard]] std::optional<Msat> msats(std::string_view name) const;
  [[nodiscard]] std::optional<bool> flag(std::string_view name) const;
  /// The exact text of an object.
  [[nodiscard]] std::optional<std::string> object(std::string_view name) const;
  [[nodiscard]] std::vector<std::string> names(std::string_view name) const;
  [[nodiscard]] std::optional<UnixMillis> time(std::string_view name) const;

 private:
  [[nodiscard]] const Json* find(std::string_view name) const;
  Json object_{.kind = Json::Kind::object};
};

/// Fails with invalid_request and the field as `param`: not an object, unknown, missing, of another type, out of range. An empty
/// body is an empty object.
Result<Body> validate(Schema schema, std::string_view body);

using Query = std::vector<std::pair<std::string, std::string>>;

/// The same for query parameters.
Result<Body> validate_query(Schema schema, const Query& query);

}  // namespace lntpay
