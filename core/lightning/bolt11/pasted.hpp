// The text that people paste where an invoice is asked for: with white space around it, as a link, or of another kind. The same for
// the API, the command line and the pages.
#pragma once
#include <expected>
#include <string_view>

#include "core/lightning/bolt11/errors.hpp"

namespace lntpay::bolt11 {

/// The part of `text` that should be the invoice; `decode` still has to read it. Removed are white space around it, one leading
/// "lightning:" or "lightning://" in any case, and everything of a BIP 21 link ("bitcoin:ADDRESS?amount=…&lightning=INVOICE") but
/// the invoice. Takes time linear in the size of the text.
/// Fails with offer_not_invoice (lno1…, also as a parameter "lno" of a BIP 21 link), lnurl_not_invoice (lnurl1…, LUD 17's schemes,
/// LUD 01's parameter "lightning" of a web link), lightning_address_not_invoice (name@domain), bitcoin_address_not_invoice (a BIP
/// 21 link without an invoice).
[[nodiscard]] std::expected<std::string_view, Rejection> pasted_invoice(std::string_view text);

}  // namespace lntpay::bolt11
