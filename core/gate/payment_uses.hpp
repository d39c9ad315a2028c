// The row that counts the uses of one payment, and how they end.
#pragma once
#include <string>
#include <vector>

#include "core/gate/gate.hpp"
#include "core/gate/uses.hpp"

namespace lntpay {

/// Row `{tenant}/uses/{payment hash}`
struct PaymentUses {
  static constexpr int row_version = 3;
  static constexpr row::Earlier earlier_rows[] = {{.version = 2, .fields = 4}};
  Uses uses;
  GateCommit commit{};              ///< of the gate when the first use was claimed; applies to all of them
  std::vector<std::string> opened;  ///< fingerprints of the paths to which redirects led: the payment opens them as well
  std::uint64_t repeat_s = 0;       ///< of the gate when the first use was claimed
  auto fields(this auto& self) {
    return std::tie(self.uses.started, self.uses.reservations, self.uses.open, self.commit, self.uses.repeatable, self.opened,
                    self.repeat_s);
  }

  [[nodiscard]] Millis repeat() const { return seconds(static_cast<std::int64_t>(repeat_s)); }
};
std::string uses_key(const TenantScope& tenant, const Bytes32& payment_hash);

/// The last paths that are kept: a service that redirects a payer in circles fills no row.
inline constexpr std::size_t opened_paths_max = 8;

/// The payment opens this path as well, with the methods of its terms and with GET.
void open_path(PaymentUses& payment, std::string_view path);

/// Whether the payment opens the request: its terms do, or a redirect led there.
bool opens(const PaymentUses& payment, const Terms& terms, const RequestMatch& request);

}  // namespace lntpay
