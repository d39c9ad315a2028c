// The table of errors: name, status, sentence.
#include "core/base/error.hpp"

#include <array>
#include <cstddef>

namespace lntpay {
namespace {

constexpr std::array<ErrorInfo, 33> table{{
    {"invalid_request", 400, "The request is not valid."},
    {"bolt11_invalid", 400, "This is not a valid BOLT11 invoice."},
    {"idempotency_key_required", 400, "Send an Idempotency-Key header: a UUID of your own for each new operation."},
    {"idempotency_key_invalid", 400, "Idempotency-Key takes one line of 1 to 255 visible ASCII characters."},
    {"unauthenticated", 401, "Send a valid API key: Authorization: Bearer lnt_test_… or lnt_live_…"},
    {"insufficient_scopes", 403, "This API key lacks a scope that the request needs."},
    {"environment_mismatch", 403, "This request belongs to the other environment; use a key of that environment."},
    {"limit_exceeded", 403, "A limit of this API key or workspace does not allow it."},
    {"not_found", 404, "There is nothing here with this id or path."},
    {"method_not_allowed", 405, "This path does not take that method."},
    {"request_timeout", 408, "The request did not arrive in time."},
    {"idempotency_in_progress", 409, "The first request with this Idempotency-Key is still running; ask again shortly."},
    {"redemption_in_progress", 409, "A request with this payment is being served; present it again as Retry-After says."},
    {"invalid_state", 409, "The resource's state does not allow it."},
    {"payload_too_large", 413, "The request body is larger than 256 KiB."},
    {"uri_too_long", 414, "The request target is longer than 8 KiB."},
    {"unsupported_media_type", 415, "Send the body as application/json, not compressed."},
    {"headers_too_large", 431, "The request's header is over 100 fields or 16 KiB."},
    {"insufficient_funds", 422, "The available balance does not cover amount and fee limit."},
    {"bolt11_amount_mismatch", 422, "The amount does not agree with the invoice."},
    {"bolt11_expired", 422, "The invoice has expired; ask the payee for a new one."},
    {"bolt11_expiry_too_far", 422, "The invoice expires too far ahead; ask the payee for a shorter one."},
    {"bolt11_network_mismatch", 422, "The invoice is for another network; ask the payee for one of this network."},
    {"self_payment", 422, "The invoice is our own node's, so money cannot leave by it; ask for one of another node."},
    {"fee_limit_too_low", 422, "The fee limit is below what the route costs."},
    {"idempotency_key_reused", 422, "This Idempotency-Key was used with another request; draw a new one."},
    {"rate_limit_exceeded", 429, "Too many requests; wait as Retry-After says."},
    {"internal_error", 500, "Something went wrong on our side; the request id helps us to find it."},
    {"node_unavailable", 503, "The Lightning node cannot be reached; nothing was lost, try again."},
    {"storage_unavailable", 503, "The store cannot be reached; nothing was lost, try again."},
    {"overloaded", 503, "Too much at once; try again shortly."},
    {"conflict", 500, "Something went wrong on our side; the request id helps us to find it."},
    {"lease_elsewhere", 500, "Something went wrong on our side; the request id helps us to find it."},
}};
static_assert(table.size() == static_cast<std::size_t>(ErrorCode::lease_elsewhere) + 1);

}  // namespace

const ErrorInfo& info(ErrorCode code) { return table[static_cast<std::size_t>(code)]; }

}  // namespace lntpay
