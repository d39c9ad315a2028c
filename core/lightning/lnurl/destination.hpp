// What people call a payee: a Lightning address or an LNURL.
#pragma once
#include <expected>
#include <string>
#include <string_view>

namespace lntpay::lnurl {

/// The longest text of a destination that is read.
inline constexpr std::size_t destination_bytes_max = 2'048;

/// The URL of the payRequest that a destination names, not yet checked as a URL: of a Lightning address `name@domain` (LUD-16), a
/// bech32 `lnurl1…` (LUD-01), a link `lnurlp://…` (LUD-17) or a URL; the first three also as a `lightning:` link and in capitals.
/// The scheme is https, but http for the address of a loopback host, which only sandboxes may reach. The error is a clause for the
/// user: "it is …".
std::expected<std::string, std::string> pay_request_url(std::string_view destination);

/// The URL as a bech32 `lnurl1…` (LUD-01), which wallets read from a QR code.
std::string lnurl_of(std::string_view url);

}  // namespace lntpay::lnurl
