// The balance and the receiving capacity of lnd's channels.
#include <algorithm>
#include <expected>

#include "core/lightning/node/lnd.hpp"
#include "core/lightning/node/lnd_report_objects.hpp"

namespace lntpay {
namespace {

constexpr std::size_t channels_depth = 3;             // {"channels":[{"active":…}]}
constexpr std::size_t channels_values_max = 200'000;  // about 5,000 channels
/// The number of channels whose policies are read; the smallest payment that peers forward rarely differs.
constexpr std::size_t policies_max = 20;
constexpr std::uint64_t msat_per_sat = 1'000;
/// A client of /readyz waits for it.
constexpr std::uint32_t lookup_timeout_ms = 2'000;

std::uint64_t msat_of(const Json& balances, std::string_view side) {
  const auto* amount = balances.find(side);
  return amount == nullptr ? 0 : lnd::number_in(*amount, "msat").value_or(0);
}

/// The active channels, or the reason why they are unknown.
std::expected<std::vector<Json>, std::string_view> channels_in(std::string_view body) {
  auto listed = read_json(body, channels_depth, channels_values_max);
  const auto refusal = listed ? lnd::refusal_in(*listed) : std::nullopt;
  if (refusal) return std::unexpected(lnd::definite_reason(*refusal).value_or("the node refuses to list its channels"));
  if (!listed || listed->find("channels") == nullptr) return std::unexpected("the response is not lnd's");
  return listed->find("channels")->items;
}

/// Invoices carry no routing hints, so unannounced channels cannot receive.
bool is_private(const Json& channel) {
  const auto* member = channel.find("private");
  return member != nullptr && member->flag;
}

/// The amount in msat that the peer can send: its balance less its reserve.
std::uint64_t receivable_over(const Json& channel) {
  if (is_private(channel)) return 0;
  const auto balance = lnd::number_in(channel, "remote_balance").value_or(0);
  const auto reserve = lnd::number_in(channel, "remote_chan_reserve_sat").value_or(0);
  return balance > reserve ? (balance - reserve) * msat_per_sat : 0;
}

/// The smallest payment that the peer forwards over the channel; nullopt if it forwards none or its policy is unknown.
std::optional<Msat> smallest_over(const Reply& reply, std::string_view peer) {
  const auto* answered = std::get_if<Answered>(&reply);
  const auto edge = answered != nullptr ? lnd::read_message(answered->response.body) : std::nullopt;
  if (!edge) return std::nullopt;
  const auto* policy = edge->find(lnd::text_in(*edge, "node1_pub") == peer ? "node1_policy" : "node2_policy");
  if (policy == nullptr || policy->kind != Json::Kind::object) return std::nullopt;
  const auto* disabled = policy->find("disabled");
  if (disabled != nullptr && disabled->flag) return std::nullopt;
  const auto smallest = lnd::number_in(*policy, "min_htlc");
  return smallest ? std::optional(Msat{std::max<std::uint64_t>(*smallest, 1)}) : std::nullopt;
}

std::string receivable_json(const ReceivableView& view) { return receivable_object.text(view); }

}  // namespace

namespace lnd {

std::optional<Receivable> receivable_in(std::string_view channels) {
  const auto listed = channels_in(channels);
  if (!listed) return std::nullopt;
  Receivable receivable;
  for (const auto& channel : *listed) {
    receivable.capacity_msat += receivable_over(channel);
    receivable.has_private = receivable.has_private || is_private(channel);
  }
  return receivable;
}

}  // namespace lnd

Task<Result<std::optional<Msat>>> LndNode::funds() {
  const auto answer = co_await call(lnd::request_for(lnd::receive, "/v1/balance/channels"));
  if (answer.refusal) co_return lnd::unavailable(*answer.refusal);
  // lnd counts HTLCs for their receiver: those of the remote side are our outgoing payments.
  co_return Msat{msat_of(answer.object, "local_balance") + msat_of(answer.object, "unsettled_remote_balance")};
}

Task<std::string> LndNode::receivable() {
  auto request = lnd::request_for(lnd::receive, "/v1/channels?active_only=true");
  request.timeout_ms = lookup_timeout_ms;
  const auto reply = co_await fetch(std::move(request));
  const auto* answered = std::get_if<Answered>(&reply);
  if (answered == nullptr) co_return receivable_json({.reason = "the node does not respond"});
  const auto channels = channels_in(answered->response.body);
  if (!channels) co_return receivable_json({.reason = channels.error()});
  Msat capacity;
  std::vector<Outgoing> requests;
  std::vector<std::string_view> peers;
  for (const auto& channel : *channels) {
    const auto over = receivable_over(channel);
    capacity.value += over;
    if (over == 0 || requests.size() == policies_max) continue;
    requests.push_back(lnd::request_for(lnd::receive, "/v1/graph/edge/" + std::string(lnd::text_in(channel, "chan_id"))));
    requests.back().timeout_ms = lookup_timeout_ms;
    peers.push_back(lnd::text_in(channel, "remote_pubkey"));
  }
  std::optional<Msat> smallest;
  if (!requests.empty()) {
    const auto edges = co_await cx_.fetch.send_all(std::move(requests));
    for (std::size_t i = 0; i < edges.size(); ++i) {
      const auto over = smallest_over(edges[i], peers[i]);
      if (over) smallest = std::min(*over, smallest.value_or(*over));
    }
  }
  co_return receivable_json({.capacity = capacity, .smallest = smallest});
}

}  // namespace lntpay
