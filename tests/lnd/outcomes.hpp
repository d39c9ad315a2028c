// The client's result for each recording: one row for every call that it can answer.
#pragma once
#include <string>
#include <vector>

namespace lntpay::lnd_recordings {

enum class Call : std::uint8_t { add, lookup, cancel, identity, send, track, funds };

/// Whether the client's request equals the recorded one; otherwise only the response is played.
enum class Asks : bool { other, same };

struct Row {
  const char* recording;
  Call call;
  Asks asks;
  std::string outcome;
  const char* then = nullptr;  ///< the recording that answers the poll that follows
};

inline std::string no_node(const std::string& reason = {}) {
  return "node_unavailable: The Lightning node refused the request" + (reason.empty() ? "" : ": " + reason) + ".";
}

/// A failed poll shows the node's own words: a withdrawal that waits shows them as its reason.
inline std::string node_returned(const std::string& words) { return "node_unavailable: the node returned: " + words; }

inline std::vector<Row> rows() {
  using enum Asks;
  // The recorder let lnd draw the preimage, or gave no amount.
  const std::string not_asked_for = "internal_error: invariant broken: the node's invoice matches the request";
  return {
      {"invoice-add-bad-base64", Call::add, other, no_node()},
      {"invoice-add-description-hash", Call::add, other, not_asked_for},
      {"invoice-add-duplicate", Call::add, other, "open of 21000, expires 1795497012000", "invoice-lookup-open"},
      {"invoice-add-malformed-json", Call::add, other, no_node()},
      {"invoice-add-memo-too-long", Call::add, other, no_node()},
      {"invoice-add-negative", Call::add, other, no_node()},
      {"invoice-add-own-preimage", Call::add, other, "open of 21000, expires 1795497012000"},
      {"invoice-add-short-preimage", Call::add, other, no_node()},
      {"invoice-add-unknown-field", Call::add, other, no_node()},
      {"invoice-add-value-and-value-msat", Call::add, other, no_node()},
      {"invoice-add-zero-amount", Call::add, other, not_asked_for},
      {"invoice-add", Call::add, other, "open of 1500, expires 1795411212000"},
      {"macaroon-allowed", Call::add, other, "open of 1000, expires 1795497012000"},
      {"unknown-path", Call::add, other, no_node()},
      {"wrong-method-get", Call::add, other, no_node()},
      {"wrong-method", Call::add, other, no_node()},

      {"invoice-lookup-accepted", Call::lookup, same, "open of 3000, expires 1795497014000"},
      {"invoice-lookup-after-restart", Call::lookup, same, "open of 1000, expires 1795497029000"},
      {"invoice-lookup-bad-hash", Call::lookup, other, no_node()},
      {"invoice-lookup-canceled", Call::lookup, same, "canceled of 1000, expires 1795497013000"},
      {"invoice-lookup-expired", Call::lookup, same, "canceled of 1000, expires 1795410614000"},
      {"invoice-lookup-missing", Call::lookup, same, "missing"},
      {"invoice-lookup-open", Call::lookup, same, "open of 21000, expires 1795497012000"},
      {"invoice-lookup-overpaid", Call::lookup, same, "settled 1500 of 1000 at 1795410628000, expires 1795497028000"},
      {"invoice-lookup-settled", Call::lookup, same, "settled 2500 of 2500 at 1795410613000, expires 1795497013000"},
      {"invoice-lookup-underpaid", Call::lookup, same, "open of 2000, expires 1795497029000"},
      {"invoice-lookup-zero-amount-settled", Call::lookup, same, "settled 4321 of 0 at 1795410628000, expires 1795497028000"},
      {"unknown-path", Call::lookup, other, no_node()},

      {"invoice-cancel-accepted", Call::cancel, same, "done"},
      {"invoice-cancel-again", Call::cancel, same, "done"},
      {"invoice-cancel-missing", Call::cancel, same, "not_found: ", "invoice-lookup-missing"},
      {"invoice-cancel-settled", Call::cancel, same, "done", "invoice-lookup-settled"},
      {"invoice-cancel", Call::cancel, same, "done"},

      {"dated-getinfo", Call::identity, same, "0209c19f93192943930801dba5a6372b5a2db9e897a1d5cf5dfbe986de7ecc79a0"},
      {"getinfo", Call::identity, same, "03f3f5753254669904aa9c3c5cad73f1c90b1dbbd7bc69be2f79c6b1453aebbc7d"},
      {"macaroon-bad-signature", Call::identity, same, no_node("the node does not accept the macaroon")},
      {"macaroon-garbage", Call::identity, same, no_node("the node does not accept the macaroon")},
      {"macaroon-lacks-permission", Call::identity, same, no_node("the macaroon does not allow this call")},
      {"macaroon-none", Call::identity, same, no_node("the node received no macaroon")},
      {"macaroon-not-hex", Call::identity, same, no_node("the node does not accept the macaroon")},
      {"macaroon-of-other-node", Call::identity, same, no_node("the node does not accept the macaroon")},
      {"starting-02-getinfo", Call::identity, same, no_node("the node is starting")},
      {"starting-04-getinfo", Call::identity, same, no_node("the node's wallet is locked")},
      {"starting-06-getinfo", Call::identity, same, no_node("the node is starting")},
      {"unknown-path", Call::identity, other, no_node()},

      {"decode-bad-checksum", Call::send, other, "refused: the node cannot read the invoice"},
      {"decode-not-an-invoice", Call::send, other, "refused: the node cannot read the invoice"},
      {"decode-other-network", Call::send, other, "refused: the invoice is for another network"},
      {"macaroon-bad-signature", Call::send, other, "refused: the node does not accept the macaroon"},
      {"macaroon-garbage", Call::send, other, "refused: the node does not accept the macaroon"},
      {"macaroon-lacks-permission-stream", Call::send, other, "refused: the macaroon does not allow this call"},
      {"macaroon-lacks-permission", Call::send, other, "refused: the macaroon does not allow this call"},
      {"macaroon-none", Call::send, other, "refused: the node received no macaroon"},
      {"macaroon-not-hex", Call::send, other, "refused: the node does not accept the macaroon"},
      {"macaroon-of-other-node", Call::send, other, "refused: the node does not accept the macaroon"},
      {"send-after-failure", Call::send, same, "finished: succeeded 23, fee 0"},
      {"send-already-paid", Call::send, same, "known"},
      {"send-amount-on-fixed-invoice", Call::send, same, "refused: the amount does not match the invoice"},
      {"send-bad-invoice", Call::send, same, "refused: the node cannot read the invoice"},
      {"send-below-channel-minimum", Call::send, other, "finished: failed 21 FAILURE_REASON_NO_ROUTE"},
      {"send-canceled-invoice", Call::send, same, "finished: failed 1 FAILURE_REASON_INCORRECT_PAYMENT_DETAILS"},
      {"send-client-hangs-up", Call::send, same, "unclear, in_flight 6: the response ended without a final update"},
      {"send-expired", Call::send, same, "refused: the invoice has expired"},
      {"send-fee-limit-zero", Call::send, same, "finished: succeeded 13, fee 0"},
      {"send-held-then-canceled", Call::send, same, "finished: failed 5 FAILURE_REASON_INCORRECT_PAYMENT_DETAILS"},
      {"send-held-then-settled", Call::send, same, "finished: succeeded 3, fee 0"},
      {"send-in-flight", Call::send, same, "known"},
      {"send-insufficient-balance", Call::send, same, "finished: failed 18 FAILURE_REASON_INSUFFICIENT_BALANCE"},
      {"send-no-fee-limit", Call::send, other, "finished: succeeded 14, fee 0"},
      {"send-no-inflight-updates", Call::send, same, "finished: succeeded 12, fee 0"},
      {"send-no-route", Call::send, other, "finished: failed 17 FAILURE_REASON_NO_ROUTE"},
      {"send-no-timeout", Call::send, same, "finished: succeeded 15, fee 0"},
      {"send-overpay-triple", Call::send, other, "finished: succeeded 20, fee 0"},
      {"send-overpay", Call::send, other, "finished: succeeded 19, fee 0"},
      {"send-peer-offline", Call::send, other, "finished: failed 24 FAILURE_REASON_INSUFFICIENT_BALANCE"},
      {"send-self", Call::send, same, "refused: the invoice is the node's own"},
      {"send-underpay", Call::send, other, "finished: failed 22 FAILURE_REASON_INCORRECT_PAYMENT_DETAILS"},
      {"send-zero-amount-without-amount", Call::send, same, "refused: the amount does not match the invoice"},
      {"send-zero-amount", Call::send, same, "finished: succeeded 16, fee 0"},
      {"send", Call::send, same, "finished: succeeded 10, fee 0"},
      {"starting-02-getinfo", Call::send, other, "refused: the node is starting"},
      {"starting-04-getinfo", Call::send, other, "refused: the node's wallet is locked"},
      {"starting-06-getinfo", Call::send, other, "refused: the node is starting"},
      {"unknown-path", Call::send, other, "unclear: the node returned: Not Found"},
      {"wrong-method-get", Call::send, other, "unclear: the node returned: Method Not Allowed"},
      {"wrong-method", Call::send, other, "unclear: the node returned: Method Not Allowed"},

      {"dated-track-failed", Call::track, same, "failed 2 FAILURE_REASON_NO_ROUTE at 1795862303000"},
      {"dated-track-in-flight", Call::track, same, "in_flight 3 at 1795862303000"},
      {"dated-track-not-found", Call::track, same, "not_found at 1795862302000"},
      {"dated-track-succeeded", Call::track, same, "succeeded 1, fee 2000 at 1795862302000"},
      {"macaroon-lacks-permission-stream", Call::track, other, node_returned("permission denied")},
      {"track-after-hang-up", Call::track, same, "in_flight 6 at 0"},
      {"track-bad-hash", Call::track, other, node_returned("invalid hash length of 3, want 32")},
      {"track-expired-invoice", Call::track, same, "not_found at 0"},
      {"track-failed", Call::track, same, "failed 5 FAILURE_REASON_INCORRECT_PAYMENT_DETAILS at 0"},
      {"track-in-flight", Call::track, same, "in_flight 3 at 0"},
      {"track-insufficient-balance", Call::track, same, "failed 18 FAILURE_REASON_INSUFFICIENT_BALANCE at 0"},
      {"track-no-inflight-updates", Call::track, other, "succeeded 3, fee 0 at 0"},
      {"track-not-found", Call::track, same, "not_found at 0"},
      {"track-succeeded", Call::track, same, "succeeded 10, fee 0 at 0"},
      {"unknown-path", Call::track, other, node_returned("Not Found")},

      {"balance-channels", Call::funds, same, "8000000000"},
      {"balance-channels-peer-offline", Call::funds, same, "7999029679"},
      {"dated-balance-channels-in-flight", Call::funds, same, "7998011000"},
  };
}

/// Recordings of calls that the client does not make.
inline constexpr const char* unused[] = {
    "balance-blockchain",
    "channels",
    "dated-channels-active",  // these two are played together
    "dated-graph-edge",
    "decode",
    "decode-uppercase",
    "estimate-fee-chain",
    "estimate-fee-graph",
    "estimate-fee-invoice",
    "invoice-add-hold",
    "invoice-list",
    "invoice-lookup-v2-missing",
    "invoice-lookup-v2-open",
    "invoice-settle",
    "invoice-settle-again",
    "invoice-settle-missing",
    "invoice-settle-open",
    "invoice-subscribe",
    "invoice-subscribe-killed",
    "invoice-subscribe-one",
    "invoice-subscribe-one-before-made",
    "invoice-subscribe-one-hold",
    "invoice-subscribe-one-settled",
    "invoice-subscribe-replay",
    "invoice-subscribe-replay-settled",
    "invoice-subscribe-shutdown",
    "payment-list",
    "starting-01-state",
    "starting-03-state",
    "starting-05-state",
    "starting-07-state",
    "starting-08-state",
    "state",
};

}  // namespace lntpay::lnd_recordings
