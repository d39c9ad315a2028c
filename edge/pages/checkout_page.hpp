// The checkout page of a charge: what a payer sees of it, in any state, with or without scripts.
#pragma once
#include <string>

#include "core/charge/charge.hpp"

namespace lntpay {

struct Checkout {
  const Charge& charge;
  Environment environment{};
  UnixMillis now;  ///< of the workspace
  /// Of the page, as seen from where it is shown, or whole where that is elsewhere: below it are `status` and, in the sandbox,
  /// `pay`.
  std::string link{};
};

/// The whole page, HTML. It loads nothing: its style and script are in it, and the policy of `page_headers` lets in those alone.
std::string checkout_page(const Checkout& checkout);

/// For a link that leads nowhere.
std::string missing_page();

/// For what cannot be shown yet. The page comes again by itself after so many seconds.
std::string later_page(std::string_view why, std::uint32_t again_after_s);

/// The headers of an answer that is a page. `origin`: where it asks for the status, if that is not where it is shown.
std::vector<Header> page_headers(std::string_view origin = {});

/// The invoice as a QR code, in capitals; nullopt where it is too long for one.
std::optional<std::string> invoice_qr(const Charge& charge);

/// {"object":"checkout","status","expires_at","success_url"}: what the page asks for. `success_url` is null until it may be gone
/// to.
std::string checkout_json(const Charge& charge);

}  // namespace lntpay
