// Validation of requests: a body and a query are checked against the same kind of field list (core/base/field.hpp).
//
//   inline constexpr Field fund_fields[] = {
//       {.name = "amount_sats", .type = FieldType::sats, .description = "The amount to add.", .required = true},
//       {.name = "metadata", .type = FieldType::object, .description = "Returned as you sent it."},
//   };
//   const auto body = co_await validate(fund_fields, request.body);
//   const Msat amount = *body.sats("amount_sats");
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/error.hpp"
#include "core/base/field.hpp"
#include "core/base/json_reader.hpp"
#include "core/base/units.hpp"

namespace lntpay {

/// The largest `max` that a type has by itself; used where a field's `max` is 0.
std::uint64_t max_of(FieldType type);

/// Values that match a schema. An accessor returns nullopt if the field is absent or null; each is for fields of its type only.
class Body {
 public:
  Body() = default;
  explicit Body(Json object) : object_(std::move(object)) {}

  [[nodiscard]] bool has(std::string_view name) const { return find(name) != nullptr; }
  /// The field is null, where that means something other than absent.
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
  [[nodiscard]] std::optional<Bytes32> hex32(std::string_view name) const;
  /// Of an object in a query: `name[member]=value`.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> members(std::string_view name) const;

 private:
  [[nodiscard]] const Json* find(std::string_view name) const;
  Json object_{.kind = Json::Kind::object};
};

/// Fails with invalid_request and the field as `param`: not an object, unknown, missing, of another type, out of range. An empty
/// body is an empty object.
Result<Body> validate(Schema schema, std::string_view body);

using Query = std::vector<std::pair<std::string, std::string>>;

/// The same for query parameters. An object is written as one parameter for each member: `metadata[order]=1001`.
Result<Body> validate_query(Schema schema, const Query& query);

}  // namespace lntpay
