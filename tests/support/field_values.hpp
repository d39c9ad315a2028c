// Values at the limits of a request's fields, generated from their descriptions.
#pragma once
#include <string>
#include <vector>

#include "core/base/field.hpp"

namespace lntpay::test {

/// A value of a field: in a body, and as the text of a query's parameter.
struct FieldValue {
  std::string json;
  std::string text;
  bool good = false;
};

/// Values just inside the field's limits and just outside them: at n - 1, n and n + 1. The first one is good.
std::vector<FieldValue> values_at_limits(const Field& field);

/// `"name":value` of every required field but one.
std::vector<std::string> required_members(Schema schema, std::string_view except = {});
/// `{…}` with the required members, and one more if it is not empty.
std::string body_of(Schema schema, const std::string& more = {}, std::string_view except = {});

}  // namespace lntpay::test
