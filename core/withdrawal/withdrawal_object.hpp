// The objects `withdrawal` and `withdrawal_quote` of the API: their fields and how they are read.
#pragma once
#include "core/base/object.hpp"
#include "core/withdrawal/withdrawal.hpp"

namespace lntpay {

struct WithdrawalView {
  const Withdrawal& withdrawal;
  const TenantScope& tenant;
  std::string_view duplicate_of{};                   ///< in the response to a second request for one invoice; empty: left out
  std::optional<std::optional<Bytes32>> preimage{};  ///< for the scope withdrawals:preimage; nullopt: left out
};

/// The statuses that the API shows.
inline constexpr std::string_view shown_withdrawal_statuses[] = {"pending",      "dispatched", "unknown",
                                                                 "needs_review", "succeeded",  "failed"};

constexpr std::optional<Msat> fee_paid(const Withdrawal& withdrawal) {
  return withdrawal.status == WithdrawalStatus::succeeded ? std::optional(withdrawal.fee) : std::nullopt;
}

inline constexpr auto withdrawal_object = object_of<WithdrawalView>(
    member("id", "wd_…", [](const auto& v) { return std::string_view(v.withdrawal.id.text()); }), kind_member<"withdrawal">(),
    member({.name = "status", .description = "The state of the withdrawal.", .names = shown_withdrawal_statuses},
           [](const auto& v) { return v.withdrawal.status; }),
    member("amount_sats", "The amount that the payee receives, rounded up to whole satoshi.",
           [](const auto& v) { return sats_up(v.withdrawal.reserved.amount); }),
    member("amount_msat", "The amount that the payee receives.", [](const auto& v) { return v.withdrawal.reserved.amount; }),
    member({.name = "max_fee_sats", .description = "The fee limit, rounded up to whole satoshi.", .min = 0},
           [](const auto& v) { return sats_up(v.withdrawal.reserved.fee_limit); }),
    member({.name = "max_fee_msat", .description = "The fee limit: locked with the amount and passed to the node.", .min = 0},
           [](const auto& v) { return v.withdrawal.reserved.fee_limit; }),
    member({.name = "fee_sats",
            .description = "The routing fee paid, rounded up to whole satoshi; null until the withdrawal has succeeded.",
            .min = 0},
           [](const auto& v) { return fee_paid(v.withdrawal).transform(sats_up); }),
    member({.name = "fee_msat", .description = "The routing fee paid; null until the withdrawal has succeeded.", .min = 0},
           [](const auto& v) { return fee_paid(v.withdrawal); }),
    member("bolt11", "The invoice.", [](const auto& v) { return std::string_view(v.withdrawal.bolt11); }),
    member("destination", "The Lightning address or LNURL that the invoice was requested from.",
           [](const auto& v) { return null_if_empty(v.withdrawal.destination); }),
    member("payment_hash", "The payment hash of the invoice.", [](const auto& v) { return v.withdrawal.payment_hash; }),
    member("reason", "Why the withdrawal failed, is unknown or needs review.",
           [](const auto& v) { return null_if_empty(v.withdrawal.reason); }),
    member("created_at", "When the withdrawal was requested.", [](const auto& v) { return v.withdrawal.created_at; }),
    member("dispatched_at", "When the payment was handed to the node; from then on the withdrawal cannot be canceled.",
           [](const auto& v) { return v.withdrawal.dispatched_at; }),
    member("ended_at", "When the withdrawal succeeded or failed.", [](const auto& v) { return v.withdrawal.ended_at; }),
    member("last_checked_at", "When the node was last asked about the payment.",
           [](const auto& v) { return v.withdrawal.last_checked_at; }),
    member("stuck_since", "Since when the outcome is unknown; the money stays locked.",
           [](const auto& v) { return v.withdrawal.stuck_since; }),
    member("refunds", "The charge that the withdrawal pays back.",
           [](const auto& v) {
             return v.withdrawal.refunds.transform([](const ChargeId& id) { return std::string_view(id.text()); });
           }),
    member("external_id", "Your own id.", [](const auto& v) { return null_if_empty(v.withdrawal.external_id); }),
    member("metadata", "Your own data, as you sent it.", [](const auto& v) { return json_or_null(v.withdrawal.metadata); }),
    member("environment", "test or live", [](const auto& v) { return v.tenant.environment; }),
    member("duplicate_of", "In the response to a second request for one invoice: the id of the first withdrawal.",
           [](const auto& v) { return OnlyWhenGiven<std::string_view>{null_if_empty(v.duplicate_of)}; }),
    member("preimage", "Proof of payment, once paid; only for keys with the scope withdrawals:preimage.",
           [](const auto& v) { return OnlyWhenGiven<std::optional<Bytes32>>{v.preimage}; }));

inline constexpr auto withdrawal_fields = withdrawal_object.fields();

struct WithdrawalQuote {
  Reservation reserved;
  Msat available;
  std::optional<Msat> route_fee;
  Bytes32 payment_hash{};
  std::string payee;  ///< its public key, in hex
  UnixMillis expires_at;
};

inline constexpr auto withdrawal_quote_object = object_of<WithdrawalQuote>(
    kind_member<"withdrawal_quote">(),
    member("amount_msat", "The amount that the payee would receive.", [](const auto& v) { return v.reserved.amount; }),
    member({.name = "max_fee_msat", .description = "The fee limit that would be locked.", .min = 0},
           [](const auto& v) { return v.reserved.fee_limit; }),
    member("required_msat", "Amount and fee limit: the balance that must be available.",
           [](const auto& v) { return v.reserved.total(); }),
    member({.name = "available_msat", .description = "The available balance.", .min = 0},
           [](const auto& v) { return v.available; }),
    member("sufficient", "Whether the available balance covers it.",
           [](const auto& v) { return v.available >= v.reserved.total(); }),
    member({.name = "route_fee_msat", .description = "The cost of the route, if the node knows it.", .min = 0},
           [](const auto& v) { return v.route_fee; }),
    member("payment_hash", "The payment hash of the invoice.", [](const auto& v) { return v.payment_hash; }),
    member("payee", "The public key of the node that is paid.", [](const auto& v) { return std::string_view(v.payee); }),
    member("expires_at", "When the invoice expires.", [](const auto& v) { return v.expires_at; }));

inline constexpr auto withdrawal_quote_fields = withdrawal_quote_object.fields();

std::string withdrawal_json(const WithdrawalView& view);
std::string quote_json(const WithdrawalQuote& quote);

}  // namespace lntpay
