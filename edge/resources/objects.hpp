// The objects of the API as tables of fields: what answers contain. Tests hold every answer against these, and OpenAPI is made
// from them.
#pragma once
#include "core/access/scopes.hpp"
#include "core/charge/charge.hpp"
#include "core/event/event.hpp"
#include "core/gate/gate.hpp"
#include "core/ledger/ledger_entry.hpp"
#include "core/lightning/node/sandbox_payments.hpp"
#include "core/webhook/delivery.hpp"
#include "core/webhook/endpoint.hpp"
#include "core/withdrawal/withdrawal.hpp"
#include "edge/http/schema.hpp"

namespace lntpay::objects {

using enum FieldType;

inline constexpr std::string_view shown_withdrawal_statuses[] = {"pending",      "dispatched", "unknown",
                                                                 "needs_review", "succeeded",  "failed"};

inline constexpr Field checkout[] = {
    {.name = "object", .type = text, .description = "\"checkout\"", .required = true},
    {.name = "status", .type = one_of, .description = "Where it stands.", .required = true, .names = enum_names<ChargeStatus>},
    {.name = "expires_at", .type = time, .description = "Until when it can be paid.", .required = true},
    {.name = "success_url", .type = text, .description = "Where to go on; null until it is paid."},
};

inline constexpr Field charge[] = {
    {.name = "id", .type = text, .description = "ch_…", .required = true},
    {.name = "object", .type = text, .description = "\"charge\"", .required = true},
    {.name = "status", .type = one_of, .description = "Where it stands.", .required = true, .names = enum_names<ChargeStatus>},
    {.name = "amount_sats", .type = sats, .description = "The amount, where it is whole satoshi."},
    {.name = "amount_msat", .type = msats, .description = "The amount.", .required = true},
    {.name = "bolt11", .type = text, .description = "The invoice to pay.", .required = true},
    {.name = "payment_hash", .type = hex32, .description = "The invoice's payment hash.", .required = true},
    {.name = "lightning_uri", .type = text, .description = "The invoice as a link for wallets.", .required = true},
    {.name = "description", .type = text, .description = "What the payer reads in the invoice."},
    {.name = "description_hash", .type = hex32, .description = "SHA-256 of a longer description."},
    {.name = "expires_at", .type = time, .description = "Until when it can be paid.", .required = true},
    {.name = "created_at", .type = time, .description = "When it was made.", .required = true},
    {.name = "paid_at", .type = time, .description = "When it was paid."},
    {.name = "settled_msat", .type = msats, .description = "What was paid: the amount or more, or less where it is underpaid."},
    {.name = "external_id", .type = text, .description = "Your own id for it."},
    {.name = "metadata", .type = object, .description = "Your own data, as you sent it."},
    {.name = "checkout_url", .type = text, .description = "A page to pay it on: give it to the payer.", .required = true},
    {.name = "success_url", .type = text, .description = "Where that page goes on once it is paid."},
    {.name = "late_policy",
     .type = one_of,
     .description = "What money does that comes too late.",
     .required = true,
     .names = enum_names<LatePolicy>},
    {.name = "environment", .type = one_of, .description = "test or live", .required = true, .names = enum_names<Environment>},
};

inline constexpr Field withdrawal[] = {
    {.name = "id", .type = text, .description = "wd_…", .required = true},
    {.name = "object", .type = text, .description = "\"withdrawal\"", .required = true},
    {.name = "status", .type = one_of, .description = "Where it stands.", .required = true, .names = shown_withdrawal_statuses},
    {.name = "amount_sats", .type = sats, .description = "What the payee gets, where it is whole satoshi."},
    {.name = "amount_msat", .type = msats, .description = "What the payee gets.", .required = true},
    {.name = "max_fee_sats", .type = sats, .description = "The fee limit, where it is whole satoshi.", .min = 0},
    {.name = "max_fee_msat",
     .type = msats,
     .description = "The fee limit: locked with the amount, and given to the node.",
     .required = true,
     .min = 0},
    {.name = "fee_sats", .type = sats, .description = "What the route took, once paid, where it is whole satoshi.", .min = 0},
    {.name = "fee_msat", .type = msats, .description = "What the route took, once paid.", .min = 0},
    {.name = "bolt11", .type = text, .description = "The invoice.", .required = true},
    {.name = "payment_hash", .type = hex32, .description = "The invoice's payment hash.", .required = true},
    {.name = "reason", .type = text, .description = "Why it failed, is unknown or needs review."},
    {.name = "created_at", .type = time, .description = "When it was asked for.", .required = true},
    {.name = "dispatched_at", .type = time, .description = "When it was given to the node; it cannot be canceled from then on."},
    {.name = "ended_at", .type = time, .description = "When it succeeded or failed."},
    {.name = "last_checked_at", .type = time, .description = "When the node was last asked."},
    {.name = "stuck_since", .type = time, .description = "Since when its end is open; the money stays locked."},
    {.name = "external_id", .type = text, .description = "Your own id for it."},
    {.name = "metadata", .type = object, .description = "Your own data, as you sent it."},
    {.name = "environment", .type = one_of, .description = "test or live", .required = true, .names = enum_names<Environment>},
    {.name = "duplicate_of", .type = text, .description = "In the answer to a second request for one invoice: the first one's id."},
    {.name = "preimage", .type = hex32, .description = "Proof of payment, once paid; only for the scope withdrawals:preimage."},
};

inline constexpr Field withdrawal_quote[] = {
    {.name = "object", .type = text, .description = "\"withdrawal_quote\"", .required = true},
    {.name = "amount_msat", .type = msats, .description = "What the payee would get.", .required = true},
    {.name = "max_fee_msat", .type = msats, .description = "The fee limit that would be locked.", .required = true, .min = 0},
    {.name = "required_msat", .type = msats, .description = "Both: what must be available.", .required = true},
    {.name = "available_msat", .type = msats, .description = "What is.", .required = true, .min = 0},
    {.name = "sufficient", .type = boolean, .description = "Whether that covers it.", .required = true},
    {.name = "route_fee_msat", .type = msats, .description = "What the route costs, where the node knows.", .min = 0},
    {.name = "payment_hash", .type = hex32, .description = "The invoice's payment hash.", .required = true},
    {.name = "payee", .type = text, .description = "The node that is paid.", .required = true},
    {.name = "expires_at", .type = time, .description = "Until when the invoice can be paid.", .required = true},
};

inline constexpr Field sandbox_invoice[] = {
    {.name = "object", .type = text, .description = "\"sandbox_invoice\"", .required = true},
    {.name = "bolt11", .type = text, .description = "An invoice of a node outside, to be withdrawn to.", .required = true},
    {.name = "payment_hash", .type = hex32, .description = "Its payment hash.", .required = true},
    {.name = "amount_msat", .type = msats, .description = "Its amount; none when any may be paid."},
    {.name = "behavior",
     .type = one_of,
     .description = "What becomes of paying it.",
     .required = true,
     .names = enum_names<SandboxBehavior>},
    {.name = "route_fee_msat", .type = msats, .description = "What the route costs."},
    {.name = "expires_at", .type = time, .description = "Until when it can be paid.", .required = true},
};

inline constexpr Field sandbox[] = {
    {.name = "object", .type = text, .description = "\"sandbox\"", .required = true},
    {.name = "now", .type = time, .description = "The workspace's time.", .required = true},
    {.name = "clock_ahead_ms", .type = integer, .description = "How far it is ahead of the host's.", .required = true, .min = 0},
    {.name = "generation", .type = integer, .description = "How often the workspace was reset.", .required = true, .min = 0},
    {.name = "faults", .type = names, .description = "Which faults are on.", .required = true, .names = enum_names<SandboxFault>},
};

inline constexpr Field audit_note[] = {
    {.name = "object", .type = text, .description = "\"audit_note\"", .required = true},
    {.name = "created_at", .type = time, .description = "When.", .required = true},
    {.name = "actor", .type = text, .description = "Who decided.", .required = true},
    {.name = "action", .type = text, .description = "What was done.", .required = true},
    {.name = "subject", .type = text, .description = "The id that it is about.", .required = true},
    {.name = "detail", .type = text, .description = "What was decided, on which evidence.", .required = true},
};

inline constexpr std::string_view bolt11_networks[] = {"bitcoin", "testnet", "signet", "regtest", "simnet"};
/// docs/bolt11.md says more of each.
inline constexpr Field bolt11[] = {
    {.name = "object", .type = text, .description = "\"bolt11\"", .required = true},
    {.name = "network", .type = one_of, .description = "Where it can be paid.", .required = true, .names = bolt11_networks},
    {.name = "amount_sats", .type = sats, .description = "The amount, where it is whole satoshi."},
    {.name = "amount_msat", .type = msats, .description = "The amount; null: the payer chooses."},
    {.name = "payee", .type = text, .description = "The public key that signed.", .required = true},
    {.name = "payee_stated", .type = boolean, .description = "Whether the invoice names it (field n).", .required = true},
    {.name = "payment_hash", .type = hex32, .description = "Field p.", .required = true},
    {.name = "payment_secret", .type = hex32, .description = "Field s.", .required = true},
    {.name = "description", .type = text, .description = "Field d; or there is a hash of it.", .min = 0},
    {.name = "description_hash", .type = hex32, .description = "Field h."},
    {.name = "timestamp", .type = integer, .description = "Unix seconds of its making.", .required = true},
    {.name = "created_at", .type = time, .description = "The same.", .required = true},
    {.name = "expiry", .type = integer, .description = "Seconds that it lives; 3600 where it does not say.", .required = true},
    {.name = "expires_at", .type = time, .description = "Until when it can be paid.", .required = true},
    {.name = "min_final_cltv", .type = integer, .description = "Blocks; 18 where it does not say.", .required = true},
    {.name = "features", .type = object, .description = "List of {bit, name or null, required}.", .required = true},
    {.name = "routes",
     .type = object,
     .description = "List of hints, each a list of {node, short_channel_id, fee_base_msat, fee_proportional_millionths, "
                    "cltv_expiry_delta}.",
     .required = true},
    {.name = "fallbacks", .type = object, .description = "List of {version, program in hex}.", .required = true},
    {.name = "metadata", .type = text, .description = "Field m, in hex.", .min = 0},
    {.name = "unknown_fields", .type = object, .description = "List of {type, data} in bech32 characters.", .required = true},
    {.name = "ignored_fields", .type = object, .description = "The same; of a length or version to skip.", .required = true},
    {.name = "field_order", .type = text, .description = "The fields' types as they stand.", .required = true},
    {.name = "signature", .type = text, .description = "r and s, in hex.", .required = true},
    {.name = "recovery_id", .type = integer, .description = "0 to 3.", .required = true},
    {.name = "high_s", .type = boolean, .description = "Whether s is above half the group order.", .required = true},
    {.name = "warnings", .type = object, .description = "What others refuse: list of {code, message}.", .required = true},
    {.name = "payable",
     .type = object,
     .description = "{ok, code, message}: whether this environment would pay it now.",
     .required = true},
};

inline constexpr Field balance[] = {
    {.name = "object", .type = text, .description = "\"balance\"", .required = true},
    {.name = "environment", .type = one_of, .description = "test or live", .required = true, .names = enum_names<Environment>},
    {.name = "available_sats", .type = sats, .description = "What can be withdrawn, where it is whole satoshi.", .min = 0},
    {.name = "available_msat", .type = msats, .description = "What can be withdrawn.", .required = true, .min = 0},
    {.name = "locked_sats", .type = sats, .description = "What is reserved, where it is whole satoshi.", .min = 0},
    {.name = "locked_msat",
     .type = msats,
     .description = "What is reserved, as by a withdrawal under way.",
     .required = true,
     .min = 0},
    {.name = "total_sats", .type = sats, .description = "Both, where it is whole satoshi.", .min = 0},
    {.name = "total_msat", .type = msats, .description = "Both.", .required = true, .min = 0},
    {.name = "suspense_msat",
     .type = integer,
     .description = "What the books cannot explain yet: 0. Below 0, so much less can be withdrawn.",
     .required = true},
    {.name = "as_of_seq", .type = integer, .description = "The last ledger entry that is in it.", .required = true, .min = 0},
};

/// Changes have a sign, which no request field has; they are whole numbers here.
inline constexpr Field ledger_entry[] = {
    {.name = "id", .type = text, .description = "le_…", .required = true},
    {.name = "object", .type = text, .description = "\"ledger_entry\"", .required = true},
    {.name = "version", .type = integer, .description = "Of what is hashed: docs/formats.md.", .required = true},
    {.name = "seq", .type = integer, .description = "1, 2, 3, … without gaps.", .required = true},
    {.name = "type", .type = one_of, .description = "What it records.", .required = true, .names = enum_names<EntryType>},
    {.name = "available_change_msat", .type = integer, .description = "Change of available; may be negative.", .required = true},
    {.name = "locked_change_msat", .type = integer, .description = "Change of locked; may be negative.", .required = true},
    {.name = "suspense_change_msat", .type = integer, .description = "Change of suspense; may be negative.", .required = true},
    {.name = "available_after_msat", .type = msats, .description = "Available after it.", .required = true, .min = 0},
    {.name = "locked_after_msat", .type = msats, .description = "Locked after it.", .required = true, .min = 0},
    {.name = "reference", .type = text, .description = "Id of the charge or withdrawal that caused it.", .required = true},
    {.name = "transfer_id", .type = hex32, .description = "Derived from the cause, so that it happens once.", .required = true},
    {.name = "created_at", .type = time, .description = "When.", .required = true},
    {.name = "previous_hash", .type = hex32, .description = "Hash of the entry before.", .required = true},
    {.name = "hash", .type = hex32, .description = "Hash of this entry: docs/formats.md.", .required = true},
};

inline constexpr Field ledger_verification[] = {
    {.name = "object", .type = text, .description = "\"ledger_verification\"", .required = true},
    {.name = "ok", .type = boolean, .description = "Whether every rule holds.", .required = true},
    {.name = "entries", .type = integer, .description = "How many hold, from the first on.", .required = true, .min = 0},
    {.name = "complete", .type = boolean, .description = "Whether these are all; else go on with `resume`.", .required = true},
    {.name = "resume",
     .type = text,
     .description = "seq.hash.available.locked.suspense of the last, and the open withdrawal looked at: where to go on."},
    {.name = "problem", .type = text, .description = "The rule that does not hold."},
    {.name = "problem_seq", .type = integer, .description = "The entry where it was found."},
};

inline constexpr Field reconciliation[] = {
    {.name = "object", .type = text, .description = "\"reconciliation\"", .required = true},
    {.name = "ok", .type = boolean, .description = "Whether the node agrees about all that was compared.", .required = true},
    {.name = "complete", .type = boolean, .description = "Whether these are all; else go on with `resume`.", .required = true},
    {.name = "resume", .type = text, .description = "The last one compared: where to go on."},
    {.name = "charges", .type = integer, .description = "How many were looked at.", .required = true, .min = 0},
    {.name = "withdrawals",
     .type = integer,
     .description = "How many were looked at, those included that were never sent.",
     .required = true,
     .min = 0},
    {.name = "differences",
     .type = object,
     .description = "List of {kind, id, payment_hash, status, node, here_msat, node_msat}.",
     .required = true},
};

inline constexpr Field reconciliation_totals[] = {
    {.name = "object", .type = text, .description = "\"reconciliation_totals\"", .required = true},
    {.name = "environment", .type = one_of, .description = "test or live", .required = true, .names = enum_names<Environment>},
    {.name = "complete", .type = boolean, .description = "Whether these are all; else go on with `resume`.", .required = true},
    {.name = "resume", .type = text, .description = "Where to go on, with what these came to."},
    {.name = "workspaces", .type = integer, .description = "How many were added.", .required = true, .min = 0},
    {.name = "available_msat", .type = msats, .description = "Of all of them.", .required = true, .min = 0},
    {.name = "locked_msat", .type = msats, .description = "Of all of them.", .required = true, .min = 0},
    {.name = "suspense_msat", .type = integer, .description = "Of all of them; may be negative.", .required = true},
    {.name = "owed_msat", .type = msats, .description = "Available and locked together.", .required = true, .min = 0},
    {.name = "node_msat",
     .type = msats,
     .description = "What the node has in its channels; null without a node of limited means.",
     .min = 0},
    {.name = "short_msat", .type = msats, .description = "How much less than it owes; 0 where it covers all.", .min = 0},
    {.name = "unexplained", .type = object, .description = "List of {workspace, suspense_msat} of this answer.", .required = true},
};

inline constexpr Field node_restore[] = {
    {.name = "object", .type = text, .description = "\"node_restore\"", .required = true},
    {.name = "environment", .type = one_of, .description = "test or live", .required = true, .names = enum_names<Environment>},
    {.name = "restores", .type = integer, .description = "How often it was restored.", .required = true},
};

inline constexpr Field event[] = {
    {.name = "id", .type = text, .description = "evt_…; a webhook's webhook-id.", .required = true},
    {.name = "object", .type = text, .description = "\"event\"", .required = true},
    {.name = "type", .type = one_of, .description = "What happened.", .required = true, .names = enum_names<EventType>},
    {.name = "seq", .type = integer, .description = "1, 2, 3, … without gaps.", .required = true},
    {.name = "timestamp", .type = time, .description = "When.", .required = true},
    {.name = "api_version", .type = text, .description = "The version of `data`.", .required = true},
    {.name = "environment", .type = one_of, .description = "test or live", .required = true, .names = enum_names<Environment>},
    {.name = "workspace_id", .type = text, .description = "ws_…", .required = true},
    {.name = "data", .type = object, .description = "The object that it is about.", .required = true},
};

inline constexpr Field api_key[] = {
    {.name = "id", .type = text, .description = "key_…", .required = true},
    {.name = "object", .type = text, .description = "\"api_key\"", .required = true},
    {.name = "name", .type = text, .description = "Your name for it.", .required = true, .min = 0},
    {.name = "environment", .type = one_of, .description = "test or live", .required = true, .names = enum_names<Environment>},
    {.name = "prefix", .type = text, .description = "How the key begins.", .required = true},
    {.name = "last4", .type = text, .description = "How the key ends.", .required = true},
    {.name = "scopes", .type = names, .description = "What it may do.", .required = true, .names = enum_names<Scope>},
    {.name = "created_at", .type = time, .description = "When it was made.", .required = true},
    {.name = "expires_at", .type = time, .description = "When it stops working."},
    {.name = "revoked_at", .type = time, .description = "When it was revoked."},
    {.name = "max_withdraw_sats", .type = sats, .description = "The most that one withdrawal may lock."},
    {.name = "daily_withdraw_sats", .type = sats, .description = "The most that its withdrawals may lock on one day (UTC)."},
    {.name = "key", .type = text, .description = "The key itself: only in the answer that made it."},
};

inline constexpr Field workspace[] = {
    {.name = "id", .type = text, .description = "ws_…", .required = true},
    {.name = "object", .type = text, .description = "\"workspace\"", .required = true},
    {.name = "name", .type = text, .description = "Its name.", .required = true},
    {.name = "created_at", .type = time, .description = "When it was made.", .required = true},
    {.name = "api_keys", .type = object, .description = "Its first keys: only in the answer that made it."},
};

inline constexpr Field gate[] = {
    {.name = "id", .type = text, .description = "gate_…", .required = true},
    {.name = "object", .type = text, .description = "\"gate\"", .required = true},
    {.name = "name", .type = text, .description = "Your name for it.", .min = 0},
    {.name = "price_sats", .type = sats, .description = "What a payment costs.", .required = true},
    {.name = "match", .type = object, .description = "Which requests it guards: {\"method\", \"path\"}.", .required = true},
    {.name = "mode", .type = one_of, .description = "per_request or pass", .required = true, .names = enum_names<GateMode>},
    {.name = "uses", .type = integer, .description = "Of a pass: how many for one payment; null: as many as come in time."},
    {.name = "ttl_seconds", .type = integer, .description = "Of a pass: how long it is valid after its invoice could be paid."},
    {.name = "schemes",
     .type = names,
     .description = "What a challenge offers.",
     .required = true,
     .names = enum_names<GateScheme>},
    {.name = "commit", .type = one_of, .description = "at_once or explicit", .required = true, .names = enum_names<GateCommit>},
    {.name = "created_at", .type = time, .description = "When it was made.", .required = true},
    {.name = "revoked_at", .type = time, .description = "When all that it had issued was revoked, the last time."},
    {.name = "environment", .type = one_of, .description = "test or live", .required = true, .names = enum_names<Environment>},
};

inline constexpr Field sandbox_payment[] = {
    {.name = "object", .type = text, .description = "\"sandbox_payment\"", .required = true},
    {.name = "charge_id", .type = text, .description = "ch_…: what was paid", .required = true},
    {.name = "payment_hash", .type = hex32, .description = "Of the invoice.", .required = true},
    {.name = "preimage", .type = hex32, .description = "The proof of payment, which only a payer has.", .required = true},
};

inline constexpr Field challenge[] = {
    {.name = "object", .type = text, .description = "\"challenge\"", .required = true},
    {.name = "www_authenticate", .type = names, .description = "The lines to send with your 402.", .required = true},
    {.name = "charge", .type = object, .description = "The charge behind them.", .required = true},
};

inline constexpr Field admission[] = {
    {.name = "object", .type = text, .description = "\"admission\"", .required = true},
    {.name = "allowed", .type = boolean, .description = "Whether the request may pass.", .required = true},
    {.name = "redemption_id", .type = text, .description = "rdm_…; null where no use is counted."},
    {.name = "reservation", .type = integer, .description = "To be named with commit or release."},
    {.name = "status", .type = integer, .description = "Refused: what to answer, 402, 401 or 409."},
    {.name = "reason", .type = text, .description = "Refused: why, for people."},
};

inline constexpr std::string_view redemption_statuses[] = {"reserved", "committed", "released"};
inline constexpr Field redemption[] = {
    {.name = "id", .type = text, .description = "rdm_…: the same whenever this use is claimed", .required = true},
    {.name = "object", .type = text, .description = "\"redemption\"", .required = true},
    {.name = "gate_id", .type = text, .description = "gate_…", .required = true},
    {.name = "payment_hash", .type = hex32, .description = "Of what was paid.", .required = true},
    {.name = "use", .type = integer, .description = "Its number: 1 is the first.", .required = true},
    {.name = "status", .type = one_of, .description = "How it stands.", .required = true, .names = redemption_statuses},
    {.name = "environment", .type = one_of, .description = "test or live", .required = true, .names = enum_names<Environment>},
};

inline constexpr Field problem[] = {
    {.name = "type", .type = text, .description = "A URL that names the kind of problem.", .required = true},
    {.name = "title", .type = text, .description = "The same in words.", .required = true},
    {.name = "status", .type = integer, .description = "402, 401 or 409", .required = true},
    {.name = "detail", .type = text, .description = "What to do.", .required = true},
    {.name = "price_sats", .type = sats, .description = "With a challenge: what it costs."},
    {.name = "invoice", .type = text, .description = "With a challenge: the invoice to pay."},
    {.name = "payment_hash", .type = hex32, .description = "With a challenge: of the invoice."},
    {.name = "expires_at", .type = time, .description = "With a challenge: until when it can be paid."},
};

}  // namespace lntpay::objects
