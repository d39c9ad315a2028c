// The checkout page and its link, over the API.
#include <doctest/doctest.h>

#include "core/base/encoding.hpp"
#include "core/crypto/sha256.hpp"
#include "edge/pages/checkout_parts.hpp"
#include "tests/support/world.hpp"

namespace lntpay::test::checkout_test {
namespace {

std::string path_of(const Reading& charge) {
  const auto url = charge.text("checkout_url");
  return url.substr(url.find("/pay/"));
}

/// The response to a browser that has only the link.
Reading get_page(World& world, const std::string& path) { return world.request("GET", path); }

bool shows(const Reading& page, std::string_view text) { return page.body().contains(text); }

}  // namespace

TEST_CASE("a charge has a self-contained page that shows what to pay") {
  World world;
  world.bootstrap();
  const auto charge = world.post("/v1/charges", R"({"amount_msat":1234567500,"description":"Tea & <cake>"})");
  const auto page = get_page(world, path_of(charge));
  CHECK(page.status() == 200);
  CHECK(page.header("content-type") == "text/html; charset=utf-8");
  CHECK(page.header("cache-control") == "no-store");
  CHECK(page.header("referrer-policy") == "no-referrer");
  CHECK(shows(page, "<h1>1,234,567.5 <small>sats</small></h1>"));
  CHECK(shows(page, "<p>Tea &amp; &lt;cake&gt;</p>"));
  CHECK(shows(page, "href=\"" + charge.text("lightning_uri") + "\""));
  CHECK(shows(page, "<svg xmlns"));
  CHECK(shows(page, "data-left-ms=\"600000\""));
  CHECK_FALSE(shows(page, "http-equiv"));
  CHECK(shows(page, R"(<noscript><a class="button" href="">Check for the payment</a></noscript>)"));
  CHECK(shows(page, "<a href=\"phoenix:" + charge.text("lightning_uri") + "\">Phoenix</a>"));
  CHECK(shows(page, R"(Reference <span class="id">)" + charge.text("id")));
  CHECK_FALSE(shows(page, "src="));
  CHECK_FALSE(shows(page, "<link"));
  CHECK_FALSE(shows(page, "{{"));
  const auto secret = world.post("/v1/sandbox/wallet/pay", R"({"bolt11":")" + charge.text("bolt11") + "\"}").text("preimage");
  CHECK_FALSE(shows(get_page(world, path_of(charge)), secret));
}

TEST_CASE("the policy allows only the page's own style and script") {
  World world;
  world.bootstrap();
  const auto page = get_page(world, path_of(world.post("/v1/charges", R"({"amount_sats":21})")));
  const auto policy = page.header("content-security-policy");
  CHECK(policy.starts_with("default-src 'none'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"));
  CHECK_FALSE(policy.contains("unsafe"));
  const auto& body = page.body();
  for (const auto& [open, close] : {std::pair{"<style>", "</style>"}, {"<script type=\"module\">", "</script>"}}) {
    const auto from = body.find(open) + std::string_view(open).size();
    const auto text = body.substr(from, body.find(close) - from);
    CHECK(policy.contains("'sha256-" + base64(Base64::standard, sha256(bytes_of(text))) + "'"));
  }
  CHECK_FALSE(body.contains(" style="));
  CHECK_FALSE(body.contains(" onclick="));
}

TEST_CASE("every final state has its page; only a payment in time leads on") {
  const std::string go_on = R"(<a class="button first" href="https://shop.example/done?a=1&amp;b=2">)";
  const auto page_after = [&](const std::string& more, const std::function<void(World&, const Reading&)>& happens) {
    World world;
    world.bootstrap();
    const auto charge =
        world.post("/v1/charges", R"({"amount_sats":21,"success_url":"https://shop.example/done?a=1&b=2")" + more + "}");
    REQUIRE_MESSAGE(charge.status() == 201, charge.body());
    happens(world, charge);
    world.run_due();
    const auto page = get_page(world, path_of(charge));
    const auto status = get_page(world, path_of(charge) + "/status");
    const auto title = page.body().substr(page.body().find("<h1>") + 4);
    CHECK_FALSE(shows(page, "http-equiv"));
    CHECK(shows(page, R"(data-next="https://shop.example/done?a=1&amp;b=2")") == shows(page, go_on));
    CHECK(shows(page, "<dd><span class=\"id\">" + charge.text("id") + "</span></dd>"));
    CHECK((status.text("success_url") == "https://shop.example/done?a=1&b=2") == shows(page, go_on));
    return status.text("status") + ": " + title.substr(0, title.find("</h1>")) + (shows(page, go_on) ? ", goes on" : "");
  };
  const auto pay = [](World& world, const Reading& charge, const std::string& body = "{}") {
    world.post("/v1/sandbox/charges/" + charge.text("id") + "/pay", body);
  };
  CHECK(page_after("", [&](World& world, const Reading& charge) { pay(world, charge); }) == "paid: Paid, goes on");
  const auto late = [&](World& world, const Reading& charge) {
    world.post("/v1/sandbox/charges/" + charge.text("id") + "/expire");
    pay(world, charge, R"({"late":true})");
  };
  CHECK(page_after("", late) == "paid_late: Paid too late");
  CHECK(page_after(R"(,"late_policy":"credit_and_unlock")", late) == "paid_late: Paid, goes on");
  CHECK(page_after("", [&](World& world, const Reading& charge) {
          world.post("/v1/sandbox/faults", R"({"faults":["settles_short"]})");
          pay(world, charge);
        }) == "underpaid: Paid in part");
  CHECK(page_after("", [](World& world, const Reading& charge) {
          world.post("/v1/sandbox/charges/" + charge.text("id") + "/expire");
        }) == "expired: Expired");
  CHECK(page_after("", [](World& world, const Reading& charge) { world.post("/v1/charges/" + charge.text("id") + "/cancel"); }) ==
        "canceled: Canceled");
}

TEST_CASE("the page shows whom the payer pays") {
  World world;
  world.bootstrap();
  const auto path = path_of(world.post("/v1/charges", R"({"amount_sats":21})"));
  CHECK_FALSE(shows(get_page(world, path), R"(class="payee")"));
  const auto set =
      world.request("PATCH", "/v1/workspace", R"({"display_name":"Tea & Co","logo_url":"https://tea.example:8443/l?a=1&b=2"})",
                    {{"authorization", "Bearer " + world.test_key}, {"content-type", "application/json"}});
  REQUIRE_MESSAGE(set.status() == 200, set.body());
  CHECK(set.text("display_name") == "Tea & Co");
  CHECK(world.get("/v1/workspace").body() == set.body());
  const auto page = get_page(world, path);
  CHECK(shows(page, "<b>Tea &amp; Co</b>"));
  CHECK(shows(page, R"(<img src="https://tea.example:8443/l?a=1&amp;b=2" alt="")"));
  CHECK(page.header("content-security-policy").ends_with("; img-src https://tea.example:8443"));
}

TEST_CASE("a profile has a plain name and an https logo, and null removes them") {
  World world;
  world.bootstrap();
  const auto change = [&](const std::string& body) {
    return world.request("PATCH", "/v1/workspace", body,
                         {{"authorization", "Bearer " + world.test_key}, {"content-type", "application/json"}});
  };
  for (const auto* logo : {"http://tea.example/l.png", "javascript:alert(1)", "//tea.example/l.png",
                           "https://tea.example;script-src/", "https://user@tea.example/"}) {
    CAPTURE(logo);
    CHECK(change(std::string(R"({"logo_url":")") + logo + "\"}").text("error.param") == "logo_url");
  }
  CHECK(change(R"({"display_name":"a\nb"})").text("error.param") == "display_name");
  CHECK(change("{\"display_name\":\"" + std::string(61, 'x') + "\"}").text("error.param") == "display_name");
  CHECK(change(R"({"display_name":"Tea"})").status() == 200);
  CHECK(change(R"({"logo_url":"https://tea.example/l.png"})").text("display_name") == "Tea");
  CHECK(change(R"({"display_name":null,"logo_url":null})").body().contains(R"("display_name":null,"logo_url":null)"));
  const auto reader = world.post("/v1/api_keys", R"({"name":"r","scopes":["charges:read"]})").text("key");
  const auto refused = world.request("PATCH", "/v1/workspace", R"({"display_name":"Tea"})",
                                     {{"authorization", "Bearer " + reader}, {"content-type", "application/json"}});
  CHECK(refused.error() == "403 insufficient_scopes");
}

TEST_CASE("the page is in the language that the browser prefers") {
  World world;
  world.bootstrap();
  const auto path = path_of(world.post("/v1/charges", R"({"amount_msat":1234567500})"));
  const auto in = [&](const std::string& accept, const std::string& at) {
    return world.request("GET", at, {}, {{"accept-language", accept}});
  };
  const auto german = in("de-AT,en;q=0.5", path);
  CHECK(german.header("content-language") == "de");
  CHECK(german.header("vary").contains("Accept-Language"));
  CHECK(shows(german, "<html lang=\"de\">"));
  CHECK(shows(german, "<h1>1.234.567,5 <small>Sats</small></h1>"));
  CHECK(shows(in("fr", path), "En attente du paiement"));
  CHECK(shows(in("ja", path), "Waiting for the payment"));
  const auto missing = in("es", "/pay/nothing");
  CHECK(missing.status() == 404);
  CHECK(shows(missing, "No hay nada aquí"));
}

TEST_CASE("an unpaid page leads back to cancel_url, a paid one does not") {
  World world;
  world.bootstrap();
  const auto charge = world.post("/v1/charges", R"({"amount_sats":21,"cancel_url":"https://shop.example/cart?a=1"})");
  CHECK(charge.text("cancel_url") == "https://shop.example/cart?a=1");
  const std::string back = R"(href="https://shop.example/cart?a=1")";
  CHECK(shows(get_page(world, path_of(charge)), back));
  world.post("/v1/sandbox/charges/" + charge.text("id") + "/expire");
  CHECK(shows(get_page(world, path_of(charge)), back));
  const auto other = world.post("/v1/charges", R"({"amount_sats":21,"cancel_url":"https://shop.example/cart?a=1"})");
  world.post("/v1/sandbox/charges/" + other.text("id") + "/pay", "{}");
  CHECK_FALSE(shows(get_page(world, path_of(other)), back));
  CHECK(world.post("/v1/charges", R"x({"amount_sats":21,"cancel_url":"javascript:alert(1)"})x").text("error.param") ==
        "cancel_url");
}

TEST_CASE("an expired charge that is renewable gets one new invoice") {
  World world;
  world.bootstrap();
  const auto charge =
      world.post("/v1/charges", R"({"amount_sats":21,"description":"Tea","external_id":"order-7","metadata":{"a":1},)"
                                R"("expires_in":60,"renewable":true,"success_url":"https://shop.example/done"})");
  const auto path = path_of(charge);
  const auto renew = [&](const std::string& at) { return world.request("POST", at + "/renew"); };
  const auto form = R"(action=")" + path.substr(5) + "/renew\"";
  CHECK_FALSE(shows(get_page(world, path), form));
  CHECK(renew(path).header("location") == "../" + path.substr(5));  // it can still be paid
  world.post("/v1/sandbox/charges/" + charge.text("id") + "/expire");
  CHECK(shows(get_page(world, path), form));
  const auto made = renew(path);
  CHECK(made.status() == 303);
  const auto next = "/pay/" + made.header("location").substr(3);
  CHECK(next != path);
  CHECK(renew(path).header("location") == made.header("location"));
  CHECK(shows(get_page(world, next), "<h1>21 <small>sats</small></h1>"));
  const auto listed = world.get("/v1/charges?external_id=order-7&status=pending");
  REQUIRE(listed.items("data") == 1);
  CHECK(listed.text("data.0.renews") == charge.text("id"));
  CHECK(listed.text("data.0.description") == "Tea");
  CHECK(listed.text("data.0.success_url") == "https://shop.example/done");
  CHECK(listed.number("data.0.metadata.a") == 1);
  CHECK(listed.text("data.0.bolt11") != charge.text("bolt11"));
  world.post("/v1/sandbox/charges/" + listed.text("data.0.id") + "/pay", "{}");
  CHECK(shows(get_page(world, next), "<h1>Paid</h1>"));
  CHECK(renew(path).header("location") == made.header("location"));
}

TEST_CASE("a charge that is not renewable has no new invoice") {
  World world;
  world.bootstrap();
  const auto charge = world.post("/v1/charges", R"({"amount_sats":21})");
  world.post("/v1/sandbox/charges/" + charge.text("id") + "/expire");
  const auto page = get_page(world, path_of(charge));
  CHECK_FALSE(shows(page, "/renew"));
  CHECK(shows(page, "Contact the merchant for a new invoice."));
  CHECK(world.request("POST", path_of(charge) + "/renew").header("location") == "../" + path_of(charge).substr(5));
  CHECK(world.get("/v1/charges").items("data") == 1);
}

TEST_CASE("a payment in part or too late shows what to do, with the receipt") {
  World world;
  world.bootstrap();
  const auto charge = world.post("/v1/charges", R"({"amount_sats":21000,"description":"Tea"})");
  world.post("/v1/sandbox/faults", R"({"faults":["settles_short"]})");
  world.post("/v1/sandbox/charges/" + charge.text("id") + "/pay", "{}");
  const auto page = get_page(world, path_of(charge));
  CHECK(shows(page, "of 21,000 sats have arrived."));
  CHECK(shows(page, "Contact the merchant and quote the reference"));
  CHECK(shows(page, "<dt>Reference</dt><dd><span class=\"id\">" + charge.text("id")));
  CHECK(shows(page, "<dt>Payment hash</dt><dd><span class=\"id\">" + charge.text("payment_hash")));
  CHECK(shows(page, "<dt>Amount due</dt><dd>21,000 sats</dd>"));
  CHECK(shows(page, "<dt>Date</dt><dd><time datetime=\""));
}

TEST_CASE("the pattern of a gate is no description for a payer") {
  Charge charge{.description = "* /*", .external_id = "gate_x"};
  CHECK(purpose_of(charge).empty());
  charge.external_id = "order * 7";
  CHECK(purpose_of(charge) == "* /*");
  charge = {.description = "Daily report", .external_id = "gate_x"};
  CHECK(purpose_of(charge) == "Daily report");
}

TEST_CASE("the page's status waits for the payment") {
  World world;
  world.bootstrap();
  const auto charge = world.post("/v1/charges", R"({"amount_sats":21})");
  const auto asked = world.begin_request("GET", path_of(charge) + "/status?wait=25");
  world.post("/v1/sandbox/charges/" + charge.text("id") + "/pay", "{}");
  REQUIRE_FALSE(world.is_open(asked));
  CHECK(world.end(asked).text("status") == "paid");
}

TEST_CASE("in the sandbox the page pays once and reloads") {
  World world;
  world.bootstrap();
  const auto charge = world.post("/v1/charges", R"({"amount_sats":21})");
  const auto path = path_of(charge);
  CHECK(shows(get_page(world, path), R"(<form method="post" action=")" + path.substr(5) + "/pay\">"));
  for (int times = 0; times < 2; ++times) {
    const auto paid = world.request("POST", path + "/pay", "", {{"content-type", "application/x-www-form-urlencoded"}});
    CHECK(paid.status() == 303);
    CHECK(paid.header("content-type").empty());
    CHECK(paid.header("location") == "../" + path.substr(5));
  }
  CHECK(shows(get_page(world, path), "<h1>Paid</h1>"));
  CHECK(world.get("/v1/balance").number("available_msat") == 21'000);
}

TEST_CASE("a browser whose form fails gets a page in its language that leads back; programs get JSON") {
  World world;
  world.bootstrap();
  const auto path = path_of(world.post("/v1/charges", R"({"amount_sats":21,"renewable":true})"));
  const Headers browser{{"content-type", "application/x-www-form-urlencoded"}, {"accept", "text/html"}, {"accept-language", "fr"}};
  for (const auto* form : {"/renew", "/pay"}) {
    CAPTURE(form);
    world.store.down = true;
    const auto failed = world.request("POST", path + form, "", browser);
    const auto shown = world.request("GET", path, "", browser);
    CHECK(world.request("POST", path + form).error() == "503 storage_unavailable");
    world.store.down = false;
    CHECK(failed.status() == 503);
    CHECK(failed.header("retry-after") == "5");
    CHECK(failed.header("content-language") == "fr");
    CHECK(shows(failed, "pas disponible pour le moment"));
    CHECK(shows(failed, "data-next=\"../" + path.substr(5) + "\""));  // the form's own URL has no page
    CHECK(shows(failed, "href=\"../" + path.substr(5) + "\""));
    CHECK(shown.status() == 503);
    CHECK(shows(shown, "data-next=\"\""));
    const auto missing = world.request("POST", "/pay/nothing" + std::string(form), "", browser);
    CHECK(missing.status() == 404);
    CHECK(shows(missing, "<h1>Introuvable</h1>"));
    CHECK(world.request("POST", "/pay/nothing" + std::string(form)).error() == "404 not_found");
  }
}

TEST_CASE("requests for pages are limited by client address") {
  World world;
  world.bootstrap();
  const auto path = path_of(world.post("/v1/charges", R"({"amount_sats":21})"));
  const auto left = [&](const Reading& answer) {
    const auto header = answer.header("ratelimit");
    return std::atoi(header.c_str() + header.find("r=") + 2);
  };
  const auto first = left(get_page(world, path));
  CHECK(left(get_page(world, path + "/status")) == first - 1);
  CHECK(left(get_page(world, path + "/qr.svg")) == first - 2);
  CHECK(left(world.request("GET", path, {}, {{"x-forwarded-for", "198.51.100.7"}})) == first - 3);  // not from a local proxy
  CHECK(left(world.get("/v1/balance")) == 748);  // the key has one earlier request, and three quarters of the workspace's limit
}

TEST_CASE("the invoice's QR code is a separate image") {
  World world;
  world.bootstrap();
  const auto image = get_page(world, path_of(world.post("/v1/charges", R"({"amount_sats":21})")) + "/qr.svg");
  CHECK(image.header("content-type") == "image/svg+xml");
  CHECK(image.body().contains("aria-label=\"Invoice of 21 sats\""));
}

TEST_CASE("a changed link is not found; an id or an invoice is no link") {
  World world;
  world.bootstrap();
  const auto charge = world.post("/v1/charges", R"({"amount_sats":21})");
  const auto path = path_of(charge);
  for (std::size_t i = 5; i < path.size(); ++i) {
    auto changed = path;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    CAPTURE(changed);
    const auto page = get_page(world, changed);
    CHECK(page.status() == 404);
    CHECK(shows(page, "<h1>Nothing here</h1>"));
    CHECK(get_page(world, changed + "/status").error() == "404 not_found");
  }
  for (const auto& token : {charge.text("id"), charge.text("bolt11"), charge.text("payment_hash"), std::string("x"), path + "A"}) {
    CHECK(get_page(world, "/pay/" + token).status() == 404);
  }
  world.post("/v1/sandbox/reset");
  CHECK(get_page(world, path).status() == 404);
}

TEST_CASE("success_url is an absolute URL, https in live") {
  World world;
  world.bootstrap();
  const auto charge = [&](const std::string& url) {
    return world.post("/v1/charges", R"({"amount_sats":21,"success_url":")" + url + "\"}");
  };
  for (const auto* url :
       {"javascript:alert(1)", "/done", "https://user:password@shop.example/", "https://shop.example/#a", "data:,"}) {
    CAPTURE(url);
    CHECK(charge(url).text("error.param") == "success_url");
  }
  CHECK(charge("http://localhost:3000/done").status() == 201);
  const auto live = world.request("POST", "/v1/charges", R"({"amount_sats":21,"success_url":"http://shop.example/done"})",
                                  {{"authorization", "Bearer " + world.live_key}, {"content-type", "application/json"}});
  CHECK(live.text("error.param") == "success_url");
}

}  // namespace lntpay::test::checkout_test
