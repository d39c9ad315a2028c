// Visitors and the service act randomly; every response of the engine is checked when it arrives.
#include "tests/sim/visitors.hpp"

#include <algorithm>

#include "core/base/encoding.hpp"
#include "tests/sim/text.hpp"

namespace lntpay::sim {
namespace {

constexpr Millis lease = minutes(2);
constexpr std::uint64_t min_credit_msat = 1'000;
constexpr std::uint64_t max_price_msat = 3'000;
constexpr std::uint64_t unlimited_uses = 1'000'000;

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
  const auto digit = text[at + name.size()];
  return digit == '*' ? unlimited_uses : static_cast<std::uint64_t>(digit - '0');
}

/// The value of the line; empty: there is none.
std::string line_in(const std::vector<Header>& lines, std::string_view name) {
  const auto found = std::ranges::find(lines, name, &Header::name);
  return found == lines.end() ? std::string() : found->value;
}

/// What a request costs that may cost `max_msat`, by the price that the service reported.
std::uint64_t price_of(const std::string& reported, std::uint64_t max_msat) {
  const bool is_number =
      !reported.empty() && reported.size() < 10 && std::ranges::all_of(reported, [](char c) { return c >= '0' && c <= '9'; });
  return is_number ? std::min<std::uint64_t>(std::stoull(reported), max_msat) : max_msat;
}

/// "rdm_….2 GET …" -> "rdm_…"
std::string redemption_of(const std::string& pass) { return pass.substr(0, pass.find('.')); }
/// A repeat has the reservation 0.
bool is_repeat(const std::string& pass) { return pass.substr(pass.find('.')).starts_with(".0 "); }

}  // namespace

void Visitors::open_gates() {
  for (const auto& shop : clients_.shops) {
    const auto uses = scene_.random.from(1, 3);
    const auto repeat_s = scene_.random.one_in(2) ? scene_.random.from(1, 300) : 0;
    const bool is_metered = scene_.random.one_in(3);
    std::string id;
    Request request{
        .method = "POST",
        .target = "/v1/gates",
        .headers = {{"authorization", "Bearer " + shop.token}, {"content-type", "application/json"}},
        .body = R"({"price_sats":7,"match":{"method":"*","path":"/reports/*"},"ttl_seconds":31536000,"repeat_seconds":)" +
                std::to_string(repeat_s) +
                (is_metered ? R"(,"mode":"metered","max_price_msat":)" + std::to_string(max_price_msat)
                            : R"(,"mode":"pass","uses":)" + std::to_string(uses)) +
                "}",
        .client = "192.0.2.1"};
    host_.submit(input::Http{std::move(request)}, [&id](const std::optional<Outcome>& outcome) {
      if (outcome && outcome->response) id = member(outcome->response->body, "id");
    });
    while (host_.advance()) {
    }
    require(!id.empty(), "cannot create a gate");
    gates_.push_back({id, shop.tenant, shop.token, seconds(static_cast<std::int64_t>(repeat_s)), is_metered});
  }
}

void Visitors::act() {
  auto& random = scene_.random;
  const auto gate = random.below(gates_.size());
  if (random.one_in(20)) return change(gate);
  if (tickets_.empty() || random.one_in(3)) return come(gate);
  const auto number = pick_ticket();
  const auto& ticket = tickets_[number];
  if (scene_.happens(Fault::node_hides)) lnd_.hide_invoice(ticket.payment_hash, random.span(minutes(1), hours(20)));
  if (!is_paid(ticket) && ticket.buys && random.one_in(2)) return pay_some_time(number);
  for (auto times = random.from(1, 3); times > 0; --times) present(number);
}

/// A recent one, mostly of a visitor who pays.
std::size_t Visitors::pick_ticket() {
  auto& random = scene_.random;
  const auto recent_of = [&](std::size_t count) {
    return count - 1 - random.below(random.one_in(4) ? count : std::min<std::size_t>(3, count));
  };
  return buyers_.empty() || random.one_in(5) ? recent_of(tickets_.size()) : buyers_[recent_of(buyers_.size())];
}

/// A later change of the gate does not affect sold uses: a ticket has the uses of its token.
void Visitors::change(std::size_t gate) {
  const auto& at = gates_[gate];
  Request request{.method = "PATCH",
                  .target = "/v1/gates/" + at.id,
                  .headers = {{"authorization", "Bearer " + at.shop_token}, {"content-type", "application/json"}},
                  .body = R"({"uses":)" + (at.is_metered ? "null" : std::to_string(scene_.random.from(1, 3))) + "}",
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
    if (outcome.response->status == 402) on_offer(gate, outcome);
  });
}

void Visitors::on_offer(std::size_t gate, const Outcome& outcome) {
  const auto offer = std::ranges::find(outcome.response->headers, "www-authenticate", &Header::name);
  require(offer != outcome.response->headers.end(), "a 402 without an offer");
  const auto token = parameter(offer->value, "token");
  const std::string payment_hash(member(outcome.response->body, "payment_hash"));
  const auto state = oracle_.state_of_challenge(gates_[gate].tenant, payment_hash);
  require(state == "issued" || state == "settled" || oracle_.is_past(gates_[gate].tenant),
          "a client got an invoice, and its challenge is not durable: ", payment_hash);
  scene_.marks.reach("gate: challenged");
  if (std::ranges::contains(tickets_, payment_hash, &Ticket::payment_hash)) return;
  const bool buys = scene_.random.one_in(3);
  if (buys) buyers_.push_back(tickets_.size());
  tickets_.push_back({.gate = gate,
                      .token = token,
                      .uses = uses_in(token),
                      .payment_hash = payment_hash,
                      .bolt11 = parameter(offer->value, "invoice"),
                      .amount_msat = static_cast<std::uint64_t>(number(member(outcome.response->body, "price_sats"))) * 1'000,
                      .buys = buys,
                      .redemptions = {},
                      .committed = {}});
}

/// At once, within the invoice's time, or when it is nearly over.
void Visitors::pay_some_time(std::size_t number) {
  auto& random = scene_.random;
  if (random.one_in(6)) return hold(number, random.span(seconds(5), hours(2)), !random.one_in(3));
  if (random.one_in(2)) return pay(number);
  const auto in = random.one_in(2) ? random.span(seconds(1), minutes(9)) : random.span(minutes(9), minutes(10));
  scene_.agenda.in(in, [this, number] { pay(number); });
}

/// A wallet pays the invoice that it has: one that the node made again after deleting it is another.
void Visitors::pay(std::size_t number) {
  const auto& ticket = tickets_[number];
  if (!is_live(gates_[ticket.gate].tenant)) return pay_in_sandbox(number);
  if (lnd_.bolt11_of(ticket.payment_hash) != ticket.bolt11) return;
  scene_.narrate("  a visitor pays ", ticket.payment_hash.substr(0, 8));
  lnd_.pay(ticket.payment_hash, ticket.amount_msat);
}

void Visitors::hold(std::size_t number, Millis span, bool settles) {
  const auto& ticket = tickets_[number];
  if (lnd_.bolt11_of(ticket.payment_hash) != ticket.bolt11) return;
  lnd_.hold(ticket.payment_hash, ticket.amount_msat, span, settles);
}

void Visitors::pay_in_sandbox(std::size_t number) {
  const auto& ticket = tickets_[number];
  const auto& gate = gates_[ticket.gate];
  Request request{.method = "POST",
                  .target = "/v1/sandbox/wallet/pay",
                  .headers = {{"authorization", "Bearer " + gate.shop_token}, {"content-type", "application/json"}},
                  .body = R"({"bolt11":")" + ticket.bolt11 + "\"}",
                  .client = "192.0.2.7"};
  host_.submit(input::Http{std::move(request)}, [this, number](const std::optional<Outcome>& outcome) {
    if (outcome && outcome->response && outcome->response->status == 200)
      tickets_[number].preimage = member(outcome->response->body, "preimage");
  });
}

std::string Visitors::preimage_of(const Ticket& ticket) const {
  if (!ticket.preimage.empty()) return ticket.preimage;
  return lnd_.received.contains(ticket.payment_hash) ? lnd_.preimage_received(ticket.payment_hash) : std::string{};
}

void Visitors::present(std::size_t number) {
  const auto& ticket = tickets_[number];
  // A visitor who has not paid invents a preimage.
  const auto preimage = is_paid(ticket) ? preimage_of(ticket) : std::string(64, '7');
  auto visit = visit_to(number);
  visit.paid = is_paid(ticket);
  visit.committed = ticket.committed;
  ask(ticket.gate, "L402 " + ticket.token + ":" + preimage, visit,
      [this, visit](const Outcome& outcome) { on_response(visit, outcome); });
}

void Visitors::on_response(const Visit& visit, const Outcome& outcome) {
  if (outcome.pass) return passed(visit, *outcome.pass);
  auto& ticket = tickets_[visit.ticket];
  if (oracle_.is_past(gates_[ticket.gate].tenant)) return;  // its sandbox was reset
  const auto status = outcome.response->status;
  if (status == 409) scene_.marks.reach("gate: all uses are being served");
  require(status != 401 || !visit.paid, "a paid credential proves nothing: ", outcome.response->body);
  if (status != 402 || !visit.paid) return;
  require(is_used_up(ticket), "I15 paid and not served, but rejected: ", outcome.response->body);
  ++ticket.refusals;
  scene_.marks.reach("gate: refused after the last use");
}

void Visitors::passed(const Visit& visit, const Passage& passage) {
  const auto& pass = passage.redemption;
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
  const auto price_line = line_in(passage.add, "lntpay-max-price");
  require(price_line.empty() == (!gates_[ticket.gate].is_metered || is_repeat(pass)),
          "a maximum price of a use without one: ", pass);
  const auto price_max = price_line.empty() ? 0 : std::stoull(price_line);
  require(price_max <= max_price_msat, "I15 a request may cost more than the gate allows: ", price_line);
  const auto takes = works_ || scene_.random.one_in(2) ? Millis{20} : scene_.random.span({20}, minutes(3));
  scene_.agenda.in(takes, [this, visit, pass, price_max, life = host_.generation()] {
    if (life == host_.generation()) serve(visit, pass, price_max);
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

void Visitors::serve(const Visit& visit, const std::string& pass, std::uint64_t price_max) {
  auto served = response_to(visit);
  if (gates_[tickets_[visit.ticket].gate].is_metered) {
    constexpr const char* reported[] = {"1500", "0", "2999", "", "99999", "-3", "x"};
    served.price = works_ ? "1500" : reported[scene_.random.below(std::size(reported))];
  }
  host_.submit(input::Redeemed{{pass, served.status, served.location, served.price}},
               [this, number = visit.ticket, pass, served, price_max](const std::optional<Outcome>& outcome) {
                 if (!outcome || !outcome->response || outcome->response->status != 204) return;
                 on_recorded(number, pass, served, price_max, outcome->response->headers);
               });
}

void Visitors::on_recorded(std::size_t number, const std::string& pass, const Served& served, std::uint64_t price_max,
                           const std::vector<Header>& lines) {
  auto& ticket = tickets_[number];
  require(line_in(lines, "payment-receipt").empty() != served.commits, "a receipt without a commit, or none with it: ", pass);
  scene_.marks.reach(served.commits ? "gate: committed" : "gate: released");
  const bool is_first = served.commits && ticket.committed.insert(redemption_of(pass)).second;
  if (!gates_[ticket.gate].is_metered || is_repeat(pass)) return;
  const auto credit = line_in(lines, "lntpay-credit");
  const auto price = line_in(lines, "lntpay-price");
  require(!credit.empty() && !price.empty(), "a metered use ends without a price: ", pass);
  // Another request that took the use over may have committed it, at its own price; and it may have reserved more for it.
  const auto charged = std::stoull(price);
  const bool as_reported = charged >= price_of(served.price, price_max) && charged <= price_of(served.price, max_price_msat);
  require(charged == 0 || (is_first && as_reported), "another price than reported: ", price);
  ticket.charged_msat += charged;
  require(ticket.charged_msat <= spent_in_rows(ticket), "I15 a price was not taken: ", pass);
  if (charged > 0) scene_.marks.reach("gate: a price was taken");
}

std::uint64_t Visitors::committed_in_rows(const Ticket& ticket) const {
  const auto* row = scene_.store.find(gates_[ticket.gate].tenant + "/uses/" + ticket.payment_hash);
  if (row == nullptr) return 0;
  const auto fields = split(*row);
  const auto open = fields[uses_row::open].empty() ? 0 : std::ranges::count(fields[uses_row::open], ',') + 1;
  return static_cast<std::uint64_t>(number(fields[uses_row::begun]) - open);
}

std::uint64_t Visitors::spent_in_rows(const Ticket& ticket) const {
  const auto* row = scene_.store.find(gates_[ticket.gate].tenant + "/uses/" + ticket.payment_hash);
  if (row == nullptr) return 0;
  const auto spent = static_cast<std::uint64_t>(number(split(*row)[uses_row::spent]));
  require(spent <= ticket.amount_msat, "I15 more spent than paid: ", ticket.payment_hash);
  return spent;
}

bool Visitors::is_used_up(const Ticket& ticket) const {
  if (gates_[ticket.gate].is_metered) return ticket.amount_msat - spent_in_rows(ticket) < min_credit_msat;
  return committed_in_rows(ticket) == ticket.uses;
}

void Visitors::check_quiet(const std::function<void(Millis)>& pass) {
  works_ = true;
  pass(hours(2));  // until every lease has expired, on any clock
  for (std::size_t i = 0; i < tickets_.size(); ++i) {
    const auto& ticket = tickets_[i];
    if (!is_paid(ticket) || oracle_.is_past(gates_[ticket.gate].tenant)) continue;
    while (!is_used_up(ticket)) {
      const auto had = committed_in_rows(ticket);
      present(i);
      pass(seconds(5));
      require(committed_in_rows(ticket) == had + 1, "I15 a paid use cannot be redeemed: ", ticket.payment_hash);
    }
    const auto uses = committed_in_rows(ticket);
    pass(minutes(10));  // until no use may be repeated
    const auto refusals = ticket.refusals;
    present(i);
    pass(seconds(5));
    require(committed_in_rows(ticket) == uses && is_used_up(ticket), "I15 one use too many: ", ticket.payment_hash);
    require(tickets_[i].refusals == refusals + 1, "I15 a use passes again for too long: ", ticket.payment_hash);
  }
}

}  // namespace lntpay::sim
