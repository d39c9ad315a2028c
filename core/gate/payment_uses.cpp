// Opened paths.
#include "core/gate/payment_uses.hpp"

#include <algorithm>

#include "core/base/encoding.hpp"

namespace lntpay {
namespace {

std::string opened_name(std::string_view path) { return fingerprint_of({.method = {}, .path = std::string(path)}); }

}  // namespace

std::string uses_key(const TenantScope& tenant, const Bytes32& payment_hash) { return tenant.key("uses", hex(payment_hash)); }

void open_path(PaymentUses& payment, std::string_view path) {
  auto name = opened_name(path);
  if (std::ranges::contains(payment.opened, name)) return;
  if (payment.opened.size() == opened_paths_max) payment.opened.erase(payment.opened.begin());
  payment.opened.push_back(std::move(name));
}

bool opens(const PaymentUses& payment, const Terms& terms, const RequestMatch& request) {
  if (terms.match.covers(request)) return true;
  const RequestMatch same_path{terms.match.method, request.path};
  const bool good_method = request.method == "GET" || same_path.covers(request);
  return good_method && std::ranges::contains(payment.opened, opened_name(request.path));
}

}  // namespace lntpay
