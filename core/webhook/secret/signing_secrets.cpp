// Sealing, opening and choosing secrets.
#include "core/webhook/secret/signing_secrets.hpp"

#include <algorithm>

#include "core/storage/row.hpp"
#include "core/webhook/secret/signature.hpp"

namespace lntpay {
namespace {

/// Removes secrets that sign no more. The active one stays named, so that its end makes the newest active.
void drop_expired(SigningSecrets& secrets, UnixMillis now) {
  std::erase_if(secrets, [&](const SigningSecret& each) { return each.until <= now; });
}

}  // namespace

std::string SigningSecret::text() const {
  return id + "@" + std::to_string(created_at.value) + "@" + std::to_string(until.value) + "@" + sealed;
}

std::optional<SigningSecret> SigningSecret::parse(std::string_view text) {
  SigningSecret secret;
  secret.id = row::cut(text, '@');
  const bool good = row::read(row::cut(text, '@'), secret.created_at) && row::read(row::cut(text, '@'), secret.until);
  if (!good || secret.id.empty() || text.empty()) return std::nullopt;
  secret.sealed = text;
  return secret;
}

NewSigningSecret new_signing_secret(Random& random, const Settings& settings, std::string_view context, UnixMillis now) {
  constexpr std::size_t id_size = 8;
  auto shown = generate_signing_secret(random);
  return {{.id = "sec_" + random.base62(id_size), .created_at = now, .sealed = seal(settings.seal, context, shown.reveal())},
          std::move(shown)};
}

Result<> add_secret(SigningSecrets& secrets, std::string& chosen, SigningSecret newest, Millis overlap, UnixMillis now) {
  drop_expired(secrets, now);
  if (secrets.size() >= live_secrets_max) {
    return fail(ErrorCode::invalid_state,
                "Three secrets sign already. Retire one of them, or wait until the overlap of the oldest ends.");
  }
  if (!secrets.empty()) chosen = active_secret(secrets, chosen, now).id;
  for (auto& former : secrets) former.until = std::min(former.until, now + overlap);
  secrets.insert(secrets.begin(), std::move(newest));
  return {};
}

Result<> end_secret(SigningSecrets& secrets, std::string_view id, UnixMillis now) {
  drop_expired(secrets, now);
  const auto found = std::ranges::find(secrets, id, &SigningSecret::id);
  if (found == secrets.end()) return fail(ErrorCode::not_found, "No live secret has this id.");
  if (secrets.size() == 1) return fail(ErrorCode::invalid_state, "This is the only secret. Rotate first, then retire it.");
  secrets.erase(found);
  // Without the newest, nothing replaces those before it: the newest of them signs without an end again.
  secrets.front().until = unix_millis_max;
  return {};
}

bool is_live(const SigningSecrets& secrets, std::string_view id, UnixMillis now) {
  return std::ranges::any_of(secrets, [&](const SigningSecret& each) { return each.id == id && each.until > now; });
}

const SigningSecret& active_secret(const SigningSecrets& secrets, std::string_view chosen, UnixMillis now) {
  const auto found =
      std::ranges::find_if(secrets, [&](const SigningSecret& each) { return each.id == chosen && each.until > now; });
  return found == secrets.end() ? secrets.front() : *found;
}

Result<LiveSecrets> live_secrets(const SigningSecrets& secrets, std::string_view chosen, const Settings& settings,
                                 std::string_view context, UnixMillis now) {
  LiveSecrets live;
  if (secrets.empty()) return fail(ErrorCode::internal_error, "there is no signing secret");
  const auto& active = active_secret(secrets, chosen, now);
  for (const auto& each : secrets) {
    if (each.until <= now) continue;
    auto opened = open(settings.seal, context, each.sealed);
    if (!opened) return fail(ErrorCode::internal_error, "a signing secret cannot be decrypted with the configured keys");
    if (&each == &active) live.active = live.all.size();
    live.all.push_back(std::move(*opened));
  }
  if (live.all.empty()) return fail(ErrorCode::internal_error, "there is no signing secret");
  return live;
}

}  // namespace lntpay
