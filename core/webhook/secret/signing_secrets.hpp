// The signing secrets of an endpoint, or of a workspace for its charges (workspace_secret).
//
// Up to three are live and all of them sign `webhook-signature`, so a receiver can change secrets without losing an event. The two
// hex headers have room for one signature: that of the *active* secret. Rotating adds a secret and does not change the active one;
// when the active one is retired or its overlap ends, or on request, the newest becomes active.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "core/base/error.hpp"
#include "core/base/secret.hpp"
#include "core/base/units.hpp"
#include "core/crypto/random.hpp"
#include "core/tenant/settings.hpp"

namespace lntpay {

inline constexpr std::size_t live_secrets_max = 3;
inline constexpr Millis secret_overlap_default = hours(24);
inline constexpr Millis secret_overlap_max = days(30);

/// At rest (core/crypto/seal, context = the key of the row that holds it). In rows: "id@created@until@sealed".
struct SigningSecret {
  std::string id;  ///< sec_…: names it in the API, and tells nothing about it
  UnixMillis created_at;
  UnixMillis until = unix_millis_max;  ///< it signs until then
  std::string sealed;

  [[nodiscard]] std::string text() const;
  static std::optional<SigningSecret> parse(std::string_view text);
};

struct NewSigningSecret {
  SigningSecret stored;
  Secret shown;
};
/// `context`: the key of the row that will hold it.
NewSigningSecret new_signing_secret(Random& random, const Settings& settings, std::string_view context, UnixMillis now);

/// Newest first.
using SigningSecrets = std::vector<SigningSecret>;

/// Adds a secret; the former ones sign for `overlap` more, and the active one stays active: `chosen` becomes its id. Those that
/// sign no more are removed. Fails with invalid_state: live_secrets_max of them sign.
Result<> add_secret(SigningSecrets& secrets, std::string& chosen, SigningSecret newest, Millis overlap, UnixMillis now);
/// Ends a secret at once. Fails with not_found (also a secret that is not live), invalid_state (the only one).
Result<> end_secret(SigningSecrets& secrets, std::string_view id, UnixMillis now);

bool is_live(const SigningSecrets& secrets, std::string_view id, UnixMillis now);

/// The active one: that with the id `chosen`, if it is live, else the newest.
const SigningSecret& active_secret(const SigningSecrets& secrets, std::string_view chosen, UnixMillis now);

/// The secrets that sign now.
struct LiveSecrets {
  std::vector<Secret> all;  ///< newest first, at least one
  std::size_t active = 0;   ///< the position of the active one
};
/// Fails with internal_error when one cannot be opened with the operator's keys.
Result<LiveSecrets> live_secrets(const SigningSecrets& secrets, std::string_view chosen, const Settings& settings,
                                 std::string_view context, UnixMillis now);

}  // namespace lntpay
