// Mutates an invoice field by field, with a valid checksum, so that the rules of the decoder are tested and not
// only its checksum.
#pragma once
#include <string>
#include <string_view>

#include "tests/fuzz/rng.hpp"

namespace lntpay::fuzz {

/// A text with a few changes to its prefix, timestamp, fields or signature. Every second one is signed again by `known_key`,
/// so that checks after the signature are reached too. Bytes that are no invoice give a similar invoice.
std::string mutate(std::string_view text, Rng& rng);

/// Fields of both, with the prefix and timestamp of one.
std::string splice(std::string_view left, std::string_view right, Rng& rng);

/// The same parts with a valid checksum.
std::string repair(std::string_view text);

/// A valid invoice to start from.
std::string some_invoice();

}  // namespace lntpay::fuzz
