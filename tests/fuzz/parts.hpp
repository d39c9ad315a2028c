// An invoice's text in its parts, right or wrong: what the mutator changes before it writes a text whose checksum holds.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/crypto/secp256k1.hpp"
#include "core/lightning/bolt11/bech32.hpp"

namespace lntpay::fuzz {

/// Five bits in a byte, as bolt11::Groups.
using GroupList = std::vector<std::uint8_t>;

struct PartField {
  std::uint8_t type = 0;
  std::size_t claimed = 0;  // the length that the text states, which may be a lie
  GroupList data;
};

struct Parts {
  std::string prefix;  // lower case
  GroupList timestamp;
  std::vector<PartField> fields;
  GroupList rest;  // stands between the last field and the signature where a text is broken
  GroupList signature;
};

/// Any bytes have parts: what is no bech32 character counts as some group, what is missing as groups of zero.
Parts take_apart(std::string_view text);

/// The text, its checksum right.
std::string put_together(const Parts& parts);

/// Signs whatever the parts are with `known_key`. Nothing is done when they are too long for any invoice.
void sign(Parts& parts);

/// The key of BOLT 11's examples: the targets recognise their own signer by it.
const SecretKey& known_key();

/// As many groups as hold the bytes, the last filled up with zero bits.
GroupList to_groups(ByteView bytes);

}  // namespace lntpay::fuzz
