// The two responses of LNURL-pay (LUD-06), as a payer reads them. Errors are clauses for the user that begin with "it" or the
// service's own reason, cut and without control characters.
#pragma once
#include <expected>
#include <string>
#include <string_view>

#include "core/base/units.hpp"
#include "core/lightning/bolt11/invoice.hpp"

namespace lntpay::lnurl {

/// Of a response that is read. A payRequest may have a picture in its metadata.
inline constexpr std::uint32_t response_bytes_max = 256 * 1'024;

struct PayRequest {
  std::string callback;
  Msat least;  ///< minSendable
  Msat most;   ///< maxSendable
  std::string metadata;
  std::uint64_t comment_length_max = 0;  ///< commentAllowed, in characters
};

/// The first response. Its metadata must be a JSON array with exactly one text/plain.
std::expected<PayRequest, std::string> read_pay_request(std::string_view body);

/// Whether the service takes the amount and the comment.
std::expected<void, std::string> accepts(const PayRequest& request, Msat amount, std::string_view comment);

/// The URL of the second request. An empty comment is not sent.
std::string invoice_url(const PayRequest& request, Msat amount, std::string_view comment);

/// The invoice of the second response, undecoded.
std::expected<std::string, std::string> read_invoice(std::string_view body);

/// Whether the invoice is what was asked for: of exactly this amount, and bound by its description hash to what the payer was
/// shown.
std::expected<void, std::string> check_invoice(const bolt11::Invoice& invoice, const PayRequest& request, Msat amount);

}  // namespace lntpay::lnurl
