// Each right is checked by a request that the node rejects for another reason after it has verified the macaroon.
#include "host-adapters/server/node/node_check.hpp"

#include <algorithm>
#include <future>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/base/encoding.hpp"
#include "core/lightning/node/lnd.hpp"
#include "host-adapters/server/node/node_methods.hpp"

namespace lntpay::host {
namespace {

using nlohmann::json;

constexpr std::uint32_t call_ms_max = 10'000;
/// A permitted stream sends nothing until an invoice is paid; a forbidden one is rejected at once.
constexpr std::uint32_t stream_ms_max = 1'500;
constexpr std::uint32_t answer_bytes_max = 8U << 20;
constexpr std::uint64_t msat_per_sat = 1'000;

class Check {
 public:
  Check(Fetching& fetching, const Upstreams& upstreams, const std::string& network)
      : fetching_(fetching), upstreams_(upstreams), network_(network) {}

  std::vector<Finding> run() {
    if (!reach()) return std::move(findings_);
    const auto& get_info = node_method(lnd::receive, "lnrpc.Lightning/GetInfo");
    const auto info = ask(get_info);
    if (!is_allowed(get_info, info)) return std::move(findings_);
    identify(info.body);
    for (const auto& method : node_methods()) {
      if (method.probe && upstreams_.contains(method.upstream)) is_allowed(method, ask(method));
    }
    check_receiving_cannot_pay();
    if (!upstreams_.contains(lnd::pay)) {
      add("paying", Grade::warning, "no --lnd-pay-macaroon: withdrawals are refused. Set it to pay withdrawals");
    }
    check_capacity();
    return std::move(findings_);
  }

 private:
  struct Answer {
    std::uint16_t status = 0;  ///< 0: no answer
    json body;
    std::string why;  ///< the node's message, or why there is no answer
    bool has_date = false;
  };

  void add(std::string check, Grade grade, std::string detail) {
    findings_.push_back({std::move(check), grade, std::move(detail)});
  }

  Answer ask(const NodeMethod& method) { return ask(method, method.upstream); }

  /// With the macaroon of that upstream.
  Answer ask(const NodeMethod& method, std::string_view upstream) {
    auto request = lnd::request_for(upstream, target_of(method), std::string(method.probe ? method.probe->body : ""));
    request.timeout_ms = method.path.ends_with("/subscribe") ? stream_ms_max : call_ms_max;
    request.body_limit = answer_bytes_max;
    request.lines = 1;
    std::promise<Reply> promise;
    auto reply = promise.get_future();
    fetching_.fetch(std::move(request), [&promise](Reply each) { promise.set_value(std::move(each)); });
    return read(reply.get());
  }

  static Answer read(const Reply& reply) {
    Answer answer;
    if (const auto* reason = reason_unsent(reply)) answer.why = *reason;
    if (const auto* none = std::get_if<NoAnswer>(&reply)) answer.why = none->reason;
    if (const auto* broken = std::get_if<Broken>(&reply)) answer.why = broken->reason;
    const auto* answered = std::get_if<Answered>(&reply);
    if (answered == nullptr) return answer;
    answer.status = answered->response.status;
    answer.body = json::parse(answered->response.body, nullptr, false);
    answer.has_date = std::ranges::contains(answered->response.headers, "date", &Header::name);
    const auto message = lnd::read_message(answered->response.body);
    const auto refusal = message ? lnd::refusal_in(*message) : std::nullopt;
    if (refusal) answer.why = refusal->message;
    return answer;
  }

  /// Empty where the member is missing or not a string.
  static std::string text_of(const json& object, const char* name) {
    const bool there = object.is_object() && object.contains(name) && object[name].is_string();
    return there ? object[name].get<std::string>() : std::string();
  }

  bool reach() {
    const auto& url = upstreams_.begin()->second.url;
    const auto state = ask(node_method(lnd::receive, {}));
    if (state.status == 0) {
      add("reach", Grade::failed,
          url + ": " + state.why + ". Check --lnd-url, that lnd runs with restlisten, and --lnd-certificate or --lnd-public-key");
      return false;
    }
    const auto name = text_of(state.body, "state");
    if (name.empty()) {
      add("reach", Grade::failed,
          url + " responded with status " + std::to_string(state.status) + ", which is not an lnd response. Check --lnd-url");
      return false;
    }
    add("reach", Grade::ok, url);
    const bool active = name == "SERVER_ACTIVE";
    add("state", active ? Grade::ok : Grade::failed,
        active             ? name
        : name == "LOCKED" ? "LOCKED: the wallet is locked. Run lncli unlock, or set wallet-unlock-password-file"
                           : name + ": the node is starting. Try again in a minute");
    if (!state.has_date) {
      add("clock", Grade::warning,
          "the node's responses have no Date header, so a withdrawal whose send was lost stays locked. Configure the proxy "
          "between host and node to forward that header");
    }
    return active;
  }

  bool is_allowed(const NodeMethod& method, const Answer& answer) {
    const auto permission = std::string(method.permission);
    const auto name = std::string(method.upstream) + " " + permission.substr(permission.find('/') + 1);
    // Any answer of lnd's own proves the right, a rejection for another reason included. A permitted stream is still silent.
    const bool silent = answer.status == 0 && permission.ends_with("/SubscribeInvoices") && answer.why == "timed out";
    const bool strange = !answer.body.is_object() || answer.why == "Not Found" || answer.why == "Method Not Allowed";
    if (!silent && (answer.status == 0 || strange)) {
      add(name, Grade::failed,
          (answer.status == 0 ? answer.why
                              : "it responded with status " + std::to_string(answer.status) + ", which is not an lnd response") +
              ". Check the proxy or firewall between host and node");
      return false;
    }
    const bool lacks = answer.why == "permission denied";
    const auto reason = answer.why.empty() ? std::nullopt : lnd::definite_reason({.code = 2, .message = answer.why});
    const bool refused = reason && (answer.why.contains("macaroon") || answer.why.starts_with("verification failed"));
    const auto* option = method.upstream == lnd::pay ? "--lnd-pay-macaroon" : "--lnd-receive-macaroon";
    const bool by_proxy = answer.why.contains("node-proxy");
    if (by_proxy) {
      add(name, Grade::failed, std::string(option) + ": " + answer.why + " (docs/lnd.md, \"node-proxy\")");
    } else if (lacks) {
      add(name, Grade::failed, std::string(option) + " lacks uri:/" + permission + ". Bake the macaroon again (docs/lnd.md)");
    } else if (refused) {
      add(name, Grade::failed,
          std::string(option) + ": " + std::string(*reason) +
              ". The macaroon belongs to another node or was revoked: bake one on this node (docs/lnd.md)");
    } else {
      add(name, Grade::ok, "allowed");
    }
    return !lacks && !refused && !by_proxy;
  }

  void check_receiving_cannot_pay() {
    const auto answer = ask(node_method(lnd::pay, "routerrpc.Router/SendPaymentV2"), lnd::receive);
    const bool denied = answer.why.starts_with("permission denied");
    if (!answer.body.is_object()) return;  // reported with the rights
    add("receiving cannot pay", denied ? Grade::ok : Grade::warning,
        denied ? "the node refuses a payment" : "--lnd-receive-macaroon can pay as well. Bake one by method (docs/lnd.md)");
  }

  void identify(const json& info) {
    std::string network;
    if (info.is_object() && info.contains("chains") && info["chains"].is_array() && !info["chains"].empty()) {
      network = text_of(info["chains"][0], "network");
    }
    if (network == "mainnet") network = "bitcoin";
    add("network", network == network_ ? Grade::ok : Grade::failed,
        network == network_
            ? network
            : "the node is on " + network + ", but --live-network is " + network_ + ". Correct the flag or the node");
    const bool synced = info.is_object() && info.contains("synced_to_chain") && info["synced_to_chain"] == true;
    const auto height = "block " + (info.is_object() && info.contains("block_height") ? info["block_height"].dump() : "?");
    add("in sync", synced ? Grade::ok : Grade::failed,
        synced ? height : height + ": the node is not synced to the chain. Wait, or check its chain backend");
    add("identity", Grade::ok, text_of(info, "identity_pubkey") + " " + text_of(info, "alias"));
  }

  void check_capacity() {
    const auto& channel_balance = node_method(lnd::receive, "lnrpc.Lightning/ChannelBalance");
    const auto balance = ask(channel_balance);
    if (!is_allowed(channel_balance, balance)) return;
    const auto listed = ask(node_method(lnd::receive, "lnrpc.Lightning/ListChannels"));
    const auto inbound = lnd::receivable_in(listed.body.dump());
    if (inbound) {
      const auto sats = std::to_string(inbound->capacity_msat / msat_per_sat) + " sat";
      add("inbound", inbound->capacity_msat > 0 ? Grade::ok : Grade::failed,
          inbound->capacity_msat > 0 ? sats
          : inbound->has_private ? "invoices cannot be paid: only private channels have inbound capacity, and invoices do not list "
                                   "them. Open a public one"
                                 : "invoices cannot be paid: no channel has inbound capacity. Have a channel opened to the node, "
                                   "or spend through one");
    }
    if (upstreams_.contains(lnd::pay)) {
      const auto local = balance.body.contains("local_balance") ? text_of(balance.body["local_balance"], "sat") : std::string();
      const bool some = !local.empty() && local != "0";
      add("outbound", some ? Grade::ok : Grade::warning,
          some ? local + " sat"
               : "withdrawals cannot be paid: no channel has outbound capacity. Open a channel, or receive a payment first");
    }
  }

  Fetching& fetching_;
  const Upstreams& upstreams_;
  const std::string& network_;
  std::vector<Finding> findings_;
};

}  // namespace

std::string_view grade_name(Grade grade) {
  switch (grade) {
    case Grade::ok: return "ok";
    case Grade::warning: return "warning";
    case Grade::failed: return "failed";
  }
}

std::vector<Finding> check_node(Fetching& fetching, const Upstreams& upstreams, const std::string& network) {
  return Check(fetching, upstreams, network).run();
}

}  // namespace lntpay::host
