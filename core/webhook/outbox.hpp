// The outbox: for each event of a commit and each enabled endpoint that wants it, the same commit writes a delivery, its queue row
// and the endpoint's due row.
#pragma once
#include <memory>

#include "core/ledger/unit_of_work.hpp"

namespace lntpay {

/// For Context::make_commit_hook. Reads endpoints only where the workspace has some. An endpoint whose row the batch already
/// changes or removes is skipped: that operation decides which events it gets.
std::unique_ptr<CommitHook> make_outbox();

}  // namespace lntpay
