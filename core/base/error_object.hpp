// The object `error` of the API: its fields and how they are read; error_json (error_json.hpp) writes it.
#pragma once
#include "core/base/object.hpp"

namespace lntpay {

struct ErrorView {
  std::string_view code;
  std::string_view message;
  std::string_view request_id;
  std::string_view param{};    ///< empty: left out
  std::string_view details{};  ///< JSON; empty: left out
  bool for_wallet = false;     ///< with the members of LNURL (LUD-06)
};

inline constexpr auto error_object =
    object_of<ErrorView>(member("code", "The kind of error.", [](const auto& v) { return v.code; }),
                         member("message", "What happened and what to do.", [](const auto& v) { return v.message; }),
                         member("request_id", "The Request-Id of the response.", [](const auto& v) { return v.request_id; }),
                         member("param", "The field that caused it, if it was one.",
                                [](const auto& v) { return OnlyWhenGiven<std::string_view>{null_if_empty(v.param)}; }),
                         member("details", "Numbers and names that some codes have.",
                                [](const auto& v) { return OnlyWhenGiven<RawJson<std::string_view>>{json_or_null(v.details)}; }));

/// The body of an error response.
inline constexpr auto error_body_object = object_of<ErrorView>(
    member("error", "The error.", [](const auto& v) { return described<error_object>(v); }),
    member("status", "For wallets (LNURL): ERROR.",
           [](const auto& v) {
             return OnlyWhenGiven<FixedText<"ERROR">>{v.for_wallet ? std::optional(FixedText<"ERROR">{}) : std::nullopt};
           }),
    member("reason", "For wallets (LNURL): the message.",
           [](const auto& v) { return OnlyWhenGiven<std::string_view>{v.for_wallet ? std::optional(v.message) : std::nullopt}; }));

inline constexpr auto error_body_fields = error_body_object.fields();

}  // namespace lntpay
