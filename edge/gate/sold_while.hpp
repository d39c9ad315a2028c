// The time in which a gate had the price of a request, where a host prices requests by a list that changes.
//
// A host that asks a gate which another one has replaced for this request names that time in the header `lntpay-sold-while`, which
// it removes from clients' requests. The gate then admits what it sold in that time: the terms alone decide about method and path,
// not the match that the gate has now. It makes no challenge: the present gate does.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "core/base/units.hpp"

namespace lntpay {

inline constexpr std::string_view sold_while_header = "lntpay-sold-while";

struct SoldWhile {
  UnixMillis from;
  UnixMillis until;  ///< exclusive
  bool operator==(const SoldWhile&) const = default;

  /// "1767225600000 1767226200000", in milliseconds of Unix time
  [[nodiscard]] std::string text() const;
  static std::optional<SoldWhile> parse(std::string_view text);
};

}  // namespace lntpay
