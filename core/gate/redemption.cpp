// Claim, commit and release as conditional writes.
#include "core/gate/redemption.hpp"

#include <algorithm>
#include <cstring>
#include <functional>

#include "core/base/encoding.hpp"
#include "core/charge/challenge_settlement.hpp"
#include "core/gate/redemption_object.hpp"
#include "core/ledger/unit_of_work.hpp"
#include "core/request/gcra.hpp"

namespace lntpay {
namespace {

/// Derived from gate, payment and use. The number of the use takes the place of the time.
RedemptionId id_of(const TenantScope& tenant, const GateId& gate, const Bytes32& payment_hash, std::uint64_t use) {
  std::array<std::uint64_t, 4> entropy{};
  static_assert(sizeof(entropy) == sizeof(payment_hash));
  std::memcpy(entropy.data(), payment_hash.data(), sizeof(payment_hash));
  Random random(entropy, "redemption " + gate.text() + " " + std::to_string(use));
  return RedemptionId::generate(tenant.shard(), UnixMillis{use}, random);
}

std::string_view status_of(const Uses& uses, std::uint64_t use) {
  const auto open = std::ranges::find(uses.open, use, &OpenUse::use);
  if (open == uses.open.end()) return "committed";
  return open->lease_until > UnixMillis{0} ? "reserved" : "released";
}

/// `price`: of a use that is committed now.
SteppedRedemption stepped(const Redemption& redemption, const PaymentUses& payment, std::optional<Msat> price) {
  SteppedRedemption step;
  if (payment.credit.is_metered()) {
    step.price = price;
    step.credit = payment.left();
  }
  step.json = redemption_json({redemption, status_of(payment.uses, redemption.use), step.price, step.credit});
  return step;
}

Error in_progress(UnixMillis until, UnixMillis now) {
  const auto left = until > now ? until - now : Millis{};
  return {.code = ErrorCode::redemption_in_progress, .retry_after_s = std::max(ratelimit::seconds_up(left), 1U)};
}

Redemption redemption_of(const TenantScope& tenant, const GateId& gate, GateCommit commit, const Bytes32& payment_hash,
                         std::uint64_t use) {
  return {.id = id_of(tenant, gate, payment_hash, use),
          .tenant = tenant,
          .gate = gate,
          .commit = commit,
          .payment_hash = payment_hash,
          .use = use};
}

/// Commits the expired uses of an explicit gate, each with an event. Yields whether there was any.
bool emit_expired_commits(const Context& cx, UnitOfWork& unit, PaymentUses& payment, const Redemption& of) {
  if (of.commit != GateCommit::explicitly) return false;
  const auto expired = commit_expired_uses(payment.uses, cx.host_now(), payment.repeat());
  for (const auto& each : expired) {
    const auto redemption = redemption_of(of.tenant, of.gate, of.commit, of.payment_hash, each.use);
    unit.emit(EventType::gate_redeemed, stepped(redemption, payment, each.reserved).json);
  }
  return !expired.empty();
}

/// One step of an existing redemption: `step` changes the uses; a change emits the event.
Task<Result<SteppedRedemption>> take_step(Context& cx, Redemption redemption, EventType event, IdempotencyClaim claim,
                                          std::function<void(PaymentUses&)> step) {
  return retry([&cx, redemption, event, claim, step]() -> Task<Result<SteppedRedemption>> {
    auto unit = co_await UnitOfWork::load(cx, redemption.tenant, {uses_key(redemption.tenant, redemption.payment_hash)});
    const auto stored = co_await unit.about<PaymentUses>();
    if (!stored) co_return no_such_redemption();
    auto payment = stored->record;
    emit_expired_commits(cx, unit, payment, redemption);
    const auto before = payment.uses;
    step(payment);
    const bool is_changed = payment.uses != before;
    const bool commits = payment.uses.committed() > before.committed();
    auto done = stepped(redemption, payment, commits ? checked_sub(payment.uses.spent, before.spent) : std::nullopt);
    done.may_redirect = may_redirect(stored->record);
    if (is_changed) unit.emit(event, done.json);
    if (payment.uses == stored->record.uses) {
      done.json = co_await idempotency::answered(cx, claim, std::move(done.json));
      co_return std::move(done);
    }
    claim.write(unit.batch(), done.json);
    unit.batch().replace(stored->entry, to_row(payment));
    co_await unit.commit();
    co_return std::move(done);
  });
}

std::unexpected<Error> opens_other_requests(const RequestMatch& match) {
  return fail(ErrorCode::unauthenticated,
              "This credential is for " + match.method + " " + match.path + ". Pay the invoice of a new challenge.");
}

/// A claimed use in the rows: its redemption, and with `commit` its end.
void write_claim(UnitOfWork& unit, PaymentUses& payment, const Redemption& redemption, std::uint64_t started, ClaimMode how,
                 UnixMillis now) {
  if (redemption.use > started) unit.batch().create(redemption_key(redemption.id), to_row(redemption));
  if (how != ClaimMode::commit) return;
  const auto before = payment.uses.spent;
  commit_use(payment.uses, redemption.use, now, payment.repeat());
  unit.emit(EventType::gate_redeemed, stepped(redemption, payment, checked_sub(payment.uses.spent, before)).json);
}

/// What a claim found and did.
struct Claimed {
  Admission admission;
  bool is_first = false;  ///< of the payment
};

Task<Result<Claimed>> claim_once(Context& cx, const EnteredGate& at, const Proof& proof, const ClaimRequest& asked,
                                 IdempotencyClaim claim) {
  const auto key = uses_key(at.tenant, proof.payment_hash);
  auto unit = co_await UnitOfWork::load(cx, at.tenant, {key});
  const auto stored = co_await unit.about<PaymentUses>();
  auto payment = stored ? stored->record : first_uses(at.gate, proof.terms);
  if (!opens(payment, proof.terms, asked.resource)) co_return opens_other_requests(proof.terms.match);
  const auto started = payment.uses.started;
  auto redemption = redemption_of(at.tenant, at.gate.id, payment.commit, proof.payment_hash, 0);
  const bool has_expired = emit_expired_commits(cx, unit, payment, redemption);
  const auto now = cx.host_now();
  auto request = payment.repeat_s > 0 ? fingerprint_of(asked.resource, asked.query) : std::string();
  constexpr auto unlimited_uses = UINT64_MAX;
  const auto allowed = proof.terms.uses.value_or(unlimited_uses);
  const auto use = claim_use(payment.uses, allowed, now, redemption_lease, std::move(request), payment.credit);
  if (const auto* busy = std::get_if<UsesBusy>(&use)) co_return std::unexpected(in_progress(busy->until, now));
  const auto* claimed = std::get_if<ClaimedUse>(&use);
  if (claimed == nullptr) {
    co_return fail(ErrorCode::unauthenticated, payment.credit.is_metered()
                                                   ? "The credit is spent. Pay the invoice of a new challenge."
                                                   : "All paid uses are exhausted. Pay the invoice of a new challenge.");
  }
  if (asked.how == ClaimMode::check_only) co_return Claimed{};

  redemption = redemption_of(at.tenant, at.gate.id, payment.commit, proof.payment_hash, claimed->use);
  Admission admission{redemption.id, claimed->reservation};
  if (claimed->reservation == 0) {
    co_await idempotency::answered(cx, claim, admission_json(AdmissionView{.admission = admission}));
    co_return Claimed{admission};
  }
  if (payment.credit.is_metered()) admission.max_price = claimed->reserved;
  auto& batch = unit.batch();
  write_claim(unit, payment, redemption, started, asked.how, now);
  batch.replace_or_create(stored ? &stored->entry : nullptr, key, to_row(payment));
  claim.write(batch, admission_json(AdmissionView{.admission = admission}));
  // Without an event the account state is not written, so reservations of different payments do not conflict.
  co_await (has_expired || asked.how == ClaimMode::commit ? unit.commit() : cx.store.commit(std::move(batch)));
  co_return Claimed{admission, !stored};
}

}  // namespace

std::string redemption_key(const RedemptionId& id) {
  return std::string(id.shard().text()).append("/redemption/").append(id.text());
}

std::string Admission::text() const { return redemption ? redemption->text() + "." + std::to_string(reservation) : std::string(); }

std::optional<Admission> Admission::parse(std::string_view text) {
  Admission admission;
  admission.redemption = RedemptionId::parse(row::cut(text, '.'));
  const bool good = admission.redemption && row::read(text, admission.reservation);
  return good ? std::optional(std::move(admission)) : std::nullopt;
}

Task<Result<Admission>> claim_redemption(Context& cx, const EnteredGate& at, Proof proof, ClaimRequest asked,
                                         IdempotencyClaim claim) {
  if (!proof.terms.uses && proof.terms.mode != GateMode::metered) {
    if (!proof.terms.match.covers(asked.resource)) co_return opens_other_requests(proof.terms.match);
    co_await idempotency::answered(cx, claim, admission_json(AdmissionView{.admission = Admission{}}));
    const bool is_pass = asked.how != ClaimMode::check_only && !asked.is_known;
    if (is_pass) co_await attempt(notice_payment(cx, at.tenant, proof.payment_hash));
    co_return Admission{};
  }
  auto claimed = co_await retry([&] { return claim_once(cx, at, proof, asked, claim); });
  if (claimed.is_first) co_await attempt(notice_payment(cx, at.tenant, proof.payment_hash));
  co_return std::move(claimed.admission);
}

Task<Result<SteppedRedemption>> commit_redemption(Context& cx, Redemption redemption, IdempotencyClaim claim,
                                                  std::optional<Msat> price) {
  return take_step(cx, redemption, EventType::gate_redeemed, std::move(claim),
                   [use = redemption.use, now = cx.host_now(), price](PaymentUses& payment) {
                     commit_use(payment.uses, use, now, payment.repeat(), price);
                   });
}

Task<Result<SteppedRedemption>> release_redemption(Context& cx, Redemption redemption, std::uint64_t reservation,
                                                   IdempotencyClaim claim, std::optional<std::string> opened_path) {
  const auto use = redemption.use;
  return take_step(cx, std::move(redemption), EventType::gate_released, std::move(claim),
                   [use, reservation, opened_path = std::move(opened_path)](PaymentUses& payment) {
                     if (opened_path && !may_redirect(payment)) return;
                     if (release_use(payment.uses, use, reservation) && opened_path) open_path(payment, *opened_path);
                   });
}

Task<Result<bool>> is_committed(Context& cx, Redemption redemption) {
  const auto stored = co_await cx.store.load<PaymentUses>(uses_key(redemption.tenant, redemption.payment_hash));
  if (!stored) co_return no_such_redemption();
  co_return !std::ranges::contains(stored->record.uses.open, redemption.use, &OpenUse::use);
}

std::unexpected<Error> no_such_redemption() { return fail(ErrorCode::not_found, "There is no redemption with this id."); }

Task<Result<Redemption>> find_redemption(Context& cx, RedemptionId id) {
  const auto stored = co_await cx.store.load<Redemption>(redemption_key(id));
  if (!stored) co_return no_such_redemption();
  co_return stored->record;
}

}  // namespace lntpay
