// The object `charge` of the API: its fields and how they are read. Responses and events carry it; charge_json (charge.hpp) writes
// it.
#pragma once
#include "core/base/object.hpp"
#include "core/charge/charge.hpp"
#include "core/charge/checkout_token.hpp"

namespace lntpay {

struct ChargeView {
  const Settings& settings;
  const Charge& charge;
  const TenantScope& tenant;
};

/// The statuses that the API shows: a charge that is `creating` is not visible.
inline constexpr auto shown_charge_statuses = std::span<const std::string_view>(enum_names<ChargeStatus>).subspan(1);
static_assert(shown_charge_statuses.front() == name_of(ChargeStatus::pending));

inline constexpr auto charge_object = object_of<ChargeView>(
    member("id", "ch_…", [](const auto& v) { return std::string_view(v.charge.id.text()); }), kind_member<"charge">(),
    member({.name = "status", .description = "The state of the charge.", .names = shown_charge_statuses},
           [](const auto& v) { return v.charge.status; }),
    member("amount_sats", "The amount, rounded up to whole satoshi; null if the payer chooses it.",
           [](const auto& v) { return v.charge.amount.transform(sats_up); }),
    member("amount_msat", "The amount; null if the payer chooses it.", [](const auto& v) { return v.charge.amount; }),
    member("min_msat", "The least that the payer is expected to choose.", [](const auto& v) { return v.charge.bounds.min; }),
    member("max_msat", "The most that the payer is expected to choose.", [](const auto& v) { return v.charge.bounds.max; }),
    member("bolt11", "The invoice to pay.", [](const auto& v) { return std::string_view(v.charge.bolt11); }),
    member("payment_hash", "The payment hash of the invoice.", [](const auto& v) { return v.charge.payment_hash; }),
    member("lightning_uri", "The invoice as a link that wallets open.",
           [](const auto& v) { return "lightning:" + v.charge.bolt11; }),
    member("description", "The text that the payer reads in the invoice.",
           [](const auto& v) { return null_if_empty(v.charge.description_hash ? std::string_view() : v.charge.description); }),
    member("description_hash", "SHA-256 of a longer description.", [](const auto& v) { return v.charge.description_hash; }),
    member("unhashed_description", "That longer description, if the request had it.",
           [](const auto& v) { return null_if_empty(v.charge.description_hash ? v.charge.description : std::string_view()); }),
    member("expires_at", "When the invoice expires.", [](const auto& v) { return v.charge.expires_at; }),
    member("created_at", "When the charge was created.", [](const auto& v) { return v.charge.created_at; }),
    member("paid_at", "When the charge was paid.", [](const auto& v) { return v.charge.paid_at; }),
    member("settled_msat", "The amount received: the amount or more; less if the charge is underpaid.",
           [](const auto& v) { return v.charge.paid_at ? std::optional(v.charge.settled) : std::nullopt; }),
    member("outside_bounds", "Whether the payer chose an amount below min_msat or above max_msat. It was credited.",
           [](const auto& v) { return is_outside_bounds(v.charge); }),
    member({.name = "refunded_msat", .description = "The amount of its refunds, without those that failed.", .min = 0},
           [](const auto& v) { return v.charge.refunded; }),
    member("external_id", "Your own id.", [](const auto& v) { return null_if_empty(v.charge.external_id); }),
    member("metadata", "Your own data, as you sent it.", [](const auto& v) { return json_or_null(v.charge.metadata); }),
    member("checkout_url", "The page on which the payer pays the charge.",
           [](const auto& v) { return checkout_url(v.settings, v.tenant, v.charge); }),
    member("success_url", "Where the checkout page leads after the payment.",
           [](const auto& v) { return null_if_empty(v.charge.success_url); }),
    member("cancel_url", "Where the checkout page leads back to.",
           [](const auto& v) { return null_if_empty(v.charge.cancel_url); }),
    member(
        "webhook_url", "Where the end of the charge is posted to.",
        [](const auto& v) { return v.charge.webhook_url.empty() ? std::nullopt : std::optional(UrlText{v.charge.webhook_url}); }),
    member("late_policy", "Whether a late payment also counts as paid.", [](const auto& v) { return v.charge.late_policy; }),
    member("renewable", "Whether the checkout page makes a new charge once this one has expired.",
           [](const auto& v) { return v.charge.renewable; }),
    member("renews", "The expired charge that this one was made from.",
           [](const auto& v) { return v.charge.renews.transform([](const ChargeId& id) { return std::string_view(id.text()); }); }),
    member("environment", "test or live", [](const auto& v) { return v.tenant.environment; }));

inline constexpr auto charge_fields = charge_object.fields();

}  // namespace lntpay
