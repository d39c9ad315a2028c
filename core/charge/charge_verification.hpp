// I6 as part of the verification of a ledger: what was credited is what charges received. Each credit has its charge, with that
// payment hash and amount; each settled charge has its credit.
#pragma once
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "core/charge/charge.hpp"
#include "core/ledger/verification.hpp"

namespace lntpay {

inline constexpr std::array settled_charge_statuses{ChargeStatus::paid, ChargeStatus::paid_late, ChargeStatus::underpaid};

/// The first credit that disagrees with its charge.
Task<Result<std::optional<BrokenEntry>>> check_charge_entries(Context& cx, TenantScope tenant, std::vector<LedgerEntry> entries);

/// The first of these settled charges that has no credit.
Task<Result<std::optional<std::string>>> find_missing_credit(Context& cx, TenantScope tenant, std::vector<std::string> ids);

}  // namespace lntpay
