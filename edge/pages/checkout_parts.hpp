// Parts that the pages of all states share. Those that are markup are escaped already.
#pragma once
#include <string>
#include <string_view>

#include "edge/pages/checkout_page.hpp"

namespace lntpay {

/// The whole document. `title` and `body` are markup.
std::string page_framed(std::string_view title, std::string_view body, const PageTexts& texts);

/// "21,000", "0.5", with the marks of the language.
std::string page_sats(Msat amount, const PageTexts& texts);

/// The amount to pay; of a charge without one its bounds: "21–500", "≥ 21", "≤ 500". Empty without either.
std::string page_amount(const Charge& charge, const PageTexts& texts);

/// Markup: a time in UTC, which the script writes in the reader's own form.
std::string page_time(UnixMillis at);

/// Markup: display name and logo; empty without both.
std::string page_payee(const PageLook& look);

/// Markup: that no real money moves.
std::string page_test_note(const PageTexts& texts);

/// What is paid for; empty if the charge has only a pattern of requests, which is no text for a payer ("* /*").
std::string_view purpose_of(const Charge& charge);

/// What the payer can name to the payee: the charge's id; an unpaid challenge's payment hash.
std::string reference_of(const Charge& charge);

/// Markup: attributes of an element with this text: a long one scrolls in a part of the page, and the keyboard reaches it.
std::string_view scroll_attributes(std::string_view text);

/// Markup: the purpose as a paragraph.
std::string page_purpose(const Charge& charge);

}  // namespace lntpay
