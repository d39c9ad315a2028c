// I13: a list equals the rows, for any filter, order and page size. I12: one effect per key.
#include <algorithm>
#include <array>
#include <ctime>
#include <optional>

#include "tests/sim/clients.hpp"

namespace lntpay::sim {
namespace {

struct Filter {
  std::string status;
  std::string external_id;
  std::optional<std::int64_t> created_gte;
  std::optional<std::int64_t> created_lt;
  bool newest_first = false;
};

/// The naive result: every row in order.
std::vector<std::string> ids_in_rows(const SimStore& store, const std::string& tenant, std::string_view what,
                                     const Filter& filter) {
  const bool charges = what == "charges";
  const auto column = [charges](std::size_t of_charge, std::size_t of_withdrawal) { return charges ? of_charge : of_withdrawal; };
  std::vector<std::string> ids;
  store.below(tenant + (charges ? "/charge/" : "/wd/"), [&](const std::string&, const std::string& value) {
    const auto row = split(value);
    const auto status = row[column(charge_row::status, withdrawal_row::status)];
    const auto external_id = row[column(charge_row::external_id, withdrawal_row::external_id)];
    const auto created_at = number(row[column(charge_row::created_at, withdrawal_row::created_at)]);
    const bool shown = status != "claiming" && status != "abandoned";
    const bool asked =
        (filter.status.empty() || filter.status == status) && (filter.external_id.empty() || filter.external_id == external_id) &&
        (!filter.created_gte || created_at >= *filter.created_gte) && (!filter.created_lt || created_at < *filter.created_lt);
    if (shown && asked) ids.emplace_back(row[charge_row::id]);
    return true;
  });
  if (filter.newest_first) std::ranges::reverse(ids);
  return ids;
}

std::string time_text(std::int64_t ms) {
  const auto seconds = static_cast<std::time_t>(ms / 1'000);
  std::tm fields{};
  gmtime_r(&seconds, &fields);
  std::array<char, 24> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S.", &fields);
  return text.data() + std::to_string(1'000 + ms % 1'000).substr(1) + "Z";
}

std::string order_of(bool newest_first) { return newest_first ? "&order=desc" : "&order=asc"; }

std::string query_of(const Filter& filter) {
  auto query = order_of(filter.newest_first);
  if (!filter.status.empty()) query += "&status=" + filter.status;
  if (!filter.external_id.empty()) query += "&external_id=" + filter.external_id;
  if (filter.created_gte) query += "&created_gte=" + time_text(*filter.created_gte);
  if (filter.created_lt) query += "&created_lt=" + time_text(*filter.created_lt);
  return query;
}

}  // namespace

void Clients::list() {
  static constexpr std::string_view filters[] = {"", "&status=pending", "&status=paid", "&status=succeeded",
                                                 "&external_id=order-1"};
  const auto shop = any_shop();
  const auto what = scene_.random.one_in(2) ? "/v1/charges" : "/v1/withdrawals";
  ask(shop, "GET",
      what + std::string("?limit=") + std::to_string(scene_.random.from(1, 5)) + std::string(scene_.random.pick(filters)));
}

std::vector<std::string> Clients::ids_listed(std::size_t shop, std::string_view what, const std::string& filter,
                                             std::uint64_t limit) {
  std::vector<std::string> ids;
  std::string cursor;
  for (;;) {
    const auto answer = ask_now(shops[shop].token, "/v1/" + std::string(what) + "?limit=" + std::to_string(limit) + filter +
                                                       (cursor.empty() ? "" : "&cursor=" + cursor));
    require(answer && answer->status == 200, "I13 a list request got ", answer ? answer->body : "no response");
    std::string_view rest = answer->body;
    for (auto at = rest.find("{\"id\":", 1); at != std::string_view::npos; at = rest.find("{\"id\":", 1)) {
      rest.remove_prefix(at);
      ids.emplace_back(member(rest, "id"));
      oracle_.saw(shops[shop].tenant, rest);
    }
    cursor = member(answer->body, "next_cursor");
    if (cursor.empty()) return ids;
  }
}

void Clients::check_list(std::size_t shop, std::string_view what, const std::string& status) {
  auto& random = scene_.random;
  Filter filter{.status = status, .external_id = {}, .created_gte = {}, .created_lt = {}, .newest_first = random.one_in(2)};
  if (random.one_in(3)) filter.external_id = what == "charges" ? "order-1" : "payout-1";
  const auto start = static_cast<std::int64_t>(scene_.start.value);
  const auto age = scene_.agenda.now() - scene_.start;
  if (random.one_in(3)) filter.created_gte = start + random.span({}, age).value;
  if (random.one_in(3)) filter.created_lt = start + random.span({}, age).value;
  const auto expected = ids_in_rows(scene_.store, shops[shop].tenant, what, filter);
  const auto listed = ids_listed(shop, what, query_of(filter), random.from(1, 30));
  require(listed == expected, "I13 ", shops[shop].tenant, " lists ", std::to_string(listed.size()), " ", std::string(what), " for ",
          query_of(filter), ", and there are ", std::to_string(expected.size()));
}

void Clients::check_ledger_list(std::size_t shop) {
  static constexpr std::string_view types[] = {
      "", "", "charge.credit", "withdrawal.lock", "withdrawal.settle", "withdrawal.release", "adjustment"};
  auto& random = scene_.random;
  const auto type = random.pick(types);
  const auto after_seq = random.one_in(3) ? random.below(20) : 0;
  std::string reference;
  std::vector<std::vector<std::string_view>> rows;
  scene_.store.below(shops[shop].tenant + "/ledger/", [&](const std::string&, const std::string& value) {
    rows.push_back(split(value));
    return true;
  });
  if (!rows.empty() && random.one_in(4)) reference = random.pick(rows)[ledger_row::reference];
  std::vector<std::string> expected;
  for (const auto& row : rows) {
    const bool asked = (type.empty() || row[ledger_row::type] == type) &&
                       (reference.empty() || row[ledger_row::reference] == reference) &&
                       static_cast<std::uint64_t>(number(row[ledger_row::seq])) > after_seq;
    if (asked) expected.emplace_back(row[ledger_row::id]);
  }
  const bool newest_first = random.one_in(2);
  if (newest_first) std::ranges::reverse(expected);
  auto query = order_of(newest_first);
  if (!type.empty()) query.append("&type=").append(type);
  if (!reference.empty()) query.append("&reference=").append(reference);
  if (after_seq > 0) query.append("&after_seq=").append(std::to_string(after_seq));
  require(ids_listed(shop, "ledger", query, random.from(1, 30)) == expected, "I13 ", shops[shop].tenant,
          " lists other entries than there are for ", query);
}

/// One list per step; a campaign has many steps.
void Clients::check_moving() {
  if (!host_.idle()) return;
  const WithoutFaults silence(scene_);
  follow_resets();
  static constexpr std::string_view charges[] = {"", "pending", "paid", "expired", "canceled", "paid_late", "underpaid"};
  static constexpr std::string_view withdrawals[] = {"", "pending", "dispatched", "unknown", "needs_review", "succeeded", "failed"};
  auto& random = scene_.random;
  const auto shop = any_shop();
  switch (random.below(4)) {
    case 0: check_list(shop, "charges", std::string(random.pick(charges))); break;
    case 1: check_list(shop, "withdrawals", std::string(random.pick(withdrawals))); break;
    case 2: check_ledger_list(shop); break;
    default: {
      const auto verified = ask_now(shops[shop].token, "/v1/ledger/verify");
      require(verified && member(verified->body, "ok") == "true",
              "I3 the ledger does not verify: ", verified ? verified->body : "no response");
    }
  }
  scene_.marks.reach("lists: checked during writes");
}

void Clients::check_quiet() {
  follow_resets();
  check_deliveries();
  check_reconciliation();
  std::map<std::string, int, std::less<>> effects;  // by metadata
  for (std::size_t i = 0; i < shops.size(); ++i) {
    // In every generation of a sandbox: a client cannot tell in which one its request ran.
    for (auto generation = oracle_.generation(shops[i].tenant); generation >= 0; --generation) {
      for (const std::string_view room : {"/charge/", "/wd/"}) {
        std::map<std::string, int> here;
        const auto rows = generation_of(lasting(shops[i].tenant), generation) + std::string(room);
        scene_.store.below(rows, [&](const std::string&, const std::string& value) {
          const auto row = split(value);
          const bool charge = room == "/charge/";
          if (!charge && row[withdrawal_row::status] == "abandoned") return true;
          const auto metadata = row[charge ? std::size_t{charge_row::metadata} : std::size_t{withdrawal_row::metadata}];
          if (const auto n = member(metadata, "n"); !n.empty()) ++here[lasting(shops[i].tenant) + std::string(n)];
          return true;
        });
        for (const auto& [what, count] : here) {
          auto& most = effects[what];
          most = std::max(most, count);
        }
      }
    }
    static constexpr std::string_view statuses[] = {"", "paid", "expired", "canceled"};
    static constexpr std::string_view ends[] = {"", "succeeded", "failed"};
    check_list(i, "charges", std::string(scene_.random.pick(statuses)));
    check_list(i, "withdrawals", std::string(scene_.random.pick(ends)));
    check_ledger_list(i);
    const auto verified = ask_now(shops[i].token, "/v1/ledger/verify");
    require(verified && member(verified->body, "ok") == "true",
            "I5 the ledger does not verify: ", verified ? verified->body : "no response");
    const auto found = oracle_.books().find(shops[i].tenant);
    const auto entries = found == oracle_.books().end() ? 0 : found->second.entries;
    require(number(member(verified->body, "entries")) == entries, "I5 the number of verified entries differs");
  }
  for (const auto& ask : asks_) {
    if (ask.key.empty() || ask.number.empty()) continue;
    const auto found = effects.find(lasting(shops[ask.shop].tenant) + ask.number);
    const int count = found == effects.end() ? 0 : found->second;
    require(count <= 1, "I12 a key had ", std::to_string(count), " effects: ", ask.key, " ", ask.body);
    const bool made = ask.answer && member(ask.answer->body, "duplicate_of").empty();
    require(!made || count == 1, "I12 an acknowledged effect is missing: ", ask.key, " ", ask.body);
  }
}

}  // namespace lntpay::sim
