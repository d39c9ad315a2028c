// UTF-8 as in RFC 3629: validation, and replacement of ill-formed parts.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace lntpay {

/// Whether the text is UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_utf8(std::string_view text);

/// How many characters (code points) the text has, which is UTF-8.
std::size_t character_count(std::string_view text);

/// The text with U+FFFD in place of every maximal ill-formed part.
std::string replace_ill_formed(std::string_view text);

}  // namespace lntpay
