// Sends requests, receives responses, and retries.
#include "tests/sim/clients.hpp"

#include <algorithm>

namespace lntpay::sim {
namespace {

bool is_definite(const Response& response) {
  if (response.status >= 500 || response.status == 429) return false;
  return !(response.status == 409 && member(response.body, "code") == "idempotency_in_progress");
}

bool is_withdrawing(std::string_view target) { return target == "/v1/withdrawals" || target.ends_with("/refund"); }

bool is_replay(const Response& response) {
  return std::ranges::any_of(response.headers, [](const Header& each) { return each.name == "idempotent-replayed"; });
}

}  // namespace

bool Clients::is_kept(const Ask& ask) const {
  const bool of_withdrawals = ask.target.starts_with("/v1/withdrawals") || is_withdrawing(ask.target);
  return host_.now() < ask.first_at + (of_withdrawals ? days(29) : hours(20)) && oracle_.present(ask.tenant) == ask.tenant;
}

std::string Clients::fresh_key() { return "key-" + std::to_string(++last_key_); }

std::size_t Clients::ask(std::size_t shop, std::string method, std::string target, std::string body, std::string key) {
  asks_.push_back({.shop = shop,
                   .method = std::move(method),
                   .target = std::move(target),
                   .body = std::move(body),
                   .key = std::move(key),
                   .number = {},
                   .tenant = oracle_.present(shops[shop].tenant),
                   .first_at = host_.now(),
                   .answer = {}});
  auto& made = asks_.back();
  made.number = member(made.body, "n");
  repeat(asks_.size() - 1);
  return asks_.size() - 1;
}

void Clients::repeat(std::size_t number) {
  auto& ask = asks_[number];
  // Nothing new is paid while the node forgets payments that were never seen: no sandbox can survive that.
  if (is_withdrawing(ask.target) && ask.method == "POST" && is_forgetful(ask.shop)) return;
  ++ask.under_way;
  Request request{.method = ask.method, .target = ask.target, .headers = {}, .body = ask.body, .client = "192.0.2.1"};
  request.headers.push_back({"authorization", "Bearer " + shops[ask.shop].token});
  if (!ask.body.empty()) request.headers.push_back({"content-type", "application/json"});
  if (!ask.key.empty()) request.headers.push_back({"idempotency-key", ask.key});
  scene_.narrate("  ", shops[ask.shop].tenant, " sends ", ask.method, " ", ask.target, " ", ask.body.substr(0, 90),
                 ask.key.empty() ? "" : " with ", ask.key);
  host_.submit(input::Http{std::move(request)}, [this, number](const std::optional<Outcome>& outcome) {
    on_response(number, outcome ? outcome->response : std::nullopt);
  });
}

void Clients::on_response(std::size_t number, const std::optional<Response>& response) {
  auto& ask = asks_[number];
  --ask.under_way;
  if (!response) {
    scene_.narrate("  no response to ", ask.method, " ", ask.target, " ", ask.key);
    return;
  }
  scene_.narrate("  ", std::to_string(response->status), " to ", ask.method, " ", ask.target, " ", ask.key, ": ",
                 response->body.substr(0, 160));
  if (!is_definite(*response)) {
    const bool broken = response->status == 500 && !scene_.random_repeats;
    require(!broken, "500 to ", ask.method, " ", ask.target, ": ", host_.log.empty() ? response->body : host_.log.back());
    return;
  }
  ask.wants_answer = false;
  if (response->status >= 300) {
    if (is_replay(*response)) scene_.marks.reach("idempotency: a refusal was stored");
    const bool may_be_stored = response->status == 422 && !ask.key.empty() && !is_replay(*response);
    if (may_be_stored && is_kept(ask) && eager && scene_.random.one_in(3)) repeat(number);
    const bool forgotten = ask.answer && !ask.key.empty() && is_kept(ask);
    require(!forgotten, "I12 a key that had a success now gets ", std::to_string(response->status), ": ", ask.key, " ",
            response->body);
    return;
  }
  if (is_replay(*response)) scene_.marks.reach("idempotency: an answer was replayed");
  if (!member(response->body, "duplicate_of").empty()) scene_.marks.reach("withdrawal: duplicate_of answered");
  if (ask.answer && !ask.key.empty()) compare(ask, *response);
  const bool is_of_other =
      !ask.number.empty() && member(response->body, "duplicate_of").empty() && member(response->body, "n") != ask.number;
  require(!is_of_other, "I12 a response to another client's request: ", ask.target, " ", ask.body, "\n", response->body);
  const bool first = !ask.answer;
  if (first) ask.answer = response;
  learn(ask, response->body);
}

void Clients::compare(const Ask& ask, const Response& response) const {
  if (!is_kept(ask)) return;
  require(ask.answer->status == response.status && ask.answer->body == response.body,
          "I12 a replay differs from the first response: ", ask.key, "\n", ask.answer->body, "\n", response.body);
}

void Clients::learn(const Ask& ask, const std::string& body) {
  auto& shop = shops[ask.shop];
  const auto kind = member(body, "object");
  const std::string id(member(body, "id"));
  if (ask.target.starts_with("/v1/events?") && ask.target.find("after_seq=") != std::string::npos) return read_events(ask, body);
  if (body.starts_with("{\"data\":")) {
    std::string_view rest = body;
    for (auto at = rest.find("{\"id\":", 1); at != std::string_view::npos; at = rest.find("{\"id\":", 1)) {
      rest.remove_prefix(at);
      oracle_.saw(shop.tenant, rest);
    }
    return;
  }
  oracle_.saw(shop.tenant, body);
  const auto remember = [&](std::vector<std::string>& known) {
    if (!std::ranges::contains(known, id)) known.push_back(id);
  };
  if (kind == "withdrawal") {
    remember(shop.withdrawals);
    const bool regrets = eager && member(body, "status") == "pending" && is_withdrawing(ask.target) && scene_.random.one_in(8);
    if (regrets) this->ask(ask.shop, "POST", "/v1/withdrawals/" + id + "/cancel", {}, fresh_key());
  }
  if (kind == "webhook_endpoint") remember(shop.endpoints);
  if (kind == "webhook_secret") shop.has_webhook_secret = true;
  if (kind == "api_key") remember(shop.keys);
  if (kind == "charge" && std::ranges::find(shop.charges, id, &Shop::Item::id) == shop.charges.end()) {
    shop.charges.push_back({id, std::string(member(body, "bolt11")), std::string(member(body, "payment_hash")),
                            static_cast<std::uint64_t>(number(member(body, "amount_msat")))});
    if (eager && scene_.random.one_in(2)) pay_item(ask.shop, shop.charges.back());
  }
  if (kind == "sandbox_invoice") {
    const auto amount = member(body, "amount_msat");
    Payable payable{std::string(member(body, "bolt11")), std::string(member(body, "payment_hash")), std::nullopt};
    if (!amount.empty()) payable.amount_msat = static_cast<std::uint64_t>(number(amount));
    const auto known = [&](const auto& each) { return each.second.payment_hash == payable.payment_hash; };
    if (std::ranges::any_of(sandbox_payables, known)) return;
    sandbox_payables.emplace_back(ask.shop, payable);
    if (eager && !scene_.random.one_in(3)) withdraw_to(ask.shop, std::move(payable), scene_.random.one_in(6));
  }
}

bool Clients::retry_unanswered() {
  bool any = false;
  for (std::size_t i = 0; i < asks_.size(); ++i) {
    auto& ask = asks_[i];
    if (!ask.wants_answer || ask.key.empty() || ask.under_way > 0 || !is_kept(ask)) continue;
    any = true;
    // Some clients retry only long after every lease has expired.
    if (!scene_.random.one_in(4)) continue;
    repeat(i);
  }
  return any;
}

std::optional<Response> Clients::ask_now(const std::string& token, const std::string& target, const std::string& method,
                                         const std::string& body) {
  std::optional<Response> answer;
  Request request{
      .method = method, .target = target, .headers = {{"authorization", "Bearer " + token}}, .body = body, .client = "192.0.2.1"};
  if (!body.empty()) request.headers.push_back({"content-type", "application/json"});
  host_.submit(input::Http{std::move(request)}, [&](std::optional<Outcome> outcome) {
    if (outcome) answer = std::move(outcome->response);
  });
  const auto until = scene_.agenda.now() + minutes(2);
  while (!answer && scene_.agenda.now() < until) {
    if (!host_.advance()) scene_.agenda.pass(until);
  }
  return answer;
}

void Clients::open_shops(std::size_t workspaces) {
  for (std::size_t i = 0; i < workspaces; ++i) {
    const auto made = ask_now(std::string(operator_token), "/v1/admin/workspaces", "POST", "{\"name\":\"shop\"}");
    require(made && made->status == 201, "cannot create a workspace: ", made ? made->body : "no response");
    const std::string id(member(made->body, "id"));
    for (const bool live : {false, true}) {
      const std::string_view environment = live ? "live" : "test";
      const auto keys = std::string_view(made->body).substr(made->body.find("\"api_keys\""));
      shops.push_back({.workspace = id,
                       .tenant = id.substr(3, 2) + "/" + std::string(environment) + "/" + id,
                       .token = std::string(member(keys, environment)),
                       .live = live});
    }
  }
}

bool Clients::resolve_reviews() {
  bool any = false;
  for (const auto& [key, withdrawal] : oracle_.withdrawals()) {
    if (withdrawal.status != "needs_review" || oracle_.is_past(withdrawal.tenant)) continue;
    any = true;
    scene_.marks.reach("withdrawal: needed an operator");
    std::string body = R"({"outcome":"failed","evidence":"the node's books"})";
    if (const auto paid = lnd_.paid.find(withdrawal.payment_hash); is_live(withdrawal.tenant) && paid != lnd_.paid.end()) {
      body = R"({"outcome":"succeeded","evidence":"the node's books","preimage":")" + *lnd_.preimage_of(withdrawal.payment_hash) +
             "\",\"fee_msat\":" + std::to_string(paid->second.back().fee_msat) + "}";
    } else if (const auto* row = scene_.store.find(withdrawal.tenant + "/sandbox/payment/" + withdrawal.payment_hash);
               !is_live(withdrawal.tenant) && row != nullptr && split(*row)[sandbox_payment_row::succeeds] == "1") {
      const auto payment = split(*row);
      body = R"({"outcome":"succeeded","evidence":"the node's books","preimage":")" +
             std::string(payment[sandbox_payment_row::preimage]) +
             "\",\"fee_msat\":" + std::string(payment[sandbox_payment_row::fee]) + "}";
    }
    const auto tenant = lasting(withdrawal.tenant);
    const auto parts = split(tenant, '/');
    ask_now(std::string(operator_token),
            "/v1/admin/workspaces/" + std::string(parts[2]) + "/withdrawals/" + withdrawal.id +
                "/resolve?environment=" + std::string(parts[1]),
            "POST", body);
    break;  // the others may have changed meanwhile
  }
  return any;
}

bool Clients::record_restore() {
  const auto answer = ask_now(std::string(operator_token), "/v1/admin/node/restored?environment=live", "POST",
                              R"({"evidence":"restored from its seed"})");
  return answer && answer->status < 300;
}

}  // namespace lntpay::sim
