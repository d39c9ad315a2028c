// The plan is a comparison of JSON; its steps are ordinary calls of the API.
#include "host-adapters/server/gates/gate_sync.hpp"

#include <optional>
#include <set>

namespace lntpay::host {
namespace {

namespace asio = boost::asio;
using nlohmann::json;
using Ids = std::map<std::string, std::string>;

/// What of `wanted` differs in a gate.
json differing_terms(const json& gate, const json& wanted) {
  auto change = json::object();
  for (const auto& [name, value] : wanted.items())
    if (!gate.contains(name) || gate[name] != value) change[name] = value;
  return change;
}

json without_nulls(json body) {
  for (auto member = body.begin(); member != body.end();) member = member->is_null() ? body.erase(member) : std::next(member);
  return body;
}

class ApiCalls {
 public:
  ApiCalls(asio::io_context& io, SubmitInput submit, std::string api_key)
      : io_(io), submit_(std::move(submit)), api_key_(std::move(api_key)) {}

  asio::awaitable<Response> get(std::string target) { return call("GET", std::move(target), {}); }
  /// The object in a 2xx response; else what went wrong.
  asio::awaitable<std::expected<json, std::string>> object(std::string method, std::string target, std::string body) {
    const auto response = co_await call(std::move(method), std::move(target), std::move(body));
    auto read = json::parse(response.body, nullptr, false);
    if (response.status >= 200 && response.status < 300 && read.is_object()) co_return std::move(read);
    const auto error = read.is_object() ? read.value("error", json::object()) : json::object();
    co_return std::unexpected(std::to_string(response.status) + " " +
                              (error.is_object() ? error.value("message", "no message") : ""));
  }

 private:
  asio::awaitable<Response> call(std::string method, std::string target, std::string body) {
    Request request{.method = std::move(method),
                    .target = std::move(target),
                    .headers = {{"host", "localhost"}},
                    .body = std::move(body),
                    .client = "127.0.0.1"};
    if (!api_key_.empty()) request.headers.push_back({"authorization", "Bearer " + api_key_});
    if (!request.body.empty()) request.headers.push_back({"content-type", "application/json"});
    auto outcome = co_await ask_engine(io_, submit_, input::Http{std::move(request)});
    co_return std::move(outcome.response).value_or(Response{503, {}, ""});
  }

  asio::io_context& io_;
  SubmitInput submit_;
  std::string api_key_;
};

constexpr const char* key_advice =
    ". The key needs the scopes gates:read and gates:write: name it in api_key_file or in LNTPAY_API_KEY";

asio::awaitable<std::expected<Ids, std::string>> keep_gates(ApiCalls& api, const std::vector<json>& kept) {
  const auto listed = co_await api.object("GET", "/v1/gates?limit=100", {});
  if (!listed) co_return std::unexpected("the workspace's gates cannot be read: " + listed.error() + key_advice);
  auto steps = plan_gates(listed->value("data", json::array()), kept);
  if (!steps) co_return std::unexpected(steps.error());
  for (const auto& body : steps->create) {
    const auto name = body["name"].get<std::string>();
    const auto made = co_await api.object("POST", "/v1/gates", body.dump());
    if (!made) co_return std::unexpected("the gate \"" + name + "\" cannot be created: " + made.error() + key_advice);
    steps->ids[name] = made->value("id", "");
  }
  for (const auto& [id, body] : steps->change) {
    const auto changed = co_await api.object("PATCH", "/v1/gates/" + id, body.dump());
    if (!changed) co_return std::unexpected("the gate " + id + " cannot be changed: " + changed.error() + key_advice);
  }
  co_return std::move(steps->ids);
}

}  // namespace

std::expected<GateSteps, std::string> plan_gates(const json& present, const std::vector<json>& kept) {
  GateSteps steps;
  for (const auto& wanted : kept) {
    const auto name = wanted["name"].get<std::string>();
    const json* found = nullptr;
    for (const auto& gate : present) {
      const bool is_closed = gate.contains("closed_at") && !gate["closed_at"].is_null();
      if (is_closed || gate.value("name", "") != name) continue;
      if (found != nullptr) {
        return std::unexpected("the workspace has two gates with the name \"" + name +
                               "\". Rename one, or name the gate by its id");
      }
      found = &gate;
    }
    if (found == nullptr) {
      steps.create.push_back(without_nulls(wanted));
      continue;
    }
    const auto id = found->value("id", "");
    steps.ids[name] = id;
    if (auto change = differing_terms(*found, wanted); !change.empty()) steps.change.emplace_back(id, std::move(change));
  }
  return steps;
}

asio::awaitable<std::expected<Ids, std::string>> sync_gates(asio::io_context& io, SubmitInput submit, std::string api_key,
                                                            const GatesFile& file) {
  ApiCalls api(io, std::move(submit), std::move(api_key));
  std::vector<json> kept;
  std::set<std::string> named;
  for (const auto& service : file.services) {
    for (const auto& price : service.prices) {
      if (!price.kept_gate.is_null()) kept.push_back(price.kept_gate);
      if (price.gate.empty() || !named.insert(price.gate).second) continue;
      const auto asked = co_await api.get("/gate/" + price.gate + "/authorize");
      if (asked.status == 404) {
        co_return std::unexpected(price.path_in_file + ".gate: there is no gate " + price.gate +
                                  ". Write the id of an existing one, or price_sats");
      }
    }
  }
  if (kept.empty()) co_return Ids{};
  co_return co_await keep_gates(api, kept);
}

}  // namespace lntpay::host
