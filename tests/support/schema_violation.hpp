// Checks JSON against the JSON Schemas that core/base/json_schema writes.
#pragma once
#include <string>
#include <string_view>

namespace lntpay::test {

/// The first violation, with its place; empty: none. Stricter than JSON Schema: a member without a property is a violation, and so
/// is a keyword that is not known here, which would otherwise go unchecked.
std::string schema_violation(std::string_view schema, std::string_view json);

}  // namespace lntpay::test
