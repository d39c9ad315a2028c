// The story of the examples: a workspace that charges, withdraws, sells at gates and receives webhooks, in the test world
// (tests/support).
#include "edge/reference/openapi/examples.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "core/lightning/node/sandbox_payments.hpp"
#include "edge/http/request.hpp"
#include "edge/routing/serve.hpp"
#include "tests/support/world.hpp"

namespace lntpay::openapi {
namespace {

using test::Headers;
using test::Reading;

constexpr auto receiver_url = "http://127.0.0.1:9000/webhooks";

[[noreturn]] void stop(const std::string& why) {
  std::fprintf(stderr, "openapi: the story of the examples fails: %s\n", why.c_str());
  std::exit(1);
}

class Story : test::World {
 public:
  Examples play() {
    open_workspace();
    charge();
    receive_by_address();
    withdraw();
    sell();
    administer_webhooks();
    administer_keys();
    look_after_money();
    be_refused();
    operate();
    use_sandbox();
    examples_.webhooks = sent;
    return std::move(examples_);
  }

 private:
  Reading ask(std::string method, const std::string& target, std::string body = {}, Headers headers = {}) {
    if (!body.empty()) headers.push_back({"content-type", "application/json"});
    const Request asked{method, target, headers, body, {}};
    auto reading = request(std::move(method), target, std::move(body), std::move(headers));
    const auto match = match_route(asked.method, parse_target(target)->segments);
    examples_.exchanges.push_back({match.route, asked, reading.response});
    return reading;
  }
  Reading say(std::string method, const std::string& target, std::string body = {}, Headers headers = {}) {
    headers.push_back({"authorization", "Bearer " + test_key});
    return ask(std::move(method), target, std::move(body), std::move(headers));
  }
  static Reading good(Reading reading) {
    if (reading.status() >= 400) stop(reading.body());
    return reading;
  }
  Reading see(const std::string& target) { return good(say("GET", target)); }
  Reading do_(const std::string& target, std::string body = {}) {
    return good(say("POST", target, std::move(body), {{"idempotency-key", "order-" + std::to_string(++steps_)}}));
  }
  Reading as_operator(std::string method, const std::string& target, std::string body = {}) {
    return good(ask(std::move(method), target, std::move(body), {{"authorization", "Bearer " + operator_token}}));
  }
  Reading refused(std::string method, const std::string& target, std::string body = {}, Headers headers = {}) {
    auto reading = say(std::move(method), target, std::move(body), std::move(headers));
    if (reading.status() < 400) stop(target + " is not refused: " + reading.body());
    return reading;
  }

  void open_workspace() {
    const auto made = as_operator("POST", "/v1/admin/workspaces", R"({"name":"Example Shop"})");
    workspace_ = made.text("id");
    test_key = made.text("api_keys.test");
    live_key = made.text("api_keys.live");
    const auto endpoint = do_("/v1/webhook_endpoints", std::string(R"({"url":")") + receiver_url + R"(","description":"orders"})");
    endpoint_ = "/v1/webhook_endpoints/" + endpoint.text("id");
    do_("/v1/workspace/webhook_secret");
    good(say("PATCH", "/v1/workspace", R"({"display_name":"Example Shop"})"));
    see("/v1/workspace");
  }

  std::string new_charge(const std::string& more = "") {
    return do_("/v1/charges", R"({"amount_sats":21000,"description":"Coffee beans","external_id":"order-7")" + more + "}")
        .text("id");
  }

  void charge() {
    const auto paid =
        do_("/v1/charges", R"({"amount_sats":21000,"description":"Coffee beans","external_id":"order-7","metadata":{"table":4}})");
    const auto id = paid.text("id");
    see("/v1/charges/" + id + "?wait=0");
    do_("/v1/sandbox/charges/" + id + "/pay");
    do_("/v1/bolt11/decode", R"({"bolt11":")" + paid.text("bolt11") + "\"}");
    const auto page = paid.text("checkout_url").substr(std::string_view("http://127.0.0.1:8402").size());
    good(ask("GET", page));
    good(ask("GET", page + "/status?wait=0"));
    good(ask("GET", page + "/qr.svg"));
    const auto other = do_("/v1/charges", R"({"amount_sats":100,"renewable":true})");
    const auto other_page = other.text("checkout_url").substr(std::string_view("http://127.0.0.1:8402").size());
    good(ask("POST", other_page + "/pay"));
    const auto old = do_("/v1/charges", R"({"amount_sats":100,"renewable":true})");
    do_("/v1/sandbox/charges/" + old.text("id") + "/expire");
    good(ask("POST", old.text("checkout_url").substr(std::string_view("http://127.0.0.1:8402").size()) + "/renew"));
    do_("/v1/charges/" + new_charge() + "/cancel");
    const auto late = new_charge();
    do_("/v1/sandbox/charges/" + late + "/expire");
    do_("/v1/sandbox/charges/" + late + "/pay", R"({"late":true})");
    do_("/v1/sandbox/faults", R"({"faults":["settles_short"]})");
    do_("/v1/sandbox/charges/" + new_charge() + "/pay");
    do_("/v1/sandbox/faults", R"({"faults":[]})");
    good(say("PATCH", "/v1/charges/" + id, R"({"metadata":{"table":4,"served":true}})"));
    see("/v1/charges?limit=2&status=paid");
  }

  void receive_by_address() {
    const auto link = do_("/v1/pay_links", R"({"name":"tips","description":"Tips for the band"})");
    const auto path = "/v1/pay_links/" + link.text("id");
    see(path);
    see("/v1/pay_links?limit=2");
    good(ask("GET", "/.well-known/lnurlp/tips"));
    const auto asked = good(ask("GET", "/.well-known/lnurlp/tips/invoice?amount=21000&comment=thanks"));
    good(ask("GET", asked.text("verify").substr(std::string_view("http://127.0.0.1:8402").size())));
    do_("/v1/sandbox/wallet/pay", R"({"bolt11":")" + asked.text("pr") + "\"}");
    good(say("PATCH", path, R"({"active":false})"));
    good(say("DELETE", path));
  }

  std::string withdraw_to(const std::string& behavior, int sats = 6'000) {
    const auto invoice =
        do_("/v1/sandbox/invoices", R"({"amount_sats":)" + std::to_string(sats) + R"(,"behavior":")" + behavior + "\"}");
    const auto body = R"({"bolt11":")" + invoice.text("bolt11") + R"(","max_fee_sats":60})";
    do_("/v1/withdrawals/quote", body);
    last_payment_ = "/sandbox/payment/" + invoice.text("payment_hash");
    return do_("/v1/withdrawals", body).text("id");
  }

  void withdraw() {
    const auto funded = do_("/v1/sandbox/fund", R"({"amount_sats":100000})").text("id");
    const auto invoice = do_("/v1/sandbox/invoices", R"({"amount_sats":500})").text("bolt11");
    do_("/v1/charges/" + funded + "/refund", R"({"bolt11":")" + invoice + R"(","max_fee_sats":60})");
    see("/v1/charges/" + funded + "/refunds?limit=2");
    const auto canceled = withdraw_to("succeed", 1'000);
    do_("/v1/withdrawals/" + canceled + "/cancel");
    const auto paid = withdraw_to("succeed");
    run_due();
    see("/v1/withdrawals/" + paid + "?wait=0");
    withdraw_to("fail");
    const auto lost = withdraw_to("unknown_then_succeed");
    run_due();
    do_("/v1/withdrawals/" + lost + "/reconcile");
    pass(minutes(1));
    see("/v1/withdrawals?limit=2");
  }

  void sell() {
    const auto made =
        do_("/v1/gates", R"({"name":"Reports","price_sats":21,"match":{"method":"GET","path":"/reports/*"},"commit":"explicit"})");
    const auto id = made.text("id");
    const auto gate = "/v1/gates/" + id;
    see(gate);
    see("/v1/gates?limit=2");
    good(say("PATCH", gate, R"({"price_sats":25})"));
    for (const std::string end : {"commit", "release"}) {
      const auto challenge = do_(gate + "/challenge", R"({"path":"/reports/7"})");
      const auto offer = challenge.text("www_authenticate.0");
      const auto token = offer.substr(offer.rfind("token=\"") + 7);
      const auto paid = do_("/v1/sandbox/wallet/pay", R"({"bolt11":")" + challenge.text("bolt11") + "\"}");
      const auto credential = "L402 " + token.substr(0, token.size() - 1) + ":" + paid.text("preimage");
      const auto admitted = do_(gate + "/verify", R"({"path":"/reports/7","authorization":")" + credential + "\"}");
      do_("/v1/redemptions/" + admitted.text("redemption_id") + "/" + end, R"({"reservation":1})");
      if (end == "release") good(ask("GET", "/gate/" + id + "/authorize", {}, client({{"authorization", credential}})));
    }
    ask("GET", "/gate/" + id + "/authorize", {}, client());
    ask("GET", "/gate/" + id + "/authorize?unpaid=402", {}, client());
    ask("GET", "/gate/" + id + "/challenge", {}, client());
    ask("GET", "/gate/" + id + "/challenge", {}, client({{"authorization", "L402 bm90IG91cnM=:" + std::string(64, '0')}}));
    do_(gate + "/revoke");
    good(say("DELETE", gate));
  }
  static Headers client(Headers more = {}) {
    more.push_back({"x-forwarded-method", "GET"});
    more.push_back({"x-forwarded-uri", "/reports/7"});
    return more;
  }

  void administer_webhooks() {
    run_due();
    see("/v1/webhook_endpoints");
    see(endpoint_);
    see(endpoint_ + "/deliveries?limit=2");
    const auto deliveries = see("/v1/webhook_deliveries?limit=2&event_type=charge.paid");
    see("/v1/webhook_deliveries/" + deliveries.text("data.0.id"));
    do_("/v1/webhook_deliveries/" + deliveries.text("data.0.id") + "/redeliver");
    do_(endpoint_ + "/test");
    run_due();
    const auto rotated = do_(endpoint_ + "/rotate_secret");
    do_(endpoint_ + "/activate_secret");
    good(say("DELETE", endpoint_ + "/secrets/" + rotated.text("secrets.1.id")));
    do_(endpoint_ + "/recover", R"({"since":"2027-01-15T00:00:00Z","dry_run":true})");
    see(endpoint_ + "/recovery");
    see("/v1/workspace/webhook_secret");
    do_("/v1/workspace/webhook_secret", R"({"overlap_seconds":3600})");
    do_("/v1/workspace/webhook_secret/activate");
    const auto secrets = see("/v1/workspace/webhook_secret");
    good(say("DELETE", "/v1/workspace/webhook_secret/secrets/" + secrets.text("secrets.1.id")));
    const auto events = see("/v1/events?types=charge.paid,withdrawal.succeeded&limit=2");
    see("/v1/events/" + events.text("data.0.id"));
    see("/v1/events/stream");
    see("/v1/event_types/charge.paid");
    see("/v1/event_types");
    const auto spare = do_("/v1/webhook_endpoints", R"({"url":"http://127.0.0.1:9000/gone","event_types":["charge.created"]})");
    good(say("PATCH", "/v1/webhook_endpoints/" + spare.text("id"), R"({"description":"a spare one"})"));
    fail_for_days();
    good(say("DELETE", "/v1/webhook_endpoints/" + spare.text("id")));
  }

  /// Until the spare endpoint is failing, and then disabled.
  void fail_for_days() {
    receiver = [](const Outgoing& asked) -> Reply {
      return Answered{{static_cast<std::uint16_t>(asked.target.ends_with("/gone") ? 500 : 200), {}, ""}};
    };
    for (int day = 0; day < 6; ++day) {
      new_charge();
      pass(days(1));
    }
  }

  void administer_keys() {
    const auto made =
        do_("/v1/api_keys", R"({"name":"checkout","scopes":["charges:read","charges:write"],"daily_withdraw_sats":50000})");
    see("/v1/api_keys?limit=2");
    see("/v1/api_keys/current");
    see("/v1/api_keys/" + made.text("id"));
    good(say("PATCH", "/v1/api_keys/" + made.text("id"), R"({"name":"till"})"));
    const auto requests = see("/v1/requests?limit=2");
    see("/v1/requests/" + requests.text("data.0.id"));
    do_("/v1/api_keys/" + made.text("id") + "/roll", R"({"overlap_seconds":3600})");
    good(say("DELETE", "/v1/api_keys/" + made.text("id")));
    see("/v1/audit?limit=2");
    run_due();
  }

  void look_after_money() {
    see("/v1/balance");
    see("/v1/ledger?limit=2");
    see("/v1/ledger/verify");
    see("/v1/ledger/export?format=jsonl&limit=2");
    see("/v1/reconciliation");
    good(ask("GET", "/readyz"));
  }

  void be_refused() {
    const auto charge = "/v1/charges/" + new_charge();
    do_(charge + "/cancel");
    refused("POST", "/v1/sandbox" + charge.substr(3) + "/pay");
    refused("POST", "/v1/charges", R"({"amount_sats":0})");
    refused("GET", charge.substr(0, charge.size() - 4) + "0000");
    refused("POST", "/v1/withdrawals", R"({"bolt11":"lnbcrt1"})", {{"idempotency-key", "broken"}});
    refused("POST", "/v1/withdrawals", R"({"bolt11":"lnbcrt1"})");
    refused("POST", "/v1/charges", R"({"amount_sats":1})", {{"idempotency-key", "two words"}});
    refused("POST", "/v1/charges", R"({"amount_sats":1})", {{"idempotency-key", "order-" + std::to_string(steps_)}});
    const auto dear = do_("/v1/sandbox/invoices", R"({"amount_sats":90000000})");
    refused("POST", "/v1/withdrawals", R"({"bolt11":")" + dear.text("bolt11") + "\"}", {{"idempotency-key", "dear"}});
    refused("POST", "/v1/withdrawals/quote", R"({"amount_sats":1,"bolt11":")" + dear.text("bolt11") + "\"}");
    const auto own = do_("/v1/charges", R"({"amount_sats":100})");
    refused("POST", "/v1/withdrawals/quote", R"({"bolt11":")" + own.text("bolt11") + "\"}");
    const auto brief = do_("/v1/sandbox/invoices", R"({"amount_sats":100,"expires_in":1})");
    pass(minutes(1));
    refused("POST", "/v1/withdrawals/quote", R"({"bolt11":")" + brief.text("bolt11") + "\"}");
    const auto all = test_key;
    test_key = do_("/v1/api_keys", R"({"scopes":["charges:read"]})").text("key");
    refused("GET", "/v1/balance");
    test_key = live_key;
    refused("GET", "/v1/sandbox");
    refused("POST", "/v1/charges", R"({"amount_sats":1})");
    test_key = "lnt_test_wrong";
    refused("GET", "/v1/balance");
    test_key = all;
  }

  void operate() {
    as_operator("GET", "/v1/admin/workspaces?limit=2");
    const auto of_workspace = "/v1/admin/workspaces/" + workspace_;
    as_operator("POST", of_workspace + "/api_keys?environment=test", R"({"name":"recovered"})");
    as_operator("GET", "/v1/admin/reconciliation?environment=test");
    as_operator("POST", "/v1/admin/node/restored?environment=test",
                R"({"evidence":"restored from the backup of 2 a.m., ticket 17"})");
    as_operator("GET", "/v1/admin/audit?limit=2");
    explain_suspense(of_workspace);
    const auto stuck = withdraw_to("stuck");
    run_due();
    do_("/v1/sandbox/faults", R"({"faults":["payments_forgotten"]})");
    pass(hours(2));
    as_operator("POST", of_workspace + "/withdrawals/" + stuck + "/resolve?environment=test",
                R"({"outcome":"failed","evidence":"the node has no such payment, ticket 18"})");
  }

  /// The node takes 500 msat more than the fee limit; the operator bears them.
  void explain_suspense(const std::string& of_workspace) {
    withdraw_to("slow");
    run_due();
    for (const auto& [key, entry] : store.rows()) {
      if (!key.ends_with(last_payment_)) continue;
      auto payment = from_row<SandboxPayment>(entry.value).value();
      payment.fee = Msat{60'500};
      store.put(std::string(key), to_row(payment));
      break;
    }
    pass(minutes(1));
    as_operator("POST", of_workspace + "/adjustments?environment=test",
                R"({"ticket":"2027-01/1","bearer":"node","amount_msat":500,"evidence":"the node's log of 11:02"})");
  }

  void use_sandbox() {
    do_("/v1/sandbox/clock/advance", R"({"ms":3600000})");
    see("/v1/sandbox");
    do_("/v1/sandbox/reset");
  }

  Examples examples_;
  std::string workspace_, endpoint_, last_payment_;
  int steps_ = 0;
};

}  // namespace

Examples record_examples() { return Story().play(); }

}  // namespace lntpay::openapi
