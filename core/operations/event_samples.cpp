// Each sample is a record whose JSON the real serialiser writes.
#include "core/operations/event_samples.hpp"

#include "core/access/api_key.hpp"
#include "core/charge/charge.hpp"
#include "core/gate/redemption_object.hpp"
#include "core/webhook/delivery/test_event_object.hpp"
#include "core/webhook/endpoint/endpoint.hpp"
#include "core/withdrawal/withdrawal.hpp"

namespace lntpay::samples {
namespace {

constexpr Msat amount = 21_sat;
constexpr auto invoice = "lnbc210n1sample";
constexpr auto external_id = "sample";
constexpr auto metadata = R"({"sample":true})";

/// The status that an event is named after; default: pending.
template <class Status>
Status status_after(EventType type) {
  const auto name = name_of(type);
  return from_name<Status>(name.substr(name.find('.') + 1)).value_or(Status::pending);
}

}  // namespace

std::string charge(EventType type, const TenantScope& tenant) {
  Charge charge;
  set_id(charge.id);
  charge.status = status_after<ChargeStatus>(type);
  charge.amount = amount;
  charge.description = "Sample";
  charge.external_id = external_id;
  charge.metadata = metadata;
  charge.bolt11 = invoice;
  charge.created_at = time;
  charge.expires_at = time + hours(1);
  if (has_money(charge.status)) {
    charge.paid_at = (charge.status == ChargeStatus::paid_late ? charge.expires_at : time) + minutes(1);
    charge.settled = charge.status == ChargeStatus::underpaid ? 20_sat : amount;
  }
  Settings settings;  // without keys: the checkout link has a MAC that no host accepts
  settings.base_url = "https://lntpay.example";
  return charge_json(settings, charge, tenant);
}

std::string withdrawal(EventType type, const TenantScope& tenant) {
  Withdrawal withdrawal;
  set_id(withdrawal.id);
  withdrawal.status = status_after<WithdrawalStatus>(type);
  withdrawal.bolt11 = invoice;
  withdrawal.reserved = {amount, 5_sat};
  withdrawal.external_id = external_id;
  withdrawal.metadata = metadata;
  withdrawal.created_at = time;
  if (withdrawal.status != WithdrawalStatus::pending) withdrawal.dispatched_at = time + seconds(1);
  if (withdrawal.status == WithdrawalStatus::unknown) {
    withdrawal.stuck_since = time + seconds(2);
    withdrawal.reason = "the payment is in progress";
  }
  if (is_final(withdrawal.status)) withdrawal.ended_at = time + seconds(2);
  if (withdrawal.status == WithdrawalStatus::succeeded) withdrawal.fee = 1_sat;
  if (withdrawal.status == WithdrawalStatus::failed) withdrawal.reason = "FAILURE_REASON_NO_ROUTE";
  return withdrawal_json(withdrawal, tenant);
}

std::string redemption(EventType type, const TenantScope& tenant) {
  Redemption redemption{.id = {}, .tenant = tenant, .gate = {}, .use = 1};
  set_id(redemption.id);
  set_id(redemption.gate);
  return redemption_json({redemption, type == EventType::gate_redeemed ? "committed" : "released"});
}

std::string endpoint(EventType type, const TenantScope& tenant) {
  Endpoint endpoint;
  set_id(endpoint.id);
  endpoint.url = "https://shop.example/webhooks";
  endpoint.secrets.push_back({.id = "sec_sample", .created_at = time, .sealed = {}});
  endpoint.created_at = time;
  endpoint.failing_since = time;
  if (type == EventType::webhook_endpoint_disabled) endpoint.disable(time + days(5), "every attempt failed for five days", 0);
  return endpoint_json(endpoint, tenant, time);
}

std::string test_event(EventType /*type*/, const TenantScope& /*tenant*/) {
  EndpointId endpoint;
  set_id(endpoint);
  return test_event_json(endpoint, nullptr);
}

std::string api_key(EventType type, const TenantScope& tenant) {
  ApiKey key;
  set_id(key.id);
  key.tenant = tenant;
  key.name = "Sample";
  key.grant.scopes = {Scope::charges_read};
  key.created_at = time;
  key.last4 = "0000";
  if (type == EventType::api_key_revoked) key.revoked_at = time + days(1);
  return key_json(key);
}

}  // namespace lntpay::samples
