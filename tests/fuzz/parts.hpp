// The parts of an invoice's text, valid or not, which the mutator changes before it encodes them with a valid checksum.
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
  std::size_t claimed = 0;  // the stated length, which may be wrong
  GroupList data;
};

struct Parts {
  std::string prefix;  // lower case
  GroupList timestamp;
  std::vector<PartField> fields;
  GroupList rest;  // between the last field and the signature of a malformed text
  GroupList signature;
};

/// Any bytes have parts: characters outside the alphabet count as some group, missing ones as groups of zero.
Parts take_apart(std::string_view text);

/// The text, with a valid checksum.
std::string put_together(const Parts& parts);

/// Signs the parts with `known_key`, unless they are too long for an invoice.
void sign(Parts& parts);

/// The key of BOLT 11's examples, by which targets recognize their own signatures.
const SecretKey& known_key();

/// The groups of the bytes, the last padded with zero bits.
GroupList to_groups(ByteView bytes);

}  // namespace lntpay::fuzz
