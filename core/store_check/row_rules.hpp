// The rules of each kind of row, for the table in row_kinds.cpp.
#pragma once
#include "core/store_check/row_check.hpp"

namespace lntpay::rules {

// ledger_rows.cpp
void account(RowCheck& at);
void ledger_entry(RowCheck& at);
void transfer(RowCheck& at);
void adjustment(RowCheck& at);
void event(RowCheck& at);
void event_id(RowCheck& at);
void retention(RowCheck& at);

// payment_rows.cpp
void charge(RowCheck& at);
void new_charge(RowCheck& at);
void charge_by_status(RowCheck& at);
void charge_by_external_id(RowCheck& at);
void charge_by_metadata(RowCheck& at);
void charge_finder(RowCheck& at);
void challenge(RowCheck& at);
void live_challenge(RowCheck& at);
void withdrawal(RowCheck& at);
void withdrawal_by_status(RowCheck& at);
void withdrawal_by_external_id(RowCheck& at);
void withdrawal_by_metadata(RowCheck& at);
void withdrawal_by_charge(RowCheck& at);
void payment_hash_lock(RowCheck& at);
void key_day(RowCheck& at);
void sandbox_invoice(RowCheck& at);
void sandbox_outside(RowCheck& at);
void sandbox_payment(RowCheck& at);

// webhook_rows.cpp
void endpoint(RowCheck& at);
void charge_target(RowCheck& at);
void webhook_secret(RowCheck& at);
void delivery(RowCheck& at);
void delivery_of(RowCheck& at);
void delivery_about(RowCheck& at);
void attempt(RowCheck& at);
void queued_first(RowCheck& at);
void queued_retry(RowCheck& at);
void flight(RowCheck& at);
void order_place(RowCheck& at);
void pace(RowCheck& at);
void dead_letter(RowCheck& at);
void failing(RowCheck& at);
void recovery(RowCheck& at);

// workspace_rows.cpp
void workspace(RowCheck& at);
void listed_workspace(RowCheck& at);
void used_shard(RowCheck& at);
void api_key(RowCheck& at);
void key_pointer(RowCheck& at);
void gate(RowCheck& at);
void gate_finder(RowCheck& at);
void pay_link(RowCheck& at);
void pay_name(RowCheck& at);
void payment_uses(RowCheck& at);
void redemption(RowCheck& at);
void minting(RowCheck& at);
void idempotency_key(RowCheck& at);
void audit_note(RowCheck& at);
void logged_request(RowCheck& at);
void sandbox_controls(RowCheck& at);
void clock_move(RowCheck& at);
void due_work(RowCheck& at);
void format(RowCheck& at);
void stream_cursor(RowCheck& at);
void unmatched_settlement(RowCheck& at);
void unmatched_count(RowCheck& at);
void restores(RowCheck& at);

}  // namespace lntpay::rules
