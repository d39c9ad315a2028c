// The JSON of withdrawals and quotes.
#include "core/withdrawal/withdrawal_object.hpp"

namespace lntpay {

std::string withdrawal_json(const WithdrawalView& view) { return withdrawal_object.text(view); }

std::string withdrawal_json(const Withdrawal& withdrawal, const TenantScope& tenant) {
  return withdrawal_json({.withdrawal = withdrawal, .tenant = tenant});
}

std::string quote_json(const WithdrawalQuote& quote) { return withdrawal_quote_object.text(quote); }

}  // namespace lntpay
