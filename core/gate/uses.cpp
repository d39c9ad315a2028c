// Claim, commit, release and renew.
#include "core/gate/uses.hpp"

#include <algorithm>
#include <tuple>

#include "core/base/ascii.hpp"
#include "core/storage/row.hpp"

namespace lntpay {
namespace {

std::vector<OpenUse>::iterator find_held(Uses& uses, std::uint64_t use, std::uint64_t reservation) {
  const auto found = std::ranges::find(uses.open, use, &OpenUse::use);
  return found != uses.open.end() && found->reservation == reservation ? found : uses.open.end();
}

/// When the first lease ends; nullopt: none holds.
std::optional<UnixMillis> first_lease_end(const Uses& uses, UnixMillis now) {
  std::optional<UnixMillis> first;
  for (const auto& open : uses.open) {
    if (is_leased(open.lease_until, now) && (!first || open.lease_until < *first)) first = open.lease_until;
  }
  return first;
}

/// The credit that is neither spent nor reserved.
Msat free_credit(const Uses& uses, const Credit& credit) {
  auto taken = uses.spent.value;
  for (const auto& open : uses.open) taken += open.reserved.value;
  return {credit.paid.value - std::min(credit.paid.value, taken)};
}

/// As rows hold them: hex digits, or none.
bool is_fingerprint(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return hex_digit(c).has_value(); });
}

}  // namespace

std::string OpenUse::text() const {
  auto held = std::to_string(use) + "." + std::to_string(reservation) + "." + std::to_string(lease_until.value);
  if (!request.empty() || reserved > Msat{}) held += "." + request;
  if (reserved > Msat{}) held += "." + std::to_string(reserved.value);
  return held;
}

std::optional<OpenUse> OpenUse::parse(std::string_view text) {
  OpenUse open;
  const bool good = !text.ends_with('.') && row::read(row::cut(text, '.'), open.use) &&
                    row::read(row::cut(text, '.'), open.reservation) && row::read(row::cut(text, '.'), open.lease_until);
  open.request = row::cut(text, '.');
  const bool good_end = text.empty() || row::read(text, open.reserved);
  return good && good_end && is_fingerprint(open.request) ? std::optional(std::move(open)) : std::nullopt;
}

std::string RepeatableUse::text() const { return std::to_string(use) + "." + std::to_string(until.value) + "." + request; }

std::optional<RepeatableUse> RepeatableUse::parse(std::string_view text) {
  RepeatableUse repeatable;
  const bool good = row::read(row::cut(text, '.'), repeatable.use) && row::read(row::cut(text, '.'), repeatable.until);
  repeatable.request = text;
  return good && !text.empty() && is_fingerprint(text) ? std::optional(std::move(repeatable)) : std::nullopt;
}

UseClaim claim_use(Uses& uses, std::uint64_t allowed, UnixMillis now, Millis lease, std::string request, const Credit& credit) {
  // Of the uses without a lease the one that reserves most: while one of them is open, what it reserves covers the next request.
  const auto first = std::ranges::min_element(uses.open, {}, [now](const OpenUse& each) {
    return std::tuple(is_leased(each.lease_until, now), msat_max.value - each.reserved.value, each.lease_until);
  });
  const bool reclaim = first != uses.open.end() && !is_leased(first->lease_until, now);
  const auto left = free_credit(uses, credit).value + (reclaim ? first->reserved.value : 0);
  const Msat reserved{std::min(left, credit.max_price.value)};
  if ((!reclaim && uses.started >= allowed) || reserved < credit.min_credit) {
    if (const auto until = first_lease_end(uses, now)) return UsesBusy{*until};
    const auto again = std::ranges::find_if(
        uses.repeatable, [&](const RepeatableUse& each) { return is_leased(each.until, now) && each.request == request; });
    return again != uses.repeatable.end() ? UseClaim(ClaimedUse{again->use, 0}) : UsesExhausted{};
  }
  if (!reclaim && uses.open.size() >= open_uses_max) return UsesBusy{first->lease_until};
  auto& claimed = reclaim ? *first : uses.open.emplace_back(OpenUse{.use = ++uses.started, .reservation = 0, .lease_until = {}});
  claimed.reservation = ++uses.reservations;
  claimed.lease_until = now + lease;
  claimed.request = std::move(request);
  claimed.reserved = reserved;
  return ClaimedUse{claimed.use, claimed.reservation, reserved};
}

bool commit_use(Uses& uses, std::uint64_t use, UnixMillis at, Millis repeat, std::optional<Msat> price) {
  if (use == 0 || use > uses.started) return false;
  const auto open = std::ranges::find(uses.open, use, &OpenUse::use);
  if (open == uses.open.end()) return true;
  uses.spent.value += std::min(price.value_or(open->reserved), open->reserved).value;
  if (!open->request.empty() && repeat.value > 0) {
    if (uses.repeatable.size() == repeatable_uses_max) uses.repeatable.erase(uses.repeatable.begin());
    uses.repeatable.push_back({.use = use, .until = at + repeat, .request = std::move(open->request)});
  }
  uses.open.erase(open);
  return true;
}

std::vector<OpenUse> commit_expired_uses(Uses& uses, UnixMillis now, Millis repeat) {
  std::vector<OpenUse> expired;
  for (const auto& open : uses.open) {
    if (open.lease_until > UnixMillis{0} && !is_leased(open.lease_until, now)) expired.push_back(open);
  }
  for (const auto& open : expired) commit_use(uses, open.use, open.lease_until, repeat);
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
