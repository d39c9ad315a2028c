// A secret that a gate signed with until it was revoked.
//
// A credential under it still passes if its challenge was open at that time and was paid later, because its invoice could not be
// recalled (core/gate/revocation).
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/units.hpp"
#include "core/storage/row.hpp"

namespace lntpay {

/// The former secrets that a gate keeps; one more drops the oldest.
inline constexpr std::size_t former_secrets_max = 8;

/// In rows: "revoked_at@until@sealed".
struct FormerSecret {
  UnixMillis revoked_at;
  UnixMillis until;    ///< no credential under it is valid for longer
  std::string sealed;  ///< core/crypto/seal, context = the gate's key

  [[nodiscard]] std::string text() const {
    return std::to_string(revoked_at.value) + "@" + std::to_string(until.value) + "@" + sealed;
  }
  static std::optional<FormerSecret> parse(std::string_view text) {
    FormerSecret secret;
    const bool good = row::read(row::cut(text, '@'), secret.revoked_at) && row::read(row::cut(text, '@'), secret.until);
    secret.sealed = text;
    return good && !text.empty() ? std::optional(std::move(secret)) : std::nullopt;
  }
};

}  // namespace lntpay
