// Claim, commit, release and renew.
#include "core/gate/uses.hpp"

#include <algorithm>

#include "core/base/ascii.hpp"
#include "core/storage/row.hpp"

namespace lntpay {
namespace {

std::vector<OpenUse>::iterator find_held(Uses& uses, std::uint64_t use, std::uint64_t reservation) {
  const auto found = std::ranges::find(uses.open, use, &OpenUse::use);
  return found != uses.open.end() && found->reservation == reservation ? found : uses.open.end();
}

/// As rows hold them: hex digits, or none.
bool is_fingerprint(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return hex_digit(c).has_value(); });
}

}  // namespace

std::string OpenUse::text() const {
  const auto held = std::to_string(use) + "." + std::to_string(reservation) + "." + std::to_string(lease_until.value);
  return request.empty() ? held : held + "." + request;
}

std::optional<OpenUse> OpenUse::parse(std::string_view text) {
  OpenUse open;
  const bool good = !text.ends_with('.') && row::read(row::cut(text, '.'), open.use) &&
                    row::read(row::cut(text, '.'), open.reservation) && row::read(row::cut(text, '.'), open.lease_until);
  open.request = text;
  return good && is_fingerprint(text) ? std::optional(std::move(open)) : std::nullopt;
}

std::string RepeatableUse::text() const { return std::to_string(use) + "." + std::to_string(until.value) + "." + request; }

std::optional<RepeatableUse> RepeatableUse::parse(std::string_view text) {
  RepeatableUse repeatable;
  const bool good = row::read(row::cut(text, '.'), repeatable.use) && row::read(row::cut(text, '.'), repeatable.until);
  repeatable.request = text;
  return good && !text.empty() && is_fingerprint(text) ? std::optional(std::move(repeatable)) : std::nullopt;
}

UseClaim claim_use(Uses& uses, std::uint64_t allowed, UnixMillis now, Millis lease, std::string request) {
  const auto first = std::ranges::min_element(uses.open, {}, &OpenUse::lease_until);
  const bool reclaim = first != uses.open.end() && !is_leased(first->lease_until, now);
  if (!reclaim && uses.started >= allowed) {
    if (first != uses.open.end()) return UsesBusy{first->lease_until};
    const auto again = std::ranges::find_if(
        uses.repeatable, [&](const RepeatableUse& each) { return is_leased(each.until, now) && each.request == request; });
    return again != uses.repeatable.end() ? UseClaim(ClaimedUse{again->use, 0}) : UsesExhausted{};
  }
  if (!reclaim && uses.open.size() >= open_uses_max) return UsesBusy{first->lease_until};
  auto& claimed = reclaim ? *first : uses.open.emplace_back(OpenUse{.use = ++uses.started, .reservation = 0, .lease_until = {}});
  claimed.reservation = ++uses.reservations;
  claimed.lease_until = now + lease;
  claimed.request = std::move(request);
  return ClaimedUse{claimed.use, claimed.reservation};
}

bool commit_use(Uses& uses, std::uint64_t use, UnixMillis at, Millis repeat) {
  if (use == 0 || use > uses.started) return false;
  const auto open = std::ranges::find(uses.open, use, &OpenUse::use);
  if (open == uses.open.end()) return true;
  if (!open->request.empty() && repeat.value > 0) {
    if (uses.repeatable.size() == repeatable_uses_max) uses.repeatable.erase(uses.repeatable.begin());
    uses.repeatable.push_back({.use = use, .until = at + repeat, .request = std::move(open->request)});
  }
  uses.open.erase(open);
  return true;
}

std::vector<std::uint64_t> commit_expired_uses(Uses& uses, UnixMillis now, Millis repeat) {
  std::vector<OpenUse> expired;
  for (const auto& open : uses.open) {
    if (open.lease_until > UnixMillis{0} && !is_leased(open.lease_until, now)) expired.push_back(open);
  }
  std::vector<std::uint64_t> committed;
  for (const auto& open : expired) {
    commit_use(uses, open.use, open.lease_until, repeat);
    committed.push_back(open.use);
  }
  return committed;
}

bool release_use(Uses& uses, std::uint64_t use, std::uint64_t reservation) {
  return renew_use(uses, use, reservation, UnixMillis{0});
}

bool renew_use(Uses& uses, std::uint64_t use, std::uint64_t reservation, UnixMillis lease_until) {
  const auto held = find_held(uses, use, reservation);
  if (held == uses.open.end()) return false;
  held->lease_until = lease_until;
  return true;
}

}  // namespace lntpay
