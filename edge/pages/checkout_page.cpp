// The frame of the page, and its content while the charge can be paid. The other states: checkout_end.cpp.
#include "edge/pages/checkout_page.hpp"

#include "core/base/encoding.hpp"
#include "core/crypto/sha256.hpp"
#include "edge/pages/checkout_end.hpp"
#include "edge/pages/checkout_parts.hpp"
#include "edge/pages/checkout_script.hpp"
#include "edge/pages/checkout_style.hpp"
#include "edge/pages/html.hpp"
#include "edge/pages/qr.hpp"

namespace lntpay {
namespace {

constexpr std::string_view page_frame = R"html(<!doctype html>
<html lang="{{lang}}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{{title}}</title>
<style>{{style}}</style>
</head>
<body>
{{body}}
<script type="module">{{script}}</script>
</body>
</html>
)html";

constexpr std::string_view pending_body =
    R"html(<main class="open" data-status="{{link}}/status" data-left-ms="{{left_ms}}" data-in="{{expires_in}}"
data-over="{{over}}" data-copied="{{copied}}" data-selected="{{selected}}" data-sent="{{sent}}" data-unpaid="{{unpaid}}">
<div class="about">
{{payee}}{{test}}<h1{{long}}>{{amount}} <small>{{unit}}</small></h1>
{{description}}</div>
<a class="qr" href="lightning:{{bolt11}}">{{qr}}</a>
<div class="act">
<p class="soft" id="left">{{expires_at}} {{time}}</p>
<p class="soft" id="said" role="status">{{waiting}}</p>
<noscript><a class="button" href="">{{check}}</a></noscript>
<a class="button first" href="lightning:{{bolt11}}">{{open_wallet}}</a>
<button type="button" id="wallet" hidden>{{browser_wallet}}</button>
<button type="button" id="copy" hidden>{{copy}}</button>
<p class="quiet" id="heard" role="status"></p>
{{pay}}<details><summary>{{wallets}}</summary><p class="wallets">{{links}}</p></details>
<details id="more"><summary>{{invoice_text}}</summary><code id="invoice">{{bolt11}}</code></details>
<p class="soft small">{{reference}} <span class="id">{{id}}</span></p>
{{cancel}}</div>
</main>)html";

constexpr std::string_view pay_form =
    R"html(<form method="post" action="{{link}}/pay"{{target}}><button>{{sandbox_pay}}</button></form>
)html";
constexpr std::string_view wallet_link = R"html(<a href="{{scheme}}{{bolt11}}">{{name}}</a>
)html";
constexpr std::string_view cancel_link = R"html(<p><a class="soft" href="{{url}}">{{text}}</a></p>
)html";

struct NamedWallet {
  std::string_view name;
  std::string_view scheme;
};
/// The schemes that these wallets register beside "lightning:".
constexpr NamedWallet named_wallets[] = {
    {"Phoenix", "phoenix:lightning:"}, {"Wallet of Satoshi", "walletofsatoshi:lightning:"},
    {"ZEUS", "zeusln:lightning:"},     {"Blixt", "blixtwallet:lightning:"},
    {"Breez", "breez:lightning:"},     {"Muun", "muun:lightning:"},
};

std::string wallet_links(const Charge& charge) {
  std::string links;
  for (const auto& [name, scheme] : named_wallets) {
    links += fill(wallet_link, {{"scheme", scheme}, {"bolt11", charge.bolt11}, {"name", name}});
  }
  return links;
}

std::string pending_page(const Checkout& checkout) {
  const auto& [charge, environment, now, link, look] = checkout;
  const auto& texts = *look.texts;
  const bool test = environment == Environment::test;
  const bool elsewhere = link.contains("://");  // at a gate: a payment in another tab admits this one
  const auto left = charge.expires_at > now ? charge.expires_at - now : Millis{};
  const auto amount = page_amount(charge, texts);
  const auto pay =
      test ? fill(pay_form,
                  {{"link", link}, {"target", elsewhere ? R"( target="_blank")" : "", true}, {"sandbox_pay", texts.sandbox_pay}})
           : std::string();
  const auto cancel =
      charge.cancel_url.empty() ? std::string() : fill(cancel_link, {{"url", charge.cancel_url}, {"text", texts.cancel}});
  constexpr std::size_t wide_amount = 12;  // characters: more do not fit in a phone's line at full size
  const auto body = fill(pending_body, {{"link", link},
                                        {"left_ms", std::to_string(left.value)},
                                        {"expires_in", texts.expires_in},
                                        {"over", texts.over},
                                        {"copied", texts.copied},
                                        {"selected", texts.selected},
                                        {"sent", texts.sent},
                                        {"unpaid", texts.unpaid},
                                        {"payee", page_payee(look), true},
                                        {"test", test ? page_test_note(texts) : "", true},
                                        {"long", amount.size() > wide_amount ? R"( class="long")" : "", true},
                                        {"amount", amount.empty() ? texts.any_amount : std::string_view(amount)},
                                        {"unit", amount.empty() ? std::string_view() : texts.unit},
                                        {"description", page_purpose(charge), true},
                                        {"bolt11", charge.bolt11},
                                        {"qr", invoice_qr(charge, texts).value_or(""), true},
                                        {"expires_at", texts.expires_at},
                                        {"time", page_time(charge.expires_at), true},
                                        {"waiting", texts.waiting},
                                        {"check", texts.check},
                                        {"open_wallet", texts.open_wallet},
                                        {"browser_wallet", texts.browser_wallet},
                                        {"copy", texts.copy},
                                        {"pay", pay, true},
                                        {"wallets", texts.wallets},
                                        {"links", wallet_links(charge), true},
                                        {"invoice_text", texts.invoice_text},
                                        {"reference", texts.reference_label},
                                        {"id", reference_of(charge)},
                                        {"cancel", cancel, true}});
  return page_framed(amount.empty() ? std::string(texts.any_amount) : fill(texts.pay_title, {{"amount", amount}}), body, texts);
}

std::string source_of(std::string_view text) { return "'sha256-" + base64(Base64::standard, sha256(bytes_of(text))) + "'"; }

/// "https://shop.example", of a URL that `parse_url` accepted: its host has no character that ends a source in the policy.
std::string_view policy_origin(std::string_view url) { return url.substr(0, url.find_first_of("/?", url.find("://") + 3)); }

}  // namespace

std::string page_framed(std::string_view title, std::string_view body, const PageTexts& texts) {
  return fill(page_frame, {{"lang", texts.language},
                           {"title", title, true},
                           {"style", checkout_style, true},
                           {"body", body, true},
                           {"script", checkout_script, true}});
}

std::string checkout_page(const Checkout& checkout) {
  return is_final(checkout.charge.status) ? ended_page(checkout) : pending_page(checkout);
}

std::vector<Header> page_headers(std::string_view origin, const PageLook& look) {
  static const std::string own = "style-src " + source_of(checkout_style) + "; script-src " + source_of(checkout_script);
  const std::string self = origin.empty() ? "'self'" : "'self' " + std::string(origin);
  const std::string pictures = look.logo_url.empty() ? "" : "; img-src " + std::string(policy_origin(look.logo_url));
  return {{"content-type", "text/html; charset=utf-8"},
          {"content-security-policy", "default-src 'none'; connect-src " + self + "; form-action " + self +
                                          "; base-uri 'none'; frame-ancestors 'none'; " + own + pictures},
          {"content-language", std::string(look.texts->language)},
          {"vary", "Accept-Language"},
          {"referrer-policy", "no-referrer"}};  // the link is private to the payer
}

std::optional<std::string> invoice_qr(const Charge& charge, const PageTexts& texts) {
  std::string text = "LIGHTNING:" + charge.bolt11;
  for (auto& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  const auto amount = page_amount(charge, texts);
  return qr_svg(text, amount.empty() ? std::string(texts.any_amount) : fill(texts.qr_label, {{"amount", amount}}));
}

}  // namespace lntpay
