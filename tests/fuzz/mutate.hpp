// Changes an invoice where it hurts: field by field, under a checksum that holds, so that what is tried are the rules of the
// reader and not its checksum again and again.
#pragma once
#include <string>
#include <string_view>

#include "tests/fuzz/rng.hpp"

namespace lntpay::fuzz {

/// A changed text: a few changes to its prefix, timestamp, fields or signature. Every second one is signed anew by `known_key`,
/// so that what comes after the signature is reached as well. Of bytes that are no invoice: some invoice like it.
std::string mutate(std::string_view text, Rng& rng);

/// Fields of both, in the frame of one.
std::string splice(std::string_view left, std::string_view right, Rng& rng);

/// The same parts under a checksum that holds.
std::string repair(std::string_view text);

/// An invoice that is accepted, to begin from.
std::string some_invoice();

}  // namespace lntpay::fuzz
