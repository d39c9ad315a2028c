// The frame of the page, and its content for each state of the charge.
#include "edge/pages/checkout_page.hpp"

#include "core/base/encoding.hpp"
#include "core/base/time.hpp"
#include "core/crypto/sha256.hpp"
#include "edge/pages/checkout_script.hpp"
#include "edge/pages/checkout_style.hpp"
#include "edge/pages/html.hpp"
#include "edge/pages/qr.hpp"

namespace lntpay {
namespace {

constexpr std::string_view frame = R"html(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{{title}}</title>
<style>{{style}}</style>
{{head}}</head>
<body>
{{body}}
</body>
</html>
)html";

/// Without scripts the page reloads itself.
constexpr std::string_view pending_head = R"html(<noscript><meta http-equiv="refresh" content="10"></noscript>
)html";

constexpr std::string_view pending_body = R"html(<main data-status="{{link}}/status" data-left-ms="{{left_ms}}">
{{test}}<h1>{{amount}} <small>sats</small></h1>
<p>{{description}}</p>
<a class="qr" href="lightning:{{bolt11}}">{{qr}}</a>
<p class="soft" id="left">Expires at {{expires_at}}</p>
<p class="soft" id="said" role="status">Waiting for the payment</p>
<a class="button first" href="lightning:{{bolt11}}">Open in a wallet</a>
<button type="button" id="wallet" hidden>Pay with the browser wallet</button>
<button type="button" id="copy" hidden>Copy the invoice</button>
{{pay}}<details id="more"><summary>The invoice as text</summary><code id="invoice">{{bolt11}}</code></details>
</main>
<script type="module">{{script}}</script>)html";

constexpr std::string_view test_note = R"html(<p class="test">Test: no real money</p>
)html";

constexpr std::string_view pay_form =
    R"html(<form method="post" action="{{link}}/pay"{{target}}><button>Pay from the sandbox</button></form>
)html";

constexpr std::string_view ended_body = R"html(<main class="{{mood}}">
{{test}}<svg class="mark" viewBox="0 0 48 48" aria-hidden="true"><circle cx="24" cy="24" r="21"/><path d="{{mark}}"/></svg>
<h1>{{title}}</h1>
<p role="status">{{text}}</p>
<p class="soft">{{description}}</p>
{{next}}</main>)html";

constexpr std::string_view next_link = R"html(<a class="button first" href="{{url}}">Continue</a>
)html";
constexpr std::string_view next_head = R"html(<meta http-equiv="refresh" content="3;url={{url}}">
)html";

constexpr std::string_view later_body = R"html(<main class="bad">
<svg class="mark" viewBox="0 0 48 48" aria-hidden="true"><circle cx="24" cy="24" r="21"/><path d="{{mark}}"/></svg>
<h1>One moment</h1>
<p role="status">{{why}}</p>
<p class="soft">This page reloads in {{seconds}} s.</p>
</main>)html";
constexpr std::string_view later_head = R"html(<meta http-equiv="refresh" content="{{seconds}}">
)html";

constexpr std::string_view tick_mark = "M14 25l7 7 14-15";
constexpr std::string_view cross_mark = "M17 17l14 14M31 17L17 31";
constexpr std::string_view bang_mark = "M24 13v14M24 34v.1";

/// "21,000", "0.5"
std::string sats_of(Msat amount) {
  auto whole = std::to_string(amount.value / 1'000);
  for (auto at = static_cast<std::ptrdiff_t>(whole.size()) - 3; at > 0; at -= 3) whole.insert(static_cast<std::size_t>(at), ",");
  const auto rest = amount.value % 1'000;
  if (rest == 0) return whole;
  auto digits = std::to_string(1'000 + rest).substr(1);
  digits.erase(digits.find_last_not_of('0') + 1);
  return whole + "." + digits;
}

/// "2026-11-28 07:20 UTC"
std::string clock_of(UnixMillis at) {
  const auto text = rfc3339(at);
  return text.substr(0, 10) + " " + text.substr(11, 5) + " UTC";
}

struct Ending {
  std::string_view mood;
  std::string_view mark;
  std::string_view title;
  std::string text;
};

Ending ending_of(const Charge& charge) {
  if (unlocks(charge)) return {"good", tick_mark, "Paid", sats_of(charge.settled) + " sats have arrived. Thank you."};
  switch (charge.status) {
    case ChargeStatus::underpaid:
      return {"bad", bang_mark, "Paid in part",
              "Only " + sats_of(charge.settled) + " of " + sats_of(charge.amount) + " sats have arrived. Contact the merchant."};
    case ChargeStatus::paid_late:
      return {"bad", bang_mark, "Paid too late",
              sats_of(charge.settled) + " sats arrived after this invoice had expired. Contact the merchant."};
    case ChargeStatus::canceled:
      return {"bad", cross_mark, "Canceled", "This payment was canceled. Request a new invoice from the merchant."};
    default: return {"bad", cross_mark, "Expired", "This invoice has expired. Request a new one from the merchant."};
  }
}

std::string framed(std::string_view title, std::string_view head, std::string_view body) {
  return fill(frame, {{"title", title}, {"style", checkout_style, true}, {"head", head, true}, {"body", body, true}});
}

std::string pending_page(const Checkout& checkout) {
  const auto& [charge, environment, now, link] = checkout;
  const bool test = environment == Environment::test;
  const bool elsewhere = link.contains("://");  // at a gate: a payment in another tab admits this one
  const auto left = charge.expires_at > now ? charge.expires_at - now : Millis{};
  const auto pay =
      test ? fill(pay_form, {{"link", link}, {"target", elsewhere ? R"( target="_blank")" : "", true}}) : std::string();
  const auto body = fill(pending_body, {{"link", link},
                                        {"left_ms", std::to_string(left.value)},
                                        {"test", test ? test_note : "", true},
                                        {"amount", sats_of(charge.amount)},
                                        {"description", charge.description},
                                        {"bolt11", charge.bolt11},
                                        {"qr", invoice_qr(charge).value_or(""), true},
                                        {"expires_at", clock_of(charge.expires_at)},
                                        {"pay", pay, true},
                                        {"script", checkout_script, true}});
  return framed("Pay " + sats_of(charge.amount) + " sats", pending_head, body);
}

std::string ended_page(const Ending& ending, const Charge& charge, bool test) {
  const std::string_view url = unlocks(charge) ? charge.success_url : std::string_view();
  const auto next = url.empty() ? std::string() : fill(next_link, {{"url", url}});
  const auto head = url.empty() ? std::string() : fill(next_head, {{"url", url}});
  const auto body = fill(ended_body, {{"mood", ending.mood},
                                      {"test", test ? test_note : "", true},
                                      {"mark", ending.mark},
                                      {"title", ending.title},
                                      {"text", ending.text},
                                      {"description", charge.description},
                                      {"next", next, true}});
  return framed(ending.title, head, body);
}

std::string source_of(std::string_view text) { return "'sha256-" + base64(Base64::standard, sha256(bytes_of(text))) + "'"; }

}  // namespace

std::string checkout_page(const Checkout& checkout) {
  if (!is_final(checkout.charge.status)) return pending_page(checkout);
  return ended_page(ending_of(checkout.charge), checkout.charge, checkout.environment == Environment::test);
}

std::string missing_page() {
  return ended_page({"bad", cross_mark, "Nothing here", "This link belongs to no payment. Check that it was copied completely."},
                    {}, false);
}

std::string later_page(std::string_view why, std::uint32_t again_after_s) {
  const auto seconds = std::to_string(again_after_s);
  const auto body = fill(later_body, {{"mark", bang_mark}, {"why", why}, {"seconds", seconds}});
  return framed("One moment", fill(later_head, {{"seconds", seconds}}), body);
}

std::vector<Header> page_headers(std::string_view origin) {
  static const std::string own = "style-src " + source_of(checkout_style) + "; script-src " + source_of(checkout_script);
  const std::string self = origin.empty() ? "'self'" : "'self' " + std::string(origin);
  return {{"content-type", "text/html; charset=utf-8"},
          {"content-security-policy", "default-src 'none'; connect-src " + self + "; form-action " + self +
                                          "; base-uri 'none'; frame-ancestors 'none'; " + own},
          {"referrer-policy", "no-referrer"}};  // the link is private to the payer
}

std::optional<std::string> invoice_qr(const Charge& charge) {
  std::string text = "LIGHTNING:" + charge.bolt11;
  for (auto& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return qr_svg(text, "Invoice of " + sats_of(charge.amount) + " sats");
}

}  // namespace lntpay
