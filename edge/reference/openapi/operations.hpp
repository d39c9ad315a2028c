// An operation of the document: one route.
#pragma once
#include "edge/reference/openapi/responses.hpp"

namespace lntpay::openapi {

/// "POST /v1/webhook_endpoints/{endpoint}/rotate_secret" -> "rotateWebhookEndpointSecret"
std::string operation_id(const Route& route);

/// The group of a route in the document: "Charges".
std::string tag_of(const Route& route);
/// All groups, with what they are.
Node tags();

/// Of a path: "{charge}".
bool is_parameter(std::string_view segment);

/// What a path's {…} stands for.
Node path_parameter(std::string_view name, const Node& example);

Node operation(const Route& route, Responses& responses, const Examples& examples);

/// #/components/parameters
Node parameter_components();

}  // namespace lntpay::openapi
