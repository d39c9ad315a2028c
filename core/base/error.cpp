// The table of errors: status and sentence.
#include "core/base/error.hpp"

#include <array>
#include <cstddef>

namespace lntpay {
namespace {

struct StatusAndSentence {
  std::uint16_t status;
  std::string_view sentence;
};

constexpr auto rows = std::to_array<StatusAndSentence>({
    {400, "The request is not valid. Compare it with the API reference."},
    {400, "This is not a valid BOLT11 invoice."},
    {400, "Send an Idempotency-Key header: a new UUID for each operation."},
    {400, "Idempotency-Key must be one header of 1 to 255 visible ASCII characters."},
    {401, "Send a valid API key: Authorization: Bearer lnt_test_… or lnt_live_…"},
    {403, "This API key lacks a scope that the request needs. Use a key that has it."},
    {403, "This request belongs to the other environment; use a key of that environment."},
    {403, "The request exceeds a limit of this API key or workspace. Lower the amount, or use another key."},
    {404, "There is no resource with this id or path. Check it, and the workspace and environment of the API key."},
    {405, "This path does not support that method. Use one of those in the Allow header."},
    {408, "The request was not received in time. Retry it."},
    {409, "The first request with this Idempotency-Key is still running; retry after the seconds in Retry-After."},
    {409, "Another request with this payment is being served; retry after the seconds in Retry-After."},
    {409, "The state of the resource does not allow this. Get the resource and check its status."},
    {413, "The request body is larger than 256 KiB. Send a smaller one."},
    {414, "The request target is longer than 8 KiB. Shorten it."},
    {415, "Send the body as application/json without compression."},
    {431, "The request headers exceed 100 fields or 16 KiB. Send fewer or shorter ones."},
    {422, "The available balance does not cover the amount and the fee limit. Fund the workspace or lower the amount."},
    {422, "The amount does not match the invoice. Send the amount of the invoice, or none."},
    {422, "This invoice has expired. Request a new one from the payee."},
    {422, "This invoice expires too far in the future. Request one with a shorter expiry from the payee."},
    {422, "This invoice is for another network. Request one for this network from the payee."},
    {422, "This invoice was issued by our own node. Use an invoice from another node."},
    {422, "The fee limit is below the cost of the route. Raise it."},
    {422, "The Lightning address or LNURL cannot be paid. Check it, or ask the payee for an invoice."},
    {422, "This Idempotency-Key was used with a different request. Use a new key."},
    {422, "The balance would exceed 21 million bitcoin. Use a smaller amount, or reset the sandbox."},
    {429, "Too many requests. Retry after the seconds in Retry-After."},
    {500, "An internal error occurred. Contact support with the request id."},
    {503, "The Lightning node is unavailable. Try again."},
    {503, "The price of this request is not available now. Try again."},
    {503, "The store is unavailable. Try again."},
    {503, "The server is overloaded. Try again shortly."},
    {500, "An internal error occurred. Contact support with the request id."},
    {500, "An internal error occurred. Contact support with the request id."},
});
static_assert(rows.size() == enum_names<ErrorCode>.size());

constexpr auto table = [] {
  std::array<ErrorInfo, rows.size()> table{};
  for (std::size_t i = 0; i < rows.size(); ++i) table[i] = {enum_names<ErrorCode>[i], rows[i].status, rows[i].sentence};
  return table;
}();

}  // namespace

const ErrorInfo& info(ErrorCode code) { return table[static_cast<std::size_t>(code)]; }

}  // namespace lntpay
