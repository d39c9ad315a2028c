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

/// "rdm_….2 GET …" -> "rdm_…"
std::string redemption_of(const std::string& pass) { return pass.substr(0, pass.find('.')); }
/// A repeat has the reservation 0.
bool is_repeat(const std::string& pass) { return pass.substr(pass.find('.')).starts_with(".0 "); }

}  // namespace

void Visitors::open_gates() {
  for (const auto& shop : clients_.shops) {
    if (!shop.live) continue;
    const auto uses = scene_.random.from(1, 3);
    const auto repeat_s = scene_.random.one_in(2) ? scene_.random.from(1, 300) : 0;
    std::string id;
    Request request{
        .method = "POST",
        .target = "/v1/gates",
        .headers = {{"authorization", "Bearer " + shop.token}, {"content-type", "application/json"}},
        .body = R"({"price_sats":7,"match":{"method":"*","path":"/reports/*"},"mode":"pass","ttl_seconds":31536000,"uses":)" +
                std::to_string(uses) + R"(,"repeat_seconds":)" + std::to_string(repeat_s) + "}",
        .client = "192.0.2.1"};
    host_.submit(input::Http{std::move(request)}, [&id](const std::optional<Outcome>& outcome) {
      if (outcome && outcome->response) id = member(outcome->response->body, "id");
    });
    while (host_.advance()) {
    }
    require(!id.empty(), "cannot create a gate");
    gates_.push_back({id, shop.tenant, shop.token, seconds(static_cast<std::int64_t>(repeat_s))});
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
  const auto& at = gates_[gate];
  Request request{.method = "PATCH",
                  .target = "/v1/gates/" + at.id,
                  .headers = {{"authorization", "Bearer " + at.shop_token}, {"content-type", "application/json"}},
                  .body = R"({"uses":)" + std::to_string(scene_.random.from(1, 3)) + "}",
                  .client = "192.0.2.1"};
  host_.submit(input::Http{std::move(request)}, [this](const std::optional<Outcome>& outcome) {
    if (outcome && outcome->response && outcome->response->status == 200) scene_.marks.reach("gate: changed");
  });
}

/// In a world without faults the service serves every request, which HEAD would not show.
Visitors::Visit Visitors::visit_to(std::size_t ticket) {
  Visit visit{.ticket = ticket, .paid = false, .committed = {}, .at = host_.now(), .method = "GET", .path = {}};
  if (!works_ && scene_.random.one_in(8)) visit.method = "HEAD";
  visit.path = "/reports/" + std::to_string(scene_.random.below(3));
  return visit;
}

void Visitors::ask(std::size_t gate, const std::string& authorization, const Visit& visit, OnOutcome on_outcome) {
  Request request{.method = visit.method,
                  .target = visit.path,
                  .headers = {{"lntpay-gate", gates_[gate].id}, {"host", "shop.example"}},
                  .body = {},
                  .client = "192.0.2.7"};
  if (!authorization.empty()) request.headers.push_back({"authorization", authorization});
  host_.submit(input::Gate{std::move(request)}, [on_outcome = std::move(on_outcome)](const std::optional<Outcome>& outcome) {
    if (outcome) on_outcome(*outcome);
  });
}

void Visitors::come(std::size_t gate) {
  ask(gate, {}, visit_to(0), [this, gate](const Outcome& outcome) {
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
  auto visit = visit_to(number);
  visit.paid = is_paid(ticket);
  visit.committed = ticket.committed;
  ask(ticket.gate, "L402 " + ticket.token + ":" + preimage, visit,
      [this, visit](const Outcome& outcome) { on_response(visit, outcome); });
}

void Visitors::on_response(const Visit& visit, const Outcome& outcome) {
  if (outcome.pass) return passed(visit, outcome.pass->redemption);
  auto& ticket = tickets_[visit.ticket];
  const auto status = outcome.response->status;
  if (status == 409) scene_.marks.reach("gate: all uses are being served");
  require(status != 401 || !visit.paid, "a paid credential proves nothing: ", outcome.response->body);
  if (status != 402 || !visit.paid) return;
  require(committed_in_rows(ticket) == ticket.uses, "I15 paid and not served, but rejected: ", outcome.response->body);
  ++ticket.refusals;
  scene_.marks.reach("gate: refused after the last use");
}

void Visitors::passed(const Visit& visit, const std::string& pass) {
  auto& ticket = tickets_[visit.ticket];
  const auto redemption = redemption_of(pass);
  require(visit.paid, "I15 a request passed without a payment: ", ticket.payment_hash);
  auto& paths = ticket.redemptions[redemption];
  const bool may_repeat = gates_[ticket.gate].repeat.value > 0 && paths.contains(visit.path);
  require(!is_repeat(pass) || may_repeat, "I15 another request passes by a committed use: ", pass);
  require(is_repeat(pass) || !visit.committed.contains(redemption), "I15 a use was claimed again after its commit: ", pass);
  scene_.marks.reach("gate: passed");
  if (is_repeat(pass)) scene_.marks.reach("gate: a use passed again after its commit");
  if (!paths.empty()) scene_.marks.reach("gate: a use was claimed again");
  paths.insert(visit.path);
  require(ticket.redemptions.size() <= ticket.uses, "I15 more uses than paid: ", ticket.payment_hash);
  const auto takes = works_ || scene_.random.one_in(2) ? Millis{20} : scene_.random.span({20}, minutes(3));
  scene_.agenda.in(takes, [this, visit, pass, life = host_.generation()] {
    if (life == host_.generation()) serve(visit, pass);
  });
}

/// A response of each kind that ends a use in its own way (core/gate/use_end.hpp). One after the lease is discarded.
Visitors::Served Visitors::response_to(const Visit& visit) {
  auto& random = scene_.random;
  if (host_.now() >= visit.at + lease) return {};
  if (!works_ && random.one_in(4)) {
    switch (random.below(4)) {
      case 0: return {.status = 500, .location = {}, .commits = false};
      case 1: return {.status = 304, .location = {}, .commits = false};
      case 2:
        return {.status = 302, .location = "https://shop.example/reports/" + std::to_string(random.below(3)), .commits = false};
      default: return {};
    }
  }
  if (!works_ && random.one_in(4)) return {.status = 303, .location = "https://cdn.example/signed", .commits = true};
  return {.status = 200, .location = {}, .commits = visit.method != "HEAD"};
}

void Visitors::serve(const Visit& visit, const std::string& pass) {
  auto served = response_to(visit);
  const bool commits = served.commits;
  host_.submit(input::Redeemed{{pass, served.status, std::move(served.location)}},
               [this, number = visit.ticket, pass, commits](const std::optional<Outcome>& outcome) {
                 if (!outcome || !outcome->response || outcome->response->status != 204) return;
                 const bool has_receipt = std::ranges::contains(outcome->response->headers, "payment-receipt", &Header::name);
                 require(has_receipt == commits, "a receipt without a commit, or none with it: ", pass);
                 scene_.marks.reach(commits ? "gate: committed" : "gate: released");
                 if (commits) tickets_[number].committed.insert(redemption_of(pass));
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
    pass(minutes(10));  // until no use may be repeated
    const auto refusals = ticket.refusals;
    present(i);
    pass(seconds(5));
    require(committed_in_rows(ticket) == uses, "I15 one use too many: ", ticket.payment_hash);
    require(tickets_[i].refusals == refusals + 1, "I15 a use passes again for too long: ", ticket.payment_hash);
  }
}

}  // namespace lntpay::sim
