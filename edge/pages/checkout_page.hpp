// The checkout page of a charge, for every state, with or without scripts.
#pragma once
#include <string>

#include "core/charge/charge.hpp"
#include "edge/pages/page_look.hpp"

namespace lntpay {

struct Checkout {
  const Charge& charge;
  Environment environment{};
  UnixMillis now;  ///< of the workspace
  /// The page's address, relative to where it is shown or absolute if it is shown elsewhere (at a gate). Below it are `status`,
  /// `renew` and, in the sandbox, `pay`.
  std::string link{};
  PageLook look{};
};

/// The page as HTML. Style and script are inline, and the policy of `page_headers` allows only those, and the logo.
std::string checkout_page(const Checkout& checkout);

/// For an unknown link.
std::string missing_page(const PageTexts& texts = page_texts_for({}));

/// For a temporary error. After that many seconds the page loads `next`; empty: the page itself.
std::string later_page(std::string_view why, std::uint32_t again_after_s, std::string_view next, const PageTexts& texts);

/// The headers of a page. `origin`: where it polls the status, if not where it is shown.
std::vector<Header> page_headers(std::string_view origin = {}, const PageLook& look = {});

/// The invoice as a QR code, in capitals; nullopt if it is too long for one.
std::optional<std::string> invoice_qr(const Charge& charge, const PageTexts& texts = page_texts_for({}));

}  // namespace lntpay
