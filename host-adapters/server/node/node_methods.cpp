// The table of methods, and matching a request against it.
#include "host-adapters/server/node/node_methods.hpp"

#include <algorithm>
#include <array>
#include <exception>

#include "core/base/ascii.hpp"
#include "core/lightning/node/lnd.hpp"
#include "core/storage/row.hpp"

namespace lntpay::host {
namespace {

constexpr std::size_t segment_bytes_max = 64;
constexpr std::size_t number_digits_max = 20;

constexpr std::string_view zero_hash_hex = "0000000000000000000000000000000000000000000000000000000000000000";
constexpr std::string_view zero_hash_base64 = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

// Doctor checks them in this order.
constexpr auto methods = std::to_array<NodeMethod>({
    {lnd::receive, "lnrpc.Lightning/GetInfo", "GET", "/v1/getinfo", ""},
    {lnd::receive, "lnrpc.Lightning/AddInvoice", "POST", "/v1/invoices", "",
     NodeProbe{.body = R"({"r_preimage":"AA==","value":"1"})"}},
    {lnd::receive, "lnrpc.Lightning/LookupInvoice", "GET", "/v1/invoice/*", "", NodeProbe{.segment = zero_hash_hex}},
    {lnd::receive, "invoicesrpc.Invoices/CancelInvoice", "POST", "/v2/invoices/cancel", "",
     NodeProbe{.body = R"({"payment_hash":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="})"}},
    {lnd::receive, "lnrpc.Lightning/SubscribeInvoices", "GET", "/v1/invoices/subscribe", "settle_index", NodeProbe{}},
    {lnd::receive, "lnrpc.Lightning/ListChannels", "GET", "/v1/channels", "active_only=true", NodeProbe{}},
    {lnd::receive, "lnrpc.Lightning/GetChanInfo", "GET", "/v1/graph/edge/*", "", NodeProbe{.segment = "1"}},
    {lnd::receive, "lnrpc.Lightning/ChannelBalance", "GET", "/v1/balance/channels", ""},
    {lnd::receive, "", "GET", "/v1/state", ""},
    {lnd::pay, "lnrpc.Lightning/GetInfo", "GET", "/v1/getinfo", "", NodeProbe{}},
    {lnd::pay, "routerrpc.Router/SendPaymentV2", "POST", "/v2/router/send", "",
     NodeProbe{.body = R"({"payment_request":"nonsense","timeout_seconds":1})"}},
    {lnd::pay, "routerrpc.Router/TrackPaymentV2", "GET", "/v2/router/track/*", "", NodeProbe{.segment = zero_hash_base64}},
});

bool is_in_segment(char c) { return is_digit(c) || is_letter(c) || c == '-' || c == '_' || c == '='; }

bool is_path(std::string_view pattern, std::string_view path) {
  if (path.ends_with('/')) return false;
  while (!pattern.empty() && !path.empty()) {
    const auto expected = row::cut(pattern, '/');
    const auto segment = row::cut(path, '/');
    const bool fits = expected == "*"
                          ? !segment.empty() && segment.size() <= segment_bytes_max && std::ranges::all_of(segment, is_in_segment)
                          : segment == expected;
    if (!fits) return false;
  }
  return pattern.empty() && path.empty();
}

bool is_query(std::string_view allowed, std::string_view query) {
  if (query.empty()) return true;
  if (allowed.empty()) return false;
  if (allowed.contains('=')) return query == allowed;
  if (!query.starts_with(allowed) || !query.substr(allowed.size()).starts_with('=')) return false;
  const auto number = query.substr(allowed.size() + 1);
  return !number.empty() && number.size() <= number_digits_max && std::ranges::all_of(number, is_digit);
}

}  // namespace

std::span<const NodeMethod> node_methods() { return methods; }

const NodeMethod& node_method(std::string_view upstream, std::string_view permission) {
  const auto* found = std::ranges::find_if(
      methods, [&](const NodeMethod& each) { return each.upstream == upstream && each.permission == permission; });
  if (found == methods.end()) std::terminate();
  return *found;
}

std::string target_of(const NodeMethod& method) {
  std::string target(method.path);
  if (target.ends_with('*')) target.replace(target.size() - 1, 1, method.probe->segment);
  if (method.query.contains('=')) target.append("?").append(method.query);
  return target;
}

const NodeMethod* find_node_method(std::string_view upstream, std::string_view http_method, std::string_view target) {
  const auto question = target.find('?');
  const auto path = target.substr(0, question);
  const auto query = question == std::string_view::npos ? std::string_view{} : target.substr(question + 1);
  const auto* found = std::ranges::find_if(methods, [&](const NodeMethod& each) {
    return each.upstream == upstream && each.http_method == http_method && is_path(each.path, path) && is_query(each.query, query);
  });
  return found == methods.end() ? nullptr : found;
}

}  // namespace lntpay::host
