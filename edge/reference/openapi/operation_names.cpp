// How operations are named and grouped.
#include <algorithm>
#include <ranges>

#include "edge/reference/openapi/operations.hpp"

namespace lntpay::openapi {
namespace {

struct Tag {
  std::string_view name;
  std::string_view description;
  std::vector<std::string_view> begins;  ///< of the paths
};

/// The first that fits a path has it.
const std::vector<Tag>& tag_table() {
  static const std::vector<Tag> table = {
      {"Charges", "A charge is an invoice whose payment credits the balance.", {"/v1/charges"}},
      {"Pay links",
       "An address that every wallet can pay; each payment is a charge.",
       {"/v1/pay_links", "/.well-known/lnurlp", "/pay/{token}/verify"}},
      {"Invoices", "Reading BOLT11 invoices.", {"/v1/bolt11"}},
      {"Withdrawals", "A withdrawal pays an invoice from the available balance.", {"/v1/withdrawals"}},
      {"Money",
       "Balance, ledger, its proof, and the comparison with the node.",
       {"/v1/balance", "/v1/ledger", "/v1/reconciliation", "/v1/audit"}},
      {"Gates", "A gate puts a price on requests: 402, paid once, served.", {"/v1/gates", "/v1/redemptions"}},
      {"Events", "Everything that happened, in order.", {"/v1/event"}},
      {"Webhooks", "Events, posted and signed.", {"/v1/webhook", "/v1/workspace/webhook"}},
      {"Keys and workspace", "API keys, their scopes and limits; the workspace.", {"/v1/api_keys", "/v1/workspace"}},
      {"Requests", "What was asked of the API, and how it was answered.", {"/v1/requests"}},
      {"Sandbox", "The payer of a test, its clock and its faults; test keys only.", {"/v1/sandbox"}},
      {"Checkout", "The page on which a person pays a charge; open to everyone who has its link.", {"/pay/"}},
      {"Gates for proxies", "The gate as nginx, Caddy, Traefik and Envoy ask it.", {"/gate/"}},
      {"Operator", "The operator's own: the operator's token in place of an API key.", {"/v1/admin/"}},
      {"Host", "What a host serves by itself.", {"/readyz", "/healthz", "/metrics", "/openapi", "/docs", "/llms", "/internal"}},
  };
  return table;
}

std::string singular(std::string_view word) {
  if (word.ends_with("ies")) return text_of(word.substr(0, word.size() - 3)) + "y";
  if (word.ends_with('s') && !word.ends_with("ss") && !word.ends_with("us")) return text_of(word.substr(0, word.size() - 1));
  return text_of(word);
}

std::vector<std::string> segments_of(std::string_view pattern) {
  std::vector<std::string> segments;
  for (const auto part : pattern.substr(1) | std::views::split('/')) segments.emplace_back(std::string_view(part));
  if (segments.front() == "v1") segments.erase(segments.begin());
  if (segments.front() == "pay") segments.front() = "checkout";
  return segments;
}

/// Where the words of the path make no good name. A name that is published stays.
std::string_view given_id(const Route& route) {
  constexpr std::pair<std::string_view, std::string_view> names[] = {
      {"GET /v1/ledger", "listLedgerEntries"},
      {"GET /v1/ledger/verify", "verifyLedger"},
      {"GET /v1/ledger/export", "exportLedger"},
      {"GET /v1/api_keys/current", "getCurrentApiKey"},
      {"POST /v1/sandbox/fund", "fundSandbox"},
      {"POST /v1/sandbox/faults", "setSandboxFaults"},
      {"POST /v1/admin/node/restored", "recordNodeRestore"},
      {"GET /gate/{gate}/authorize", "authorizeAtGate"},
      {"GET /gate/{gate}/challenge", "challengeAtGate"},
      {"GET /readyz", "getReadiness"},
      {"GET /.well-known/lnurlp/{name}", "getPayOffer"},
      {"GET /.well-known/lnurlp/{name}/invoice", "getPayInvoice"},
      {"GET /pay/{token}/verify", "getPayVerdict"},
  };
  const auto key = text_of(route.method) + " " + text_of(route.pattern);
  const auto found = std::ranges::find(names, std::string_view(key), &std::pair<std::string_view, std::string_view>::first);
  return found == std::end(names) ? std::string_view{} : found->second;
}

}  // namespace

bool is_parameter(std::string_view segment) { return segment.starts_with('{'); }

std::string tag_of(const Route& route) {
  for (const auto& tag : tag_table()) {
    if (std::ranges::any_of(tag.begins, [&](auto begin) { return route.pattern.starts_with(begin); })) return text_of(tag.name);
  }
  const auto segment = segments_of(route.pattern).front();
  return pascal(segment);
}

Node tags() {
  auto list = Node::array();
  for (const auto& tag : tag_table()) list.push_back({{"name", tag.name}, {"description", tag.description}});
  return list;
}

std::string operation_id(const Route& route) {
  if (const auto given = given_id(route); !given.empty()) return text_of(given);
  auto segments = segments_of(route.pattern);
  std::string verb = route.list ? "list" : route.method == "GET" ? "get" : route.method == "PATCH" ? "update" : "delete";
  std::string object;
  if (route.method == "POST") {
    // A collection creates; any other last segment is what is done: "cancel", "rotate_secret", "clock/advance".
    const auto last = segments.back();
    if (last.ends_with('s') || route.success == 201) {
      verb = "create";
    } else {
      const auto cut = last.find('_');
      verb = last.substr(0, cut);
      object = cut == last.npos ? std::string{} : pascal(last.substr(cut + 1));
      segments.pop_back();
    }
  }
  std::string id = verb;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    if (is_parameter(segments[i])) continue;
    id += pascal(route.list && i + 1 == segments.size() ? segments[i] : singular(segments[i]));
  }
  return id + object;
}

}  // namespace lntpay::openapi
