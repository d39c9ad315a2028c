// Flows of webhooks, API keys and sandboxes, killed at every effect.
#include <doctest/doctest.h>

#include "tests/sim/crash_flow.hpp"

namespace lntpay::sim::workspace_flows_test {
namespace {

using namespace flows;

std::string endpoint_at(Play& play) { return "/v1/webhook_endpoints/" + play.shop(test).endpoints.front(); }
void one_endpoint(Play& play) {
  play.ask(test, "POST", "/v1/webhook_endpoints", R"({"url":"https://shop.example.com/hook"})");
  play.charge(test);
}
void create_with_webhook(Play& play) {
  play.charge(test, 21'000, R"(,"expires_in":86400,"webhook_url":"https://till.example.com/orders/7")");
}
void one_charge_with_webhook(Play& play) {
  play.ask(test, "POST", "/v1/workspace/webhook_secret");
  create_with_webhook(play);
}

const CrashFlow workspace_flows[] = {
    {"an event is delivered", test, one_endpoint, pay, {paid}},
    {"an event is rejected, and delivered later",
     test,
     [](Play& play) {
       one_endpoint(play);
       play.world.receivers.moods["https://shop.example.com/hook"] = Mood::failing;
     },
     [](Play& play) {
       play.pay(test);
       play.world.pass(seconds(3));
       play.world.receivers.moods.clear();
       play.world.pass(minutes(1));
     },
     {paid}},
    {"an endpoint is gone",
     test,
     [](Play& play) {
       one_endpoint(play);
       play.world.receivers.moods["https://shop.example.com/hook"] = Mood::gone;
     },
     pay,
     {paid}},
    {"an endpoint is created",
     test,
     one_charge,
     [](Play& play) { play.ask(test, "POST", "/v1/webhook_endpoints", R"({"url":"https://shop.example.com/hook"})"); },
     {expired}},
    {"an endpoint's secret is rotated",
     test,
     one_endpoint,
     [](Play& play) { play.ask(test, "POST", endpoint_at(play) + "/rotate_secret"); },
     {expired}},
    {"an endpoint is deleted", test, one_endpoint, [](Play& play) { play.ask(test, "DELETE", endpoint_at(play)); }, {expired}},
    {"an endpoint is tested",
     test,
     one_endpoint,
     [](Play& play) { play.ask(test, "POST", endpoint_at(play) + "/test"); },
     {expired}},
    {"a charge's own webhook is delivered", test, one_charge_with_webhook, pay, {paid}},
    {"a charge with a webhook is created",
     test,
     [](Play& play) { play.ask(test, "POST", "/v1/workspace/webhook_secret"); },
     create_with_webhook,
     {expired}},
    {"the webhook secret is rotated",
     test,
     one_charge_with_webhook,
     [](Play& play) { play.ask(test, "POST", "/v1/workspace/webhook_secret"); },
     {expired}},
    {"a key is made",
     test,
     one_charge,
     [](Play& play) { play.ask(test, "POST", "/v1/api_keys", R"({"name":"till","scopes":["charges:read"]})"); },
     {expired}},
    {"a key is revoked",
     test,
     [](Play& play) {
       play.charge(test);
       play.ask(test, "POST", "/v1/api_keys", R"({"name":"till","scopes":["charges:read"]})");
     },
     [](Play& play) { play.ask(test, "DELETE", "/v1/api_keys/" + play.shop(test).keys.back()); },
     {expired}},

    {"a sandbox is funded",
     test,
     nothing,
     [](Play& play) { play.ask(test, "POST", "/v1/sandbox/fund", R"({"amount_msat":21000})"); },
     {paid, expired}},  // expired: the client retries after the invoice has
    {"a sandbox's clock passes a charge's expiry",
     test,
     one_charge,
     [](Play& play) { play.ask(test, "POST", "/v1/sandbox/clock/advance", R"({"ms":90000000})"); },
     {expired}},
    {"a sandbox's clock passes the end of a stuck withdrawal",
     test,
     [](Play& play) {
       sandbox_invoice<3>(play);
       play.withdraw(test);
     },
     [](Play& play) { play.ask(test, "POST", "/v1/sandbox/clock/advance", R"({"ms":180000000})"); },
     {succeeded}},
    {"a sandbox is reset",
     test,
     [](Play& play) {
       play.charge(test);
       play.pay(test);
     },
     [](Play& play) { play.ask(test, "POST", "/v1/sandbox/reset"); },
     {paid, "no ledger"}},
};

}  // namespace

TEST_CASE("every flow of webhooks, keys and sandboxes survives a crash at any effect") {
  for (const auto& flow : workspace_flows) CHECK(first_failure(flow) == "");
}

}  // namespace lntpay::sim::workspace_flows_test
