// The outbox: a commit that emits an event also writes its deliveries, one for each subscribed endpoint and one for the
// `webhook_url` of a charge, with their queue and due rows.
#pragma once
#include <memory>

#include "core/ledger/unit_of_work.hpp"

namespace lntpay {

/// For Context::make_commit_hook. Reads endpoints only if the workspace has any. Skips an endpoint whose row the batch already
/// changes or removes: that operation decides which events it gets.
std::unique_ptr<CommitHook> make_outbox();

}  // namespace lntpay
