// The JSON of ledger entries and balances.
#include "core/ledger/ledger_object.hpp"

namespace lntpay {

std::string entry_json(const LedgerEntry& entry) { return ledger_entry_object.text(entry); }

std::string balance_json(const AccountState& account, const TenantScope& tenant) { return balance_object.text({account, tenant}); }

}  // namespace lntpay
