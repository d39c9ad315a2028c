// Text forms of bytes and numbers: hex, base64, base62, Crockford base32; and CRC-32 and the UTF-8 check. Every decoder is strict:
// a value has exactly one text that decodes to it, so texts can be compared, hashed and used as keys. A decoder answers nullopt for
// anything else.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/bytes.hpp"

namespace lntpay {

/// Lower-case hex, two digits a byte.
std::string hex(ByteView bytes);

/// Accepts lower-case digits only, an even number of them.
std::optional<Bytes> hex_decode(std::string_view text);

/// As `hex_decode`, for exactly 32 bytes: hashes, preimages, keys. Does not allocate.
std::optional<Bytes32> hex_decode32(std::string_view text);

/// RFC 4648: section 4 (`standard`, "+/") and section 5 (`url`, "-_"), each with and without '=' padding.
enum class Base64 : std::uint8_t { standard, standard_unpadded, url, url_unpadded };

std::string base64(Base64 form, ByteView bytes);

/// Accepts only what `base64` with the same form writes: no white space, no other alphabet, padding exactly as the form says,
/// unused bits of the last digit zero.
std::optional<Bytes> base64_decode(Base64 form, std::string_view text);

/// Digits "0-9A-Za-z" (byte order equals numeric order), most significant first, exactly `width` of them.
/// The value must be below 62^width.
std::string base62(std::uint64_t value, std::size_t width);

/// Any number of digits, leading zeros included; at least one. nullopt also above 2^64 - 1.
std::optional<std::uint64_t> base62_decode(std::string_view text);

/// The six base62 digits of a CRC-32 are an API key's check characters.
inline constexpr std::size_t base62_width_u32 = 6;

/// Crockford's base32, upper case: "0123456789ABCDEFGHJKMNPQRSTVWXYZ", so byte order equals numeric order.
/// The first `digits` x 5 bits of `bytes`, most significant first; `bytes` must hold that many. An id's 26 digits take the
/// first 130 bits of 17 bytes or more.
std::string crockford(ByteView bytes, std::size_t digits);

/// `value` as a number of exactly `digits` digits. It must be below 32^digits: 10 digits hold 48 bits of Unix milliseconds.
std::string crockford(std::uint64_t value, std::size_t digits);

/// The bits of `text`, most significant first, the last byte filled up with zero bits. Upper case only, no look-alikes
/// (I, L, O, U), at most 26 digits.
std::optional<Bytes> crockford_decode(std::string_view text);

/// The number that at most 12 digits stand for; nullopt for none or more.
std::optional<std::uint64_t> crockford_number(std::string_view text);

/// Whether the bytes are UTF-8 (RFC 3629): shortest forms only, no surrogates, nothing above U+10FFFF.
bool is_utf8(std::string_view text);

/// CRC-32 as in IEEE 802.3, zip and PNG (reflected 0x04C11DB7): crc32("123456789") is 0xCBF43926.
std::uint32_t crc32(ByteView bytes);

}  // namespace lntpay
