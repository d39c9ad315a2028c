// Webhooks of single charges: their targets, attempts and signatures.
#include "core/webhook/delivery/charge_target.hpp"

#include <algorithm>

#include "core/webhook/egress/egress.hpp"
#include "core/webhook/secret/signature.hpp"
#include "core/webhook/secret/workspace_secret.hpp"
#include "tests/support/webhook_world.hpp"

namespace lntpay::charge_webhook_test {
namespace {

using test::every_fault;
using test::header;
using test::status;

constexpr const char* order_url = "https://shop.example.com/orders/7";

/// A workspace with a webhook secret. Its charges are events that are emitted with a URL.
class ChargeWorld : public test::WebhookWorld {
 public:
  std::string rotate(Millis overlap = secret_overlap_default) {
    return std::string(must([&](Context& cx) { return rotate_webhook_secret(cx, tenant, overlap); }).shown.reveal_text());
  }
  Result<> check(std::string url) {
    return run([&](Context& cx) { return check_charge_webhook(cx, tenant, url); });
  }
  /// Emits the end of a charge with this URL.
  void end_charge(const std::string& url = order_url) {
    must([&](Context& cx) -> Task<Result<bool>> {
      co_await check_charge_webhook(cx, tenant, url);
      co_await retry([&]() -> Task<Result<>> {
        auto unit = co_await UnitOfWork::load(cx, tenant);
        unit.emit(EventType::charge_paid, R"({"id":"ch_1"})", url);
        co_return co_await attempt(unit.commit());
      });
      co_return true;
    });
  }
  [[nodiscard]] EndpointId target(std::string_view url = order_url) const { return charge_target_id(tenant, url); }
  /// "succeeded pending | 1 queued, 0 in flight": the deliveries to a URL's target.
  std::string at(std::string_view url = order_url) {
    std::string out;
    for (const auto& each : deliveries(target(url))) out.append(name_of(each.status)).append(" ");
    const auto id = target(url).text();
    const auto queued = count("queue/" + id) + count("retry/" + id);
    return out + "| " + std::to_string(queued) + " queued, " + std::to_string(count("flight/" + id)) + " in flight";
  }
  /// "01 1": which of these secrets sign the last request, and the position of the one that signs its hex headers.
  std::string signers(const std::vector<std::string>& secrets) {
    const auto& request = sent.back();
    std::string out;
    std::size_t active = secrets.size();
    for (std::size_t i = 0; i < secrets.size(); ++i) {
      out += verify_webhook(secrets[i], request.headers, request.body, now) ? '1' : '0';
      if (header(request, "x-signature") == body_signature(secrets[i], request.body)) active = i;
    }
    return out + " " + std::to_string(active);
  }
};

}  // namespace

TEST_CASE("the end of a charge is posted to its URL, signed by the workspace") {
  ChargeWorld world;
  const auto secret = world.rotate();
  world.end_charge();
  world.deliver_all();
  REQUIRE(world.sent.size() == 1);
  const auto& request = world.sent.front();
  CHECK(request.upstream == "webhook");
  CHECK(request.target == order_url);
  CHECK(request.workspace == world.tenant.workspace.text() + "/charges");
  CHECK(world.signers({secret}) == "1 0");
  const auto event = from_row<Event>(world.store.rows().at(event_key(world.tenant, 1)).value).value();
  CHECK(request.body == event_json(event, world.tenant));
  CHECK(header(request, "webhook-id") == event.id.text());
  CHECK(world.at() == "succeeded | 0 queued, 0 in flight");
  const auto [delivery, log] = world.read_delivery(world.deliveries(world.target()).front().id);
  CHECK(delivery.url == order_url);
  CHECK(delivery.object == "ch_1");
  REQUIRE(log.size() == 1);
  CHECK(log.front().code == 200);
}

TEST_CASE("an event goes to the endpoints and to the URL of its charge") {
  ChargeWorld world;
  const auto secret = world.rotate();
  const auto [endpoint, own] = world.endpoint("https://erp.example.com/hook");
  world.end_charge();
  world.deliver_all();
  REQUIRE(world.sent.size() == 2);
  CHECK(header(world.sent[0], "webhook-id") == header(world.sent[1], "webhook-id"));
  for (const auto& request : world.sent) {
    const std::string_view signer = request.target == order_url ? secret : own.reveal_text();
    CHECK(verify_webhook(signer, request.headers, request.body, world.now).has_value());
  }
  CHECK(world.text(endpoint.id) == "enabled | succeeded | 0 queued, 0 in flight");
  CHECK(world.at() == "succeeded | 0 queued, 0 in flight");
}

TEST_CASE("an event of a charge without a URL has no delivery") {
  ChargeWorld world;
  world.rotate();
  world.emit();
  CHECK(world.count("delivery") == 0);
}

TEST_CASE("no charge has a webhook before the workspace has a secret") {
  ChargeWorld world;
  const auto refused = world.check(order_url);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == ErrorCode::invalid_state);
  CHECK(refused.error().message.contains("POST /v1/workspace/webhook_secret"));
  CHECK(world.store.rows().empty());
  world.rotate();
  CHECK(world.check(order_url).has_value());
}

TEST_CASE("the egress rules hold for a charge's URL, also at each attempt") {
  ChargeWorld world;
  world.rotate();
  for (const auto* url :
       {"https://10.0.0.1/", "http://shop.example.com/", "https://shop.internal/", "https://a:b@shop.example.com/"}) {
    const auto refused = world.check(url);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == ErrorCode::invalid_request);
    CHECK(refused.error().param == "webhook_url");
  }
  world.end_charge("http://127.0.0.1:9000/orders/7");
  world.settings.egress.allow_loopback = false;
  world.deliver_all();
  CHECK(world.sent.empty());
  const auto delivery = world.deliveries(world.target("http://127.0.0.1:9000/")).front();
  CHECK(delivery.last_reason.starts_with("not sent: "));
  CHECK(delivery.attempts == 1);
}

TEST_CASE("the URLs of one origin share a target, and no endpoint has its id") {
  ChargeWorld world;
  const auto target = world.target("https://shop.example.com/orders/7?t=1");
  CHECK(is_charge_target(target));
  CHECK(EndpointId::parse(target.text()) == target);
  for (const auto* same : {"https://shop.example.com/", "https://shop.example.com:443/x", "https://SHOP.example.com?x"})
    CHECK_MESSAGE(world.target(same) == target, same);
  for (const auto* other : {"http://shop.example.com/orders/7", "https://shop.example.com:8443/orders/7", "https://example.com/"})
    CHECK_MESSAGE(world.target(other) != target, other);
  auto live = world.tenant;
  live.environment = Environment::live;
  CHECK(charge_target_id(live, order_url) != target);
  CHECK(origin_of("https://[2001:DB8::1]:8443/x") == "https://[2001:db8::1]:8443");
  CHECK(charge_target_id(world.tenant, origin_of(order_url)) == target);
  CHECK_FALSE(is_charge_target(world.endpoint().endpoint.id));
  CHECK_FALSE(is_charge_target(EndpointId{}));
}

TEST_CASE("a target is none of the workspace's endpoints") {
  ChargeWorld world;
  world.rotate();
  world.end_charge();
  const auto id = world.target();
  CHECK(world.must([&](Context& cx) { return list_endpoints(cx, world.tenant); }).empty());
  const auto read = world.run([&](Context& cx) { return get_endpoint(cx, world.tenant, id); });
  CHECK(read.error().code == ErrorCode::not_found);
  const auto tested = world.run([&](Context& cx) { return send_test_event(cx, world.tenant, id); });
  CHECK(tested.error().code == ErrorCode::not_found);
  CHECK(world.count("whe") == 0);
  CHECK(from_row<AccountState>(world.store.rows().at(account_key(world.tenant)).value).value().endpoints == 0);
}

TEST_CASE("eight attempts that hang at one origin delay no other") {
  constexpr const char* slow_url = "https://slow.example.com/orders/1";
  ChargeWorld world;
  world.rotate();
  // No session gets the reply: the attempt hangs until its lease ends.
  world.receiver = [&](const Outgoing& request) {
    if (request.target == slow_url) world.crashes_at = 1;
    return status(200);
  };
  for (int i = 0; i < 12; ++i) {
    world.end_charge(slow_url);
    world.now = world.now + Millis{1};
  }
  world.deliver_all();
  CHECK(world.count("flight/" + world.target(slow_url).text()) == window_slots);
  world.end_charge();
  world.deliver_all();
  CHECK(world.at() == "succeeded | 0 queued, 0 in flight");
  world.receiver = [](const Outgoing&) { return status(200); };
  world.pass(flight_lease);
  CHECK(world.count("queue") + world.count("retry") + world.count("flight") == 0);
  for (const auto& each : world.deliveries(world.target(slow_url))) CHECK(each.status == DeliveryStatus::succeeded);
}

TEST_CASE("a target that fails for weeks is never disabled") {
  ChargeWorld world;
  world.rotate();
  world.receiver = [](const Outgoing&) { return status(500); };
  for (int i = 0; i < 3; ++i) {
    world.end_charge();
    world.pass(days(4));
  }
  CHECK(world.sent.size() == 33);
  CHECK(world.at() == "failed failed failed | 0 queued, 0 in flight");
  CHECK(world.count("dead/" + world.target().text()) == 3);
  CHECK(world.count("failing") == 0);
  CHECK(from_row<AccountState>(world.store.rows().at(account_key(world.tenant)).value).value().events == 3);
  world.receiver = [](const Outgoing&) { return status(200); };
  world.end_charge();
  world.deliver_all();
  CHECK(world.at() == "succeeded failed failed failed | 0 queued, 0 in flight");
}

TEST_CASE("410 ends the delivery of one charge, not those of others") {
  ChargeWorld world;
  world.rotate();
  world.receiver = [](const Outgoing& request) { return status(request.target == order_url ? 410 : 200); };
  world.end_charge();
  world.deliver_all();
  CHECK(world.at() == "failed | 0 queued, 0 in flight");
  world.end_charge("https://shop.example.com/orders/8");
  world.deliver_all();
  CHECK(world.at() == "succeeded failed | 0 queued, 0 in flight");
}

TEST_CASE("a redelivery goes to the same URL with the same id") {
  ChargeWorld world;
  const auto secret = world.rotate();
  world.receiver = [](const Outgoing&) { return status(410); };
  world.end_charge();
  world.deliver_all();
  const auto id = world.deliveries(world.target()).front().id;
  world.receiver = [](const Outgoing&) { return status(200); };
  world.must([&](Context& cx) { return redeliver(cx, world.tenant, id); });
  world.deliver_all();
  CHECK(world.at() == "succeeded | 0 queued, 0 in flight");
  REQUIRE(world.sent.size() == 2);
  CHECK(world.sent[1].target == order_url);
  CHECK(header(world.sent[1], "webhook-id") == header(world.sent[0], "webhook-id"));
  CHECK(world.signers({secret}) == "1 0");
}

TEST_CASE("a rotated webhook secret signs beside the former one") {
  ChargeWorld world;
  const auto signed_by = [&](const std::vector<std::string>& secrets) {
    world.end_charge();
    world.deliver_all();
    return world.signers(secrets);
  };
  const auto first = world.rotate();
  CHECK(signed_by({first}) == "1 0");
  const auto second = world.rotate(hours(1));
  CHECK(first != second);
  CHECK(signed_by({first, second}) == "11 0");
  world.must([&](Context& cx) { return activate_webhook_secret(cx, world.tenant); });
  CHECK(signed_by({first, second}) == "11 1");
  world.pass(hours(1));
  CHECK(signed_by({first, second}) == "01 1");

  const auto third = world.rotate();
  CHECK(signed_by({second, third}) == "11 0");
  const auto stored = world.must([&](Context& cx) { return get_webhook_secret(cx, world.tenant); });
  const auto retire = [&](const std::string& id) {
    return world.run([&](Context& cx) { return retire_webhook_secret(cx, world.tenant, id); });
  };
  CHECK(retire(stored.secrets.back().id).has_value());
  CHECK(signed_by({second, third}) == "01 1");
  CHECK(retire(stored.secrets.back().id).error().code == ErrorCode::not_found);
  CHECK(retire(stored.secrets.front().id).error().code == ErrorCode::invalid_state);
}

TEST_CASE("at most three webhook secrets sign, and none is stored readable") {
  ChargeWorld world;
  for (int i = 0; i < 3; ++i) world.rotate();
  const auto fourth = world.run([&](Context& cx) { return rotate_webhook_secret(cx, world.tenant); });
  REQUIRE_FALSE(fourth.has_value());
  CHECK(fourth.error().code == ErrorCode::invalid_state);
  for (const auto& [key, entry] : world.store.rows()) CHECK_FALSE(entry.value.contains("whsec_"));
  world.pass(secret_overlap_default);
  world.rotate();
  CHECK(world.must([&](Context& cx) { return get_webhook_secret(cx, world.tenant); }).secrets.size() == 2);
}

TEST_CASE("a webhook secret is created, whatever a commit returns") {
  for (const auto fault : every_fault) {
    CAPTURE(static_cast<int>(fault));
    ChargeWorld world;
    world.store.fault_at(1, fault);
    const auto secret = world.rotate();
    CHECK(world.must([&](Context& cx) { return get_webhook_secret(cx, world.tenant); }).secrets.size() == 1);
    const auto commits = world.store.commits();
    CHECK(world.check(order_url).has_value());
    CHECK(world.store.commits() == commits);
    world.end_charge();
    world.deliver_all();
    CHECK(world.signers({secret}) == "1 0");
    world.rotate();
    const auto former = world.must([&](Context& cx) { return get_webhook_secret(cx, world.tenant); }).secrets.back().id;
    world.store.fault_at(1, fault);
    CHECK(world.must([&](Context& cx) { return retire_webhook_secret(cx, world.tenant, former); }).secrets.size() == 1);
  }
}

TEST_CASE("a charge's webhook is recorded once, whatever a commit returns") {
  for (const auto fault : every_fault) {
    for (std::size_t number = 1; number <= 3; ++number) {
      for (const std::uint16_t code : {std::uint16_t{200}, std::uint16_t{500}, std::uint16_t{410}}) {
        CAPTURE(number);
        CAPTURE(static_cast<int>(fault));
        CAPTURE(code);
        ChargeWorld world;
        world.rotate();
        REQUIRE(world.check(order_url).has_value());
        world.receiver = [&](const Outgoing&) { return status(code); };
        world.store.fault_at(number, fault);
        world.end_charge();
        CHECK(world.deliver(world.due().front())->has_value());
        world.store.faults.clear();
        CHECK(world.sent.size() == 1);
        const auto found = world.deliveries(world.target());
        REQUIRE(found.size() == 1);
        CHECK(found.front().attempts == 1);
        CHECK(found.front().status == (code == 200   ? DeliveryStatus::succeeded
                                       : code == 410 ? DeliveryStatus::failed
                                                     : DeliveryStatus::pending));
        CHECK(world.count("flight") == 0);
      }
    }
  }
}

TEST_CASE("an attempt at a charge's URL that crashes is made again, with its id") {
  ChargeWorld world;
  const auto secret = world.rotate();
  world.end_charge();
  world.meanwhile = [&] { world.crashes_at = 1; };
  world.deliver_all();
  CHECK(world.at() == "pending | 0 queued, 1 in flight");
  world.pass(flight_lease);
  CHECK(world.at() == "succeeded | 0 queued, 0 in flight");
  REQUIRE(world.sent.size() == 2);
  CHECK(header(world.sent[1], "webhook-id") == header(world.sent[0], "webhook-id"));
  CHECK(world.signers({secret}) == "1 0");
}

TEST_CASE("nothing is sent while the webhook secret cannot be read") {
  ChargeWorld world;
  const auto secret = world.rotate();
  const auto key = webhook_secret_key(world.tenant);
  const auto sound = world.store.rows().at(key).value;
  world.end_charge();
  world.store.put(key, "9|damaged");
  world.deliver_all();
  CHECK(world.sent.empty());
  CHECK(world.at() == "pending | 1 queued, 0 in flight");
  world.store.put(key, sound);
  world.pass(seconds(30));
  CHECK(world.at() == "succeeded | 0 queued, 0 in flight");
  CHECK(world.signers({secret}) == "1 0");
}

TEST_CASE("a damaged delivery to a charge's URL holds up no other") {
  ChargeWorld world;
  world.rotate();
  world.end_charge();
  world.store.put(delivery_key(world.tenant, world.deliveries(world.target()).front().id), "9|damaged");
  world.end_charge("https://shop.example.com/orders/8");
  world.deliver_all();
  REQUIRE(world.sent.size() == 1);
  CHECK(world.sent.front().target == "https://shop.example.com/orders/8");
  CHECK(world.count("queue") + world.count("retry") + world.count("flight") == 0);
}

}  // namespace lntpay::charge_webhook_test
