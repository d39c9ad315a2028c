// The invoice stream: repeated and malformed lines, failing commits, a different node.
#include "core/charge/invoice_stream.hpp"

#include "core/base/encoding.hpp"
#include "core/charge/charge.hpp"
#include "core/charge/charge_refresh.hpp"
#include "core/crypto/sha256.hpp"
#include "core/ledger/unit_of_work.hpp"
#include "core/ledger/verification.hpp"
#include "core/tenant/due_work.hpp"
#include "tests/support/core_world.hpp"

namespace lntpay::invoice_stream_test {
namespace {

constexpr std::string_view a_node = "02c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5";
constexpr std::string_view another_node = "02f9308a019258c31049344f85f89d5229b531c845836f99b08601f113bce036f9";

/// A workspace with two open charges at lnd, and the node's stream.
struct Shop {
  test::CoreWorld world;
  Charge first = open(1);
  Charge second = open(2);
  std::vector<std::string> alarms;

  Shop() { world.settings.live_node = true; }

  Charge open(std::uint8_t number) {
    world.tenant.environment = Environment::live;
    Charge charge{.id = ChargeId::generate(world.tenant.shard(), world.now, world.random),
                  .status = ChargeStatus::pending,
                  .amount = 21_sat,
                  .payment_hash = sha256(Bytes32{number}),
                  .bolt11 = "lnbcrt…",
                  .created_at = world.now,
                  .expires_at = world.now + minutes(10),
                  .due_at = world.now + seconds(2)};
    world.store.put(charge_key(world.tenant, charge.id), to_row(charge));
    world.store.put(finder_key(Environment::live, charge.payment_hash), to_row(ChargeFinder{world.tenant.workspace, charge.id}));
    world.store.put(due_key({"charge", world.tenant, charge.id.text()}, charge.due_at), "");
    return charge;
  }

  void node_says(std::string_view identity) {
    world.receiver = [identity](const Outgoing& asked) -> Reply {
      if (asked.target != "/v1/getinfo") return NotSent{"not asked for in this test"};
      if (identity.empty()) return NotSent{"connection refused"};
      return Answered{{200, {}, R"({"identity_pubkey":")" + std::string(identity) + "\"}"}};
    };
  }
  /// The path that the stream is opened with, or the error.
  std::string open_stream(std::string_view identity = a_node) {
    node_says(identity);
    const auto request = world.run([](Context& cx) { return open_invoice_stream(cx); });
    if (!request) return std::string(info(request.error().code).name);
    return *request ? (*request)->upstream + " " + (*request)->target : "none";
  }
  Result<> take(std::vector<std::string> lines) {
    return world.run([&](Context& cx) -> Task<Result<>> {
      const auto taken = co_await attempt(take_invoice_lines(cx, lines));
      alarms.insert(alarms.end(), cx.alarms.begin(), cx.alarms.end());
      co_return taken;
    });
  }

  std::string status(const Charge& charge) const {
    const auto now = from_row<Charge>(world.store.rows().at(charge_key(world.tenant, charge.id)).value).value();
    return std::string(name_of(now.status)) + " " + std::to_string(now.settled.value);
  }
  /// "paid 21000, pending 0 | available 21000 in 1 entries | cursor 7"
  std::string text() {
    const auto account = world.must([&](Context& cx) { return read_account(cx, world.tenant); });
    CHECK(world.must([&](Context& cx) { return verify_entries(cx, world.tenant, {}, 1'000); }).ok);
    const auto cursor = world.store.rows().find(std::string(stream_cursor_key));
    return status(first) + ", " + status(second) + " | available " + std::to_string(account.available.value) + " in " +
           std::to_string(account.entries) + " entries | cursor " +
           (cursor == world.store.rows().end() ? "none"
                                               : std::to_string(from_row<StreamCursor>(cursor->second.value).value().settle_index));
  }
};

/// A line of lnd's stream with this state.
std::string line(const Bytes32& payment_hash, std::string_view state, std::uint64_t index, Msat paid = 21_sat) {
  return R"({"result":{"memo":"","r_hash":")" + base64(Base64::standard, payment_hash) +
         R"(","value_msat":"21000","creation_date":"1770091506","settle_date":"1770091516","payment_request":"lnbcrt…",)" +
         R"("description_hash":"","expiry":"600","add_index":"3","settle_index":")" + std::to_string(index) +
         R"(","amt_paid_msat":")" + std::to_string(paid.value) + R"(","state":")" + std::string(state) +
         R"(","htlcs":[{"state":"SETTLED"}],"features":{}}})";
}
std::string settled(const Charge& charge, std::uint64_t index, Msat paid = 21_sat) {
  return line(charge.payment_hash, "SETTLED", index, paid);
}

}  // namespace

TEST_CASE("a settled invoice is credited once, and the stream resumes after it") {
  Shop shop;
  CHECK(shop.open_stream() == "lnd-receive /v1/invoices/subscribe?settle_index=0");
  const std::vector<std::string> lines{line(shop.first.payment_hash, "OPEN", 0), settled(shop.first, 4),
                                       line(sha256(Bytes32{9}), "SETTLED", 5), settled(shop.second, 7, 30_sat)};
  REQUIRE(shop.take(lines));
  const std::string after = "paid 21000, paid 30000 | available 51000 in 2 entries | cursor 7";
  CHECK(shop.text() == after);
  CHECK(shop.world.store.count("/due/") == shop.world.store.count("/due/prune/"));
  REQUIRE(shop.take(lines));
  REQUIRE(shop.take({settled(shop.second, 7, 30_sat), settled(shop.second, 7, 30_sat)}));
  CHECK(shop.text() == after);
  CHECK(shop.open_stream() == "lnd-receive /v1/invoices/subscribe?settle_index=7");
}

TEST_CASE("lines that settle none of our charges change nothing") {
  Shop shop;
  shop.open_stream();
  const auto before = shop.world.store.durable();
  const auto whole = settled(shop.first, 4);
  REQUIRE(shop.take({}));
  for (std::size_t size = 0; size < whole.size(); ++size) REQUIRE(shop.take({whole.substr(0, size)}));
  REQUIRE(shop.take({
      R"({"error":{"code":2,"message":"the node is stopping","details":[]}})",
      R"({"result":{"state":"SETTLED"}})",
      R"({"result":{"state":"SETTLED","r_hash":"AAAA","settle_index":"4"}})",
      R"({"result":[]})",
      "[]",
      "\xEF\xBF\xBD",
      line(shop.first.payment_hash, "ACCEPTED", 4),
      line(shop.first.payment_hash, "CANCELED", 4),
      line(shop.first.payment_hash, "settled", 4),
  }));
  CHECK(shop.world.store.durable() == before);
}

TEST_CASE("the cursor never passes an uncredited charge, whatever a commit returns") {
  using test::CommitFault;
  for (const auto fault :
       {CommitFault::conflict, CommitFault::unknown_written, CommitFault::unknown_not_written, CommitFault::failed}) {
    for (std::size_t number = 1; number <= 3; ++number) {
      CAPTURE(number);
      Shop shop;
      shop.open_stream();
      shop.world.store.fault_at(number, fault);
      const std::vector<std::string> lines{settled(shop.first, 4), settled(shop.second, 5)};
      const bool taken = shop.take(lines).has_value();
      // A credit is retried, the cursor is not.
      CHECK(taken == (fault != CommitFault::failed || number != 2));
      if (!taken) CHECK(shop.text().ends_with("cursor 0"));
      shop.world.store.faults.clear();
      REQUIRE(shop.take(lines));
      CHECK(shop.alarms.empty());
      CHECK(shop.text() == "paid 21000, paid 21000 | available 42000 in 2 entries | cursor 5");
    }
  }
}

TEST_CASE("a workspace's settlements share a commit; a repeated line counts once") {
  Shop shop;
  shop.open_stream();
  const auto before = shop.world.store.commits();
  REQUIRE(shop.take({settled(shop.first, 4), settled(shop.first, 4), settled(shop.second, 5)}));
  CHECK(shop.world.store.commits() == before + 2);  // and the cursor
  CHECK(shop.text() == "paid 21000, paid 21000 | available 42000 in 2 entries | cursor 5");
}

TEST_CASE("more settlements than a commit holds take several commits") {
  Shop shop;
  shop.open_stream();
  std::vector<std::string> lines;
  for (std::uint8_t number = 3; number < 3 + settlements_max; ++number) {
    lines.push_back(settled(shop.open(number), number));
  }
  lines.push_back(settled(shop.first, 40));
  lines.push_back(settled(shop.second, 41));
  const auto before = shop.world.store.commits();
  REQUIRE(shop.take(lines));
  CHECK(shop.world.store.commits() == before + 3);
  CHECK(shop.text() == "paid 21000, paid 21000 | available 252000 in 12 entries | cursor 41");
}

TEST_CASE("a credit that cannot be committed is deferred with an alarm") {
  Shop shop;
  shop.open_stream();
  shop.world.store.down_shard = shop.world.tenant.shard().text();
  REQUIRE(shop.take({settled(shop.first, 4), settled(shop.second, 5)}));
  CHECK(shop.text() == "pending 0, pending 0 | available 0 in 0 entries | cursor 5");
  REQUIRE(shop.alarms.size() == 2);
  CHECK(shop.alarms[0] == "charge.parked: " + shop.first.id.text() +
                              " was paid but cannot be credited yet; retrying every minute: the store reported: the shard is down");
  CHECK(shop.world.store.count("00/due/credit/") == 2);

  shop.world.receiver = [&shop](const Outgoing& asked) -> Reply {
    const auto& charge = asked.target.contains(hex(shop.first.payment_hash)) ? shop.first : shop.second;
    auto invoice = settled(charge, 4, 30_sat);
    invoice = invoice.substr(10, invoice.size() - 11);  // without {"result": … }
    return Answered{{200, {}, invoice}};
  };
  const auto run_deferred = [&shop] {
    std::size_t made = 0;
    std::vector<std::string> keys;
    for (const auto& [key, row] : shop.world.store.rows()) {
      if (key.starts_with("00/due/credit/")) keys.push_back(key);
    }
    for (const auto& key : keys)
      made += shop.world.run([&](Context& cx) { return retry_deferred_credit(cx, key); }).has_value() ? 1 : 0;
    return made;
  };
  CHECK(run_deferred() == 0);  // not due yet
  shop.world.now = shop.world.now + minutes(1);
  CHECK(run_deferred() == 0);  // the shard is still down
  CHECK(shop.world.store.count("00/due/credit/") == 2);
  shop.world.store.down_shard.clear();
  shop.world.now = shop.world.now + minutes(1);
  CHECK(run_deferred() == 2);
  CHECK(shop.world.store.count("00/due/credit/") == 0);
  CHECK(shop.text() == "paid 30000, paid 30000 | available 60000 in 2 entries | cursor 5");
}

TEST_CASE("without a working store the cursor stays before uncredited charges") {
  for (std::size_t written = 0; written < 2; ++written) {
    Shop shop;
    shop.open_stream();
    shop.world.store.faults.assign(1'000, test::CommitFault::failed);
    shop.world.store.faults.insert(shop.world.store.faults.begin(), written, test::CommitFault::none);
    const std::vector<std::string> lines{settled(shop.first, 4), settled(shop.second, 5)};
    CHECK_FALSE(shop.take(lines));
    shop.world.store.faults.clear();
    CHECK(shop.text().ends_with("cursor 0"));
    REQUIRE(shop.take(lines));
    CHECK(shop.text() == "paid 21000, paid 21000 | available 42000 in 2 entries | cursor 5");
  }
}

TEST_CASE("a charge that is still creating does not block the others") {
  Shop shop;
  shop.open_stream();
  shop.world.store.erase(charge_key(shop.world.tenant, shop.first.id));
  REQUIRE(shop.take({settled(shop.first, 4), settled(shop.second, 5)}));
  CHECK(shop.status(shop.second) == "paid 21000");
  CHECK(shop.open_stream() == "lnd-receive /v1/invoices/subscribe?settle_index=5");
}

TEST_CASE("a cursor is valid for one node; another node's stream starts from now") {
  Shop shop;
  shop.open_stream();
  REQUIRE(shop.take({settled(shop.first, 9)}));
  const auto before = shop.world.store.durable();
  CHECK(shop.open_stream("") == "node_unavailable");
  CHECK(shop.world.store.durable() == before);
  CHECK(shop.open_stream(another_node) == "lnd-receive /v1/invoices/subscribe?settle_index=0");
  REQUIRE(shop.take({settled(shop.second, 2)}));
  CHECK(shop.open_stream(another_node) == "lnd-receive /v1/invoices/subscribe?settle_index=2");
  shop.world.settings.live_node = false;
  CHECK(shop.open_stream() == "none");
}

}  // namespace lntpay::invoice_stream_test
