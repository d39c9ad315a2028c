// Visitors and the service act randomly; every response of the engine is checked when it arrives.
#include "tests/sim/visitors.hpp"

#include <algorithm>

#include "core/base/encoding.hpp"
#include "tests/sim/text.hpp"

namespace lntpay::sim {
namespace {

constexpr Millis lease = minutes(2);

/// `name="…"` in a header's value.
std::string parameter(std::string_view line, std::string_view name) {
  const auto at = line.find(std::string(name) + "=\"");
  if (at == std::string_view::npos) return {};
  line.remove_prefix(at + name.size() + 2);
  return std::string(line.substr(0, line.find('"')));
}

/// The term `uses` of a token as it was issued.
std::uint64_t uses_in(const std::string& token) {
  constexpr std::string_view name = "uses=";
  const auto binary = base64_decode(Base64::standard, token);
  require(binary.has_value(), "a token that is not base64: ", token);
  const auto text = text_of(*binary);
  const auto at = text.find(name);
  require(at != std::string_view::npos, "a token without uses: ", token);
  return static_cast<std::uint64_t>(text[at + name.size()] - '0');
}

/// "rdm_….2" -> "rdm_…"
std::string redemption_of(const std::string& pass) { return pass.substr(0, pass.find('.')); }

}  // namespace

void Visitors::open_gates() {
  for (const auto& shop : clients_.shops) {
    if (!shop.live) continue;
    const auto uses = scene_.random.from(1, 3);
    std::string id;
    Request request{
        .method = "POST",
        .target = "/v1/gates",
        .headers = {{"authorization", "Bearer " + shop.token}, {"content-type", "application/json"}},
        .body = R"({"price_sats":7,"match":{"method":"*","path":"/reports/*"},"mode":"pass","ttl_seconds":31536000,"uses":)" +
                std::to_string(uses) + "}",
        .client = "192.0.2.1"};
    host_.submit(input::Http{std::move(request)}, [&id](const std::optional<Outcome>& outcome) {
      if (outcome && outcome->response) id = member(outcome->response->body, "id");
    });
    while (host_.advance()) {
    }
    require(!id.empty(), "cannot create a gate");
    gates_.push_back({id, shop.tenant, shop.token});
  }
}

void Visitors::act() {
  auto& random = scene_.random;
  const auto gate = random.below(gates_.size());
  if (random.one_in(20)) return change(gate);
  if (tickets_.empty() || random.one_in(5)) return come(gate);
  const auto recent = random.one_in(4) ? tickets_.size() : std::min<std::size_t>(3, tickets_.size());
  const auto ticket = tickets_.size() - 1 - random.below(recent);
  if (!is_paid(tickets_[ticket]) && random.one_in(2)) return pay(tickets_[ticket]);
  for (auto times = random.from(1, 3); times > 0; --times) present(ticket);
}

/// A later change of the gate does not affect sold uses: a ticket has the uses of its token.
void Visitors::change(std::size_t gate) {
  const auto& [id, tenant, token] = gates_[gate];
  Request request{.method = "PATCH",
                  .target = "/v1/gates/" + id,
                  .headers = {{"authorization", "Bearer " + token}, {"content-type", "application/json"}},
                  .body = R"({"uses":)" + std::to_string(scene_.random.from(1, 3)) + "}",
                  .client = "192.0.2.1"};
  host_.submit(input::Http{std::move(request)}, [this](const std::optional<Outcome>& outcome) {
    if (outcome && outcome->response && outcome->response->status == 200) scene_.marks.reach("gate: changed");
  });
}

void Visitors::ask(std::size_t gate, const std::string& authorization, OnOutcome on_outcome) {
  Request request{.method = "GET",
                  .target = "/reports/" + std::to_string(scene_.random.below(3)),
                  .headers = {{"lntpay-gate", gates_[gate].id}},
                  .body = {},
                  .client = "192.0.2.7"};
  if (!authorization.empty()) request.headers.push_back({"authorization", authorization});
  host_.submit(input::Gate{std::move(request)}, [on_outcome = std::move(on_outcome)](const std::optional<Outcome>& outcome) {
    if (outcome) on_outcome(*outcome);
  });
}

void Visitors::come(std::size_t gate) {
  ask(gate, {}, [this, gate](const Outcome& outcome) {
    require(!outcome.pass, "I15 a request passed without a credential");
    if (outcome.response->status != 402) return;
    const auto offer = std::ranges::find(outcome.response->headers, "www-authenticate", &Header::name);
    require(offer != outcome.response->headers.end(), "a 402 without an offer");
    const auto token = parameter(offer->value, "token");
    tickets_.push_back({.gate = gate,
                        .token = token,
                        .uses = uses_in(token),
                        .payment_hash = std::string(member(outcome.response->body, "payment_hash")),
                        .amount_msat = static_cast<std::uint64_t>(number(member(outcome.response->body, "price_sats"))) * 1'000,
                        .redemptions = {},
                        .committed = {}});
    scene_.marks.reach("gate: challenged");
  });
}

void Visitors::pay(const Ticket& ticket) {
  scene_.narrate("  a visitor pays ", ticket.payment_hash.substr(0, 8));
  lnd_.pay(ticket.payment_hash, ticket.amount_msat);
}

void Visitors::present(std::size_t number) {
  const auto& ticket = tickets_[number];
  // A visitor who has not paid invents a preimage.
  const auto preimage = is_paid(ticket) ? lnd_.preimage_received(ticket.payment_hash) : std::string(64, '7');
  const Visit visit{number, is_paid(ticket), ticket.committed, host_.now()};
  ask(ticket.gate, "L402 " + ticket.token + ":" + preimage, [this, visit](const Outcome& outcome) { on_response(visit, outcome); });
}

void Visitors::on_response(const Visit& visit, const Outcome& outcome) {
  if (outcome.pass) return passed(visit, *outcome.pass);
  const auto& ticket = tickets_[visit.ticket];
  const auto status = outcome.response->status;
  if (status == 409) scene_.marks.reach("gate: all uses are being served");
  if (status != 401 || !visit.paid) return;
  require(committed_in_rows(ticket) == ticket.uses, "I15 paid and not served, but rejected: ", outcome.response->body);
  scene_.marks.reach("gate: refused after the last use");
}

void Visitors::passed(const Visit& visit, const std::string& pass) {
  auto& ticket = tickets_[visit.ticket];
  const auto redemption = redemption_of(pass);
  require(visit.paid, "I15 a request passed without a payment: ", ticket.payment_hash);
  require(!visit.committed.contains(redemption), "I15 a use was claimed again after its commit: ", pass);
  scene_.marks.reach("gate: passed");
  if (!ticket.redemptions.insert(redemption).second) scene_.marks.reach("gate: a use was claimed again");
  require(ticket.redemptions.size() <= ticket.uses, "I15 more uses than paid: ", ticket.payment_hash);
  const auto takes = works_ || scene_.random.one_in(2) ? Millis{20} : scene_.random.span({20}, minutes(3));
  scene_.agenda.in(takes, [this, visit, pass, life = host_.generation()] {
    if (life == host_.generation()) serve(visit, pass);
  });
}

/// The service has responded. A response after the lease is discarded.
void Visitors::serve(const Visit& visit, const std::string& pass) {
  const bool served = host_.now() < visit.at + lease && (works_ || !scene_.random.one_in(4));
  host_.submit(input::Redeemed{pass, served}, [this, number = visit.ticket, pass, served](const std::optional<Outcome>& outcome) {
    if (!outcome || !outcome->response || outcome->response->status != 204) return;
    scene_.marks.reach(served ? "gate: committed" : "gate: released");
    if (served) tickets_[number].committed.insert(redemption_of(pass));
  });
}

std::uint64_t Visitors::committed_in_rows(const Ticket& ticket) const {
  const auto* row = scene_.store.find(gates_[ticket.gate].tenant + "/uses/" + ticket.payment_hash);
  if (row == nullptr) return 0;
  const auto fields = split(*row);
  const auto open = fields[uses_row::open].empty() ? 0 : std::ranges::count(fields[uses_row::open], ',') + 1;
  return static_cast<std::uint64_t>(number(fields[uses_row::begun]) - open);
}

void Visitors::check_quiet(const std::function<void(Millis)>& pass) {
  if (gates_.empty()) return;
  works_ = true;
  pass(hours(2));  // until every lease has expired, on any clock
  for (std::size_t i = 0; i < tickets_.size(); ++i) {
    const auto& ticket = tickets_[i];
    if (!is_paid(ticket)) continue;
    const auto uses = ticket.uses;
    for (auto had = committed_in_rows(ticket); had < uses; ++had) {
      present(i);
      pass(seconds(5));
      require(committed_in_rows(ticket) == had + 1, "I15 a paid use cannot be redeemed: ", ticket.payment_hash);
    }
    present(i);
    pass(seconds(5));
    require(committed_in_rows(ticket) == uses, "I15 one use too many: ", ticket.payment_hash);
  }
}

}  // namespace lntpay::sim
