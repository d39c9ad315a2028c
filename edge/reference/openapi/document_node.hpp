// A JSON tree that keeps the order of its members, in which the document is built.
#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace lntpay::openapi {

using Node = nlohmann::ordered_json;

inline std::string text_of(std::string_view text) { return std::string(text); }

/// "webhook_endpoint" and "charge.paid" -> "WebhookEndpoint" and "ChargePaid"
std::string pascal(std::string_view name);

/// {"$ref":"#/components/{kind}/{name}"}
Node reference_to(std::string_view kind, std::string_view name);

}  // namespace lntpay::openapi
