// Claim, commit, release and renew.
#include "core/gate/uses.hpp"

#include <algorithm>

#include "core/storage/row.hpp"

namespace lntpay {
namespace {

std::vector<OpenUse>::iterator find_held(Uses& uses, std::uint64_t use, std::uint64_t reservation) {
  const auto found = std::ranges::find(uses.open, use, &OpenUse::use);
  return found != uses.open.end() && found->reservation == reservation ? found : uses.open.end();
}

}  // namespace

std::string OpenUse::text() const {
  return std::to_string(use) + "." + std::to_string(reservation) + "." + std::to_string(lease_until.value);
}

std::optional<OpenUse> OpenUse::parse(std::string_view text) {
  OpenUse open;
  const bool good = row::read(row::cut(text, '.'), open.use) && row::read(row::cut(text, '.'), open.reservation) &&
                    row::read(text, open.lease_until);
  return good ? std::optional(open) : std::nullopt;
}

UseClaim claim_use(Uses& uses, std::uint64_t allowed, UnixMillis now, Millis lease) {
  const auto first = std::ranges::min_element(uses.open, {}, &OpenUse::lease_until);
  const bool reclaim = first != uses.open.end() && !is_leased(first->lease_until, now);
  if (!reclaim && uses.started >= allowed)
    return first == uses.open.end() ? UseClaim(UsesExhausted{}) : UsesBusy{first->lease_until};
  if (!reclaim && uses.open.size() >= open_uses_max) return UsesBusy{first->lease_until};
  auto& claimed = reclaim ? *first : uses.open.emplace_back(OpenUse{.use = ++uses.started, .reservation = 0, .lease_until = {}});
  claimed.reservation = ++uses.reservations;
  claimed.lease_until = now + lease;
  return ClaimedUse{claimed.use, claimed.reservation};
}

bool commit_use(Uses& uses, std::uint64_t use) {
  if (use == 0 || use > uses.started) return false;
  std::erase_if(uses.open, [use](const OpenUse& open) { return open.use == use; });
  return true;
}

std::vector<std::uint64_t> commit_expired_uses(Uses& uses, UnixMillis now) {
  std::vector<std::uint64_t> expired;
  for (const auto& open : uses.open) {
    if (open.lease_until > UnixMillis{0} && !is_leased(open.lease_until, now)) expired.push_back(open.use);
  }
  for (const auto use : expired) commit_use(uses, use);
  return expired;
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
