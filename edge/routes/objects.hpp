// The objects of the API as tables of fields: what answers contain. Tests hold every answer against these, and OpenAPI is made
// from them.
#pragma once
#include "core/auth/scopes.hpp"
#include "core/charge/charge.hpp"
#include "core/event/event.hpp"
#include "core/ledger/ledger.hpp"
#include "core/webhook/delivery.hpp"
#include "core/webhook/endpoint.hpp"
#include "edge/http/schema.hpp"

namespace lntpay::objects {

using enum FieldType;

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
    {.name = "settled_msat", .type = msats, .description = "What was paid, which may be more than was asked."},
    {.name = "external_id", .type = text, .description = "Your own id for it."},
    {.name = "metadata", .type = object, .description = "Your own data, as you sent it."},
    {.name = "environment", .type = one_of, .description = "test or live", .required = true, .names = enum_names<Environment>},
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
    {.name = "resume", .type = text, .description = "seq.hash.available.locked.suspense of the last: where to go on."},
    {.name = "problem", .type = text, .description = "The rule that does not hold."},
    {.name = "problem_seq", .type = integer, .description = "The entry where it was found."},
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
    {.name = "key", .type = text, .description = "The key itself: only in the answer that made it."},
};

inline constexpr Field workspace[] = {
    {.name = "id", .type = text, .description = "ws_…", .required = true},
    {.name = "object", .type = text, .description = "\"workspace\"", .required = true},
    {.name = "name", .type = text, .description = "Its name.", .required = true},
    {.name = "created_at", .type = time, .description = "When it was made.", .required = true},
    {.name = "api_keys", .type = object, .description = "Its first keys: only in the answer that made it."},
};

}  // namespace lntpay::objects
