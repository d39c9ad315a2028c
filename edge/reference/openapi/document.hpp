// The OpenAPI document of the API (https://spec.openapis.org/oas/v3.1.1), made from the route table.
//
// Everything in it comes from what also runs: routes, fields, error codes and event types from their tables, examples from a run of
// the engine (examples.hpp). Nothing is a second statement of a fact, but the names of groups and what hosts serve by themselves.
#pragma once
#include <string_view>

#include "edge/reference/openapi/document_node.hpp"
#include "edge/reference/openapi/examples.hpp"

namespace lntpay::openapi {

Node document(std::string_view version, const Examples& examples);

}  // namespace lntpay::openapi
