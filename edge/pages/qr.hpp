// A QR code (ISO/IEC 18004) as an SVG that scales.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace lntpay {

/// Dark modules as one path on white, with the quiet zone that readers need; `label` is for screen readers. Upper-case
/// letters, digits and `$%*+-./: ` make the smallest codes. nullopt: too long for a code (4,296 of those characters, 2,953 of
/// others).
std::optional<std::string> qr_svg(std::string_view text, std::string_view label);

}  // namespace lntpay
