// The row that counts the uses of one payment, and how they end.
#pragma once
#include <string>
#include <vector>

#include "core/gate/gate.hpp"
#include "core/gate/uses.hpp"

namespace lntpay {

/// Row `{tenant}/uses/{payment hash}`
struct PaymentUses {
  static constexpr int row_version = 4;
  static constexpr row::Earlier earlier_rows[] = {{.version = 2, .fields = 4}, {.version = 3, .fields = 7}};
  Uses uses;
  GateCommit commit{};              ///< of the gate when the first use was claimed; applies to all of them
  std::vector<std::string> opened;  ///< fingerprints of the paths to which redirects led: the payment opens them as well
  std::uint64_t repeat_s = 0;       ///< of the gate when the first use was claimed
  std::uint64_t redirects = 0;      ///< that released a use so far
  Credit credit{};                  ///< of a metered payment; its limits are the gate's when the first use was claimed
  auto fields(this auto& self) {
    return std::tie(self.uses.started, self.uses.reservations, self.uses.open, self.commit, self.uses.repeatable, self.opened,
                    self.repeat_s, self.uses.spent, self.credit.paid, self.credit.min_credit, self.credit.max_price,
                    self.redirects);
  }

  /// What is not spent of a metered payment.
  [[nodiscard]] Msat left() const { return checked_sub(credit.paid, uses.spent).value_or(Msat{}); }
  [[nodiscard]] Millis repeat() const { return seconds(static_cast<std::int64_t>(repeat_s)); }
};
/// The row of a payment whose first use is claimed now.
PaymentUses first_uses(const Gate& gate, const Terms& terms);
std::string uses_key(const TenantScope& tenant, const Bytes32& payment_hash);

/// The last paths that are kept: a service that redirects a payer in circles fills no row.
inline constexpr std::size_t opened_paths_max = 8;
/// Redirects for each use of a payment that release it. Browsers follow as many for one page (Fetch, "HTTP-redirect fetch").
inline constexpr std::uint64_t redirects_per_use_max = 20;

/// Whether a redirect within the gate may release a use of this payment.
bool may_redirect(const PaymentUses& payment);
/// A redirect to this path released a use: the payment opens the path as well, with the method of its terms.
void open_path(PaymentUses& payment, std::string_view path);

/// Whether the payment opens the request: its terms do, or a redirect led there.
bool opens(const PaymentUses& payment, const Terms& terms, const RequestMatch& request);
/// As `opens`, with the row of this payment. Fails with storage_unavailable.
Task<Result<bool>> is_opened(Context& cx, TenantScope tenant, Bytes32 payment_hash, Terms terms, RequestMatch request);

}  // namespace lntpay
