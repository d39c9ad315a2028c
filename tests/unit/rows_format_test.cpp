// The row versions that `rows_format` stands for. Changing a row changes this file.
#include "core/storage/rows_format.hpp"

#include <doctest/doctest.h>

#include "core/access/api_key.hpp"
#include "core/access/workspace.hpp"
#include "core/charge/challenge_row.hpp"
#include "core/charge/unmatched_settlement.hpp"
#include "core/event/event.hpp"
#include "core/event/event_retention.hpp"
#include "core/gate/redemption.hpp"
#include "core/lightning/node/sandbox_node.hpp"
#include "core/lightning/node/sandbox_payments.hpp"
#include "core/pay_link/pay_name.hpp"
#include "core/request/audit_trail.hpp"
#include "core/request/idempotency_claim.hpp"
#include "core/request/request_log.hpp"
#include "core/tenant/due_work.hpp"
#include "core/tenant/sandbox_controls.hpp"
#include "core/webhook/attempt/attempt_window.hpp"
#include "core/webhook/delivery/delivery_order.hpp"
#include "core/webhook/endpoint/failure_run.hpp"
#include "core/webhook/queue/pace.hpp"
#include "core/webhook/recovery/recovery.hpp"
#include "core/webhook/secret/workspace_secret.hpp"
#include "core/withdrawal/payment_hash_lock.hpp"
#include "core/withdrawal/withdrawal.hpp"
#include "core/withdrawal/withdrawal_limits.hpp"

namespace lntpay::rows_format_test {
namespace {

/// "1 1 2 …": the versions of these rows.
template <class... Rows>
std::string versions() {
  std::string text;
  ((text.append(text.empty() ? "" : " ").append(std::to_string(Rows::row_version))), ...);
  return text;
}

}  // namespace

TEST_CASE("rows_format covers all row versions and the due key's form") {
  REQUIRE(rows_format == 10);
  CHECK(versions<AccountState, LedgerEntry, TransferPlace, Event, Charge, ChargeFinder>() == "2 1 1 2 5 1");
  CHECK(versions<ChallengeRow, UnmatchedSettlement, UnmatchedCount>() == "1 1 1");
  CHECK(versions<Withdrawal, PaymentHashLock, KeyDay, AuditNote>() == "4 1 1 2");
  CHECK(versions<Endpoint, Delivery, DeliveryAttempt, Flight, FailureRun, Recovery>() == "3 2 1 2 1 1");
  CHECK(versions<WebhookSecret, Retention, OrderPlace, Pace>() == "1 1 1 1");
  CHECK(versions<ApiKey, Workspace, SandboxControls, idempotency::Row, LoggedRequest>() == "5 3 3 3 1");
  CHECK(versions<SandboxInvoice, ExternalInvoice, SandboxPayment>() == "2 1 1");
  CHECK(versions<PayLink, PayName>() == "1 1");
  CHECK(versions<Gate, GateFinder, PaymentUses, Redemption>() == "3 1 4 1");
  Random random({1, 2, 3, 4});
  const DueWork work{"charge", {Environment::test, WorkspaceId::generate(Shard::number(7), UnixMillis{1}, random)}, "x"};
  CHECK(due_key(work, UnixMillis{7}).find("/due/charge/00000000000000000007/test/ws_") == 2);
}

}  // namespace lntpay::rows_format_test
