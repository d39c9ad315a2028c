// A store with rows of every kind: two workspaces, of which one was reset; charges, withdrawals, webhooks, API keys and a gate in
// every state that the sandbox can bring about.
#pragma once
#include <string>

#include "tests/support/gate_client.hpp"

namespace lntpay::test {

class StoreStory : public GateClient {
 public:
  StoreStory() {
    receiver = [](const Outgoing& asked) -> Reply {
      if (asked.target.ends_with("/gone")) return Answered{{410, {}, "gone"}};
      if (asked.target.ends_with("/down")) return Answered{{503, {}, "down"}};
      return Answered{{200, {}, "ok"}};
    };
    must(post("/v1/webhook_endpoints",
              R"({"url":"https://shop.example.com/hook","max_per_second":50,"headers":{"x-api-key":"k"}})"));
    must(post("/v1/webhook_endpoints", R"({"url":"https://shop.example.com/gone"})"));
    must(post("/v1/webhook_endpoints", R"({"url":"https://shop.example.com/down","ordering":"per_object"})"));
    must(post("/v1/workspace/webhook_secret"));
    live_through_charges();
    pay_others();
    use_keys();
    use_the_gate();
    receive_by_address();
    run_due();
    pass(minutes(10));
    must(post("/v1/sandbox/clock/advance", R"({"ms":60000})"));
    // Due work that is still open when the story ends.
    paid = charge(R"("amount_sats":5,"external_id":"order 6","description":"a last one")");
    must(post("/v1/sandbox/charges/" + paid + "/pay"));
    open = charge(R"("amount_sats":6)");
    withdraw("stuck", "w-last");
    reset_another();
    close_another_gate();
  }

  /// For another engine over these rows: it opens what is sealed in them.
  static std::string config() {
    return R"({"base_url":"http://127.0.0.1:8402","live_network":"bitcoin","live_node":false,"send_once":true,"pepper":[{"id":"1",)"
           R"("key":"11111111111111111111111111111111111111111111111111111111111111aa"}],"seal":[{"id":"1","key":")" +
           std::string(64, '2') + R"("}],"cursor_key":")" + std::string(64, '3') + R"(","gate_key":")" + std::string(64, '4') +
           R"(","operator_hmac":")" + std::string(64, '5') +
           R"(","limits":{"rate_quota":1000,"rate_window_s":60,"challenges_per_client":20,"challenges_per_gate":100},)"
           R"("keep_events_days":90,"egress":{"mode":"guarded","allow_loopback":true}})";
  }

  std::string paid;  ///< charges
  std::string open;

 private:
  static Reading must(Reading answer) {
    REQUIRE_MESSAGE(answer.status() < 300, answer.body());
    return answer;
  }
  std::string charge(const std::string& body) { return must(post("/v1/charges", "{" + body + "}")).text("id"); }

  void withdraw(const std::string& behavior, const std::string& key) {
    const auto invoice = must(post("/v1/sandbox/invoices", R"({"amount_sats":1000,"behavior":")" + behavior + "\"}"));
    must(post("/v1/withdrawals", R"({"bolt11":")" + invoice.text("bolt11") + R"(","external_id":"payout )" + key + "\"}",
              {{"idempotency-key", key}}));
  }

  void live_through_charges() {
    must(post("/v1/sandbox/fund", R"({"amount_sats":100000})", {{"idempotency-key", "fund"}}));
    const auto late = charge(R"("amount_sats":1,"expires_in":60)");
    const auto short_lived = charge(R"("amount_sats":2,"expires_in":60,"metadata":{"a":1})");
    const auto canceled = charge(R"("amount_sats":3,"external_id":"order 3")");
    must(post("/v1/charges/" + canceled + "/cancel", {}, {{"idempotency-key", "cancel"}}));
    must(post("/v1/sandbox/charges/" + charge(R"("amount_sats":4,"external_id":"order 4")") + "/pay"));
    const auto notified = charge(R"("amount_sats":8,"webhook_url":"https://till.example.com/orders/8")");
    must(post("/v1/sandbox/charges/" + notified + "/pay"));
    pass(minutes(2));
    CHECK(get("/v1/charges/" + short_lived).text("status") == "expired");
    post("/v1/sandbox/charges/" + late + "/pay", R"({"late":true})");
  }

  void pay_others() {
    for (const auto* behavior : {"succeed", "fail", "slow", "unknown_then_fail"}) withdraw(behavior, behavior);
    pass(minutes(1));
    withdraw("stuck", "w-open");
  }

  void use_keys() {
    const auto child = must(post("/v1/api_keys", R"({"name":"till","scopes":["charges:write","charges:read"]})"));
    must(post("/v1/api_keys/" + child.text("id") + "/roll"));
    const auto other = must(post("/v1/api_keys", R"({"name":"old","scopes":["charges:read"],"daily_withdraw_sats":100})"));
    must(send("DELETE", "/v1/api_keys/" + other.text("id")));
  }

  void receive_by_address() {
    must(post("/v1/pay_links", R"({"name":"tips","description":"Tips"})"));
    must(request("GET", "/.well-known/lnurlp/tips/invoice?amount=21000&comment=thanks"));
  }

  /// Its passes are valid for a year.
  void close_another_gate() {
    const auto closed =
        must(post("/v1/gates", R"({"price_sats":1,"match":{"method":"GET","path":"/old"},"mode":"pass","ttl_seconds":31536000})"));
    must(post("/v1/gates/" + closed.text("id") + "/revoke"));
    must(send("DELETE", "/v1/gates/" + closed.text("id")));
  }
  void use_the_gate() {
    authorize(buy());
    challenge();
  }

  /// Its workspace is in another shard; its rows from before the reset stay.
  void reset_another() {
    const auto key = test_key;
    bootstrap();
    must(post("/v1/sandbox/fund", R"({"amount_sats":2000})"));
    withdraw("stuck", "w-before");
    charge(R"("amount_sats":7)");
    must(post("/v1/sandbox/reset", {}, {{"idempotency-key", "reset"}}));
    must(post("/v1/sandbox/fund", R"({"amount_sats":50})"));
    test_key = key;
  }
};

}  // namespace lntpay::test
