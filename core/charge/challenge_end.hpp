// The end of a challenge that nobody paid. Its due task polls the node, first at `challenge_poll_after` after the invoice's expiry,
// and deletes the row with its due row only when the instance of the node that made the invoice
//   - reports it CANCELED, which lnd never takes back;
//   - or has no such invoice in two polls a minute apart, both past the expiry by five minutes by both clocks, while the challenge
//   is
//     `issuing`: its request arrived nowhere;
//   - or has no such invoice any more in two polls a day apart: operators let lnd delete canceled invoices. Reported as
//     "challenge.forgotten".
// A settled one is credited as ever.
#pragma once
#include <optional>
#include <string>

#include "core/charge/challenge_row.hpp"
#include "core/lightning/node/node.hpp"
#include "core/tenant/context.hpp"

namespace lntpay {

/// What a poll found.
struct ChallengePoll {
  InvoiceLookup seen;
  bool same_node = false;  ///< the instance that made the invoice answered, before and after the poll
  UnixMillis now;          ///< by the workspace's clock
};

enum class ChallengeStep : std::uint8_t {
  settle,
  remove,
  cancel,  ///< the invoice at the node, and poll again
  wait,    ///< poll again
};
struct ChallengeDecision {
  ChallengeStep step{};
  UnixMillis next_poll{};                     ///< cancel, wait
  std::optional<UnixMillis> missing_since{};  ///< cancel, wait: for the row
};
/// Pure.
ChallengeDecision decide_challenge(const ChallengeRow& challenge, const ChallengePoll& poll);

/// The due task of kind `challenge_kind`.
Task<Result<>> run_challenge(Context& cx, std::string due_key);

}  // namespace lntpay
