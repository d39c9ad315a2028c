// Shards and ids.
//
// A shard is two base62 digits, 0 to 3843. Every id is `prefix_`, the shard, and 26 digits of Crockford base32: ten for the
// milliseconds, sixteen (80 bits) random. So ids of one shard sort by time and name the shard of their rows.
#pragma once
#include <array>
#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/bytes.hpp"
#include "core/base/units.hpp"
#include "core/crypto/random.hpp"

namespace lntpay {

inline constexpr unsigned shard_count = 62 * 62;

class Shard {
 public:
  constexpr Shard() = default;  ///< "00": the operator's rows and the node's cursor
  static Shard number(unsigned n);
  static std::optional<Shard> parse(std::string_view digits);
  /// The shard of rows that are found by a payment hash: its first 16 bits, big-endian, modulo 3844.
  static Shard of_hash(const Bytes32& payment_hash);
  /// For a new workspace: any but "00".
  static Shard generate(Random& random);

  [[nodiscard]] constexpr std::string_view text() const { return {digits_.data(), digits_.size()}; }
  constexpr auto operator<=>(const Shard&) const = default;

 private:
  std::array<char, 2> digits_{'0', '0'};
};

/// The part of an id after its prefix: shard and 26 characters.
inline constexpr std::size_t id_tail_size = 28;
std::string generate_id(std::string_view prefix, Shard shard, UnixMillis now, Random& random);
bool is_id(std::string_view prefix, std::string_view text);

/// An id of one kind. Tag names its prefix.
template <class Tag>
class Id {
 public:
  Id() = default;
  static Id generate(Shard shard, UnixMillis now, Random& random) { return Id(generate_id(Tag::prefix, shard, now, random)); }
  static std::optional<Id> parse(std::string_view text) {
    if (!is_id(Tag::prefix, text)) return std::nullopt;
    return Id(std::string(text));
  }
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] Shard shard() const { return *Shard::parse(std::string_view(text_).substr(Tag::prefix.size(), 2)); }
  auto operator<=>(const Id&) const = default;

 private:
  explicit Id(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

#define LNTPAY_ID(Name, Prefix)                        \
  struct Name##Tag {                                   \
    static constexpr std::string_view prefix = Prefix; \
  };                                                   \
  using Name = Id<Name##Tag>

LNTPAY_ID(WorkspaceId, "ws_");
LNTPAY_ID(KeyId, "key_");
LNTPAY_ID(ChargeId, "ch_");
LNTPAY_ID(EntryId, "le_");
LNTPAY_ID(EventId, "evt_");
LNTPAY_ID(EndpointId, "whe_");
LNTPAY_ID(DeliveryId, "whd_");
LNTPAY_ID(WithdrawalId, "wd_");
LNTPAY_ID(GateId, "gate_");
LNTPAY_ID(PayLinkId, "plk_");
LNTPAY_ID(RedemptionId, "rdm_");
LNTPAY_ID(RequestId, "req_");

#undef LNTPAY_ID

}  // namespace lntpay
