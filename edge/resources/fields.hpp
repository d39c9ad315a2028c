// Request fields and error lists that several resources share.
#pragma once
#include "core/base/enum_names.hpp"
#include "core/base/error.hpp"
#include "core/tenant/tenant_scope.hpp"
#include "edge/http/page.hpp"
#include "edge/http/schema.hpp"

namespace lntpay::fields {

using enum FieldType;

inline constexpr Field page[] = {limit_field, cursor_field, order_field};

inline constexpr Field amount_sats{
    .name = "amount_sats", .type = sats, .description = "The amount in satoshi. Give either this or amount_msat."};
inline constexpr Field amount_msat{.name = "amount_msat",
                                   .type = msats,
                                   .description = "The amount in millisatoshi. Give either this or amount_sats.",
                                   .instead_of = "amount_sats",
                                   .one_needed = true};
inline constexpr Field external_id{
    .name = "external_id", .type = text, .description = "Your own id; lists can be filtered by it.", .max = 255};
inline constexpr Field metadata{
    .name = "metadata", .type = object, .description = "Your own data, returned as you sent it.", .max = 4'096};
inline constexpr Field created_gte{.name = "created_gte", .type = time, .description = "Only those created at this time or later."};
inline constexpr Field created_lt{.name = "created_lt", .type = time, .description = "Only those created before this time."};
inline constexpr Field after_seq{.name = "after_seq", .type = integer, .description = "Only those with a larger seq.", .min = 0};
inline constexpr Field resume{.name = "resume",
                              .type = text,
                              .description = "The `resume` of the previous response; default: from the first.",
                              .form = "resume"};
inline constexpr Field evidence{
    .name = "evidence", .type = text, .description = "What was checked, and by whom.", .required = true, .max = 2'000};
inline constexpr Field environment{
    .name = "environment", .type = one_of, .description = "test or live", .required = true, .names = enum_names<Environment>};
inline constexpr Field environment_query[] = {environment};
inline constexpr Field bolt11{
    .name = "bolt11",
    .type = text,
    .description = "The invoice to pay; also with white space around it, or as a lightning: or bitcoin: link.",
    .required = true,
    .max = 8'192,
    .form = "bolt11"};
inline constexpr Field wait_query[] = {
    {.name = "wait",
     .type = integer,
     .description = "Seconds to wait for a final state; the response comes at once if it is reached already.",
     .min = 0,
     .max = 25},
};

/// The query of the lists of charges and withdrawals.
constexpr auto filtered_list_query(std::span<const std::string_view> statuses) {
  return std::to_array<Field>(
      {limit_field,
       cursor_field,
       order_field,
       {.name = "status", .type = one_of, .description = "Only those with this status.", .names = statuses},
       {.name = "external_id", .type = text, .description = "Only those with this id of yours.", .max = 255},
       {.name = "payment_hash", .type = hex32, .description = "Only the one whose invoice has this payment hash."},
       {.name = "metadata",
        .type = object,
        .description = "metadata[name]=value: only those whose metadata has this member. The first ten members of an object are "
                       "found whose value is a text, a number or a boolean."},
       created_gte,
       created_lt});
}

}  // namespace lntpay::fields

/// The errors that a route can return beside those of every route of its kind.
namespace lntpay::errors {

using enum ErrorCode;

inline constexpr ErrorCode missing[] = {not_found};
inline constexpr ErrorCode node[] = {node_unavailable};
inline constexpr ErrorCode state[] = {not_found, invalid_state};
inline constexpr ErrorCode state_and_node[] = {not_found, invalid_state, node_unavailable};
inline constexpr ErrorCode limit[] = {limit_exceeded};

}  // namespace lntpay::errors
