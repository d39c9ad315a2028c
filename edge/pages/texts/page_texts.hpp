// The texts of the pages in one language: a table, the same members in every language. A text may have the names {{amount}},
// {{settled}} and {{merchant}} (html.hpp), or {n} where the page's script counts seconds.
#pragma once
#include <string_view>

namespace lntpay {

struct PageTexts {
  std::string_view language;  ///< as in `lang`: "en"
  std::string_view group_mark;
  std::string_view decimal_mark;
  std::string_view unit;      ///< after an amount: "sats"
  std::string_view merchant;  ///< where the workspace has no display_name; used as an object: "Contact {{merchant}}."
  std::string_view test_note;
  // while it can be paid
  std::string_view pay_title;
  std::string_view any_amount;  ///< where the payer chooses the amount, in place of it and of pay_title
  std::string_view qr_label;
  std::string_view expires_at;  ///< before a time
  std::string_view expires_in;  ///< before minutes and seconds
  std::string_view over;        ///< in place of the time left
  std::string_view waiting;
  std::string_view open_wallet;
  std::string_view browser_wallet;
  std::string_view copy;
  std::string_view copied;
  std::string_view selected;  ///< where the browser did not allow copying
  std::string_view wallets;
  std::string_view invoice_text;
  std::string_view sent;
  std::string_view unpaid;  ///< before the wallet's message
  std::string_view sandbox_pay;
  std::string_view check;   ///< without scripts
  std::string_view cancel;  ///< the link to cancel_url
  // how it ended
  std::string_view paid_title;
  std::string_view paid_text;
  std::string_view underpaid_title;
  std::string_view underpaid_text;
  std::string_view underpaid_advice;
  std::string_view late_title;
  std::string_view late_text;
  std::string_view late_advice;
  std::string_view canceled_title;
  std::string_view canceled_text;
  std::string_view expired_title;
  std::string_view expired_text;
  std::string_view ask_advice;  ///< where the page itself has no new invoice
  std::string_view new_invoice;
  std::string_view go_on;
  std::string_view going_on;
  std::string_view stay;
  std::string_view back;  ///< the link to cancel_url, at the end
  std::string_view print;
  // the receipt
  std::string_view due_label;
  std::string_view amount_label;
  std::string_view payee_label;
  std::string_view purpose_label;
  std::string_view date_label;
  std::string_view reference_label;
  std::string_view hash_label;
  // without a charge
  std::string_view missing_title;
  std::string_view missing_text;
  std::string_view later_title;
  std::string_view busy_text;      ///< a request with the same payment is being served
  std::string_view too_many_text;  ///< requests of this client
  std::string_view later_text;     ///< any other error
  std::string_view reloading;
  std::string_view reload;
};

/// The texts in the language that an Accept-Language header prefers most (RFC 9110, section 12.5.4); English where it names none
/// of ours.
const PageTexts& page_texts_for(std::string_view accept_language);

}  // namespace lntpay
