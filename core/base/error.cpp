// The table of errors: name, status, sentence.
#include "core/base/error.hpp"

#include <array>
#include <cstddef>

namespace lntpay {
namespace {

constexpr std::array<ErrorInfo, 35> table{{
    {"invalid_request", 400, "The request is not valid. Compare it with the API reference."},
    {"bolt11_invalid", 400, "This is not a valid BOLT11 invoice."},
    {"idempotency_key_required", 400, "Send an Idempotency-Key header: a new UUID for each operation."},
    {"idempotency_key_invalid", 400, "Idempotency-Key must be one header of 1 to 255 visible ASCII characters."},
    {"unauthenticated", 401, "Send a valid API key: Authorization: Bearer lnt_test_… or lnt_live_…"},
    {"insufficient_scopes", 403, "This API key lacks a scope that the request needs. Use a key that has it."},
    {"environment_mismatch", 403, "This request belongs to the other environment; use a key of that environment."},
    {"limit_exceeded", 403, "The request exceeds a limit of this API key or workspace. Lower the amount, or use another key."},
    {"not_found", 404, "There is no resource with this id or path. Check it, and the workspace and environment of the API key."},
    {"method_not_allowed", 405, "This path does not support that method. Use one of those in the Allow header."},
    {"request_timeout", 408, "The request was not received in time. Retry it."},
    {"idempotency_in_progress", 409,
     "The first request with this Idempotency-Key is still running; retry after the seconds in Retry-After."},
    {"redemption_in_progress", 409, "Another request with this payment is being served; retry after the seconds in Retry-After."},
    {"invalid_state", 409, "The state of the resource does not allow this. Get the resource and check its status."},
    {"payload_too_large", 413, "The request body is larger than 256 KiB. Send a smaller one."},
    {"uri_too_long", 414, "The request target is longer than 8 KiB. Shorten it."},
    {"unsupported_media_type", 415, "Send the body as application/json without compression."},
    {"headers_too_large", 431, "The request headers exceed 100 fields or 16 KiB. Send fewer or shorter ones."},
    {"insufficient_funds", 422,
     "The available balance does not cover the amount and the fee limit. Fund the workspace or lower the amount."},
    {"bolt11_amount_mismatch", 422, "The amount does not match the invoice. Send the amount of the invoice, or none."},
    {"bolt11_expired", 422, "This invoice has expired. Request a new one from the payee."},
    {"bolt11_expiry_too_far", 422, "This invoice expires too far in the future. Request one with a shorter expiry from the payee."},
    {"bolt11_network_mismatch", 422, "This invoice is for another network. Request one for this network from the payee."},
    {"self_payment", 422, "This invoice was issued by our own node. Use an invoice from another node."},
    {"fee_limit_too_low", 422, "The fee limit is below the cost of the route. Raise it."},
    {"idempotency_key_reused", 422, "This Idempotency-Key was used with a different request. Use a new key."},
    {"balance_limit_exceeded", 422, "The balance would exceed 21 million bitcoin. Use a smaller amount, or reset the sandbox."},
    {"rate_limit_exceeded", 429, "Too many requests. Retry after the seconds in Retry-After."},
    {"internal_error", 500, "An internal error occurred. Contact support with the request id."},
    {"node_unavailable", 503, "The Lightning node is unavailable. Try again."},
    {"price_unavailable", 503, "The price of this request is not available now. Try again."},
    {"storage_unavailable", 503, "The store is unavailable. Try again."},
    {"overloaded", 503, "The server is overloaded. Try again shortly."},
    {"conflict", 500, "An internal error occurred. Contact support with the request id."},
    {"lease_elsewhere", 500, "An internal error occurred. Contact support with the request id."},
}};
static_assert(table.size() == static_cast<std::size_t>(ErrorCode::lease_elsewhere) + 1);

}  // namespace

const ErrorInfo& info(ErrorCode code) { return table[static_cast<std::size_t>(code)]; }

}  // namespace lntpay
