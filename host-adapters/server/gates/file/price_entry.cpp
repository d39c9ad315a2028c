// The members of a gate as POST /v1/gates has them, with the same limits.
#include "host-adapters/server/gates/file/price_entry.hpp"

#include <algorithm>
#include <ranges>

#include "core/gate/gate_object.hpp"
#include "edge/http/schema.hpp"
#include "edge/routing/route.hpp"
#include "edge/routing/serve.hpp"

namespace lntpay::host {
namespace {

using nlohmann::json;

constexpr std::size_t gate_name_bytes_max = 100;
constexpr std::uint64_t price_sats_max = msat_max.value / 1'000;
constexpr std::string_view match_example =
    R"("path": "/reports" or "/reports/*" for everything below, of letters, digits and -._~)";

/// The default is the first of the names.
template <NamedEnum E>
std::string choice(FileMembers& members, std::string_view name) {
  return members.one_of(name, {enum_names<E>.begin(), enum_names<E>.end()}).value_or(std::string(name_of(E{})));
}

RequestMatch read_match(FileMembers& members) {
  const auto method = members.text("method", "GET, POST, … or *");
  const auto path = members.required_text("path", match_example);
  RequestMatch match{method.value_or("*"), path.value_or("/*")};
  if (!is_gate_match({match.method, "/"})) {
    members.fail("method", "is \"" + match.method + "\". Write a method in capital letters, or * for any");
  } else if (!is_gate_match(match)) {
    members.fail("path", "is \"" + match.path + "\". Write " + std::string(match_example));
  }
  return match;
}

/// The terms of a pass and of a metered gate; nothing for per_request, which has none.
void read_mode_terms(FileMembers& members, json& gate) {
  const auto uses = members.number("uses", 1, gate_uses_max);
  const auto ttl_s = members.number("ttl_seconds", 60, gate_ttl_s_max);
  const auto price_msat = gate["price_sats"].get<std::uint64_t>() * 1'000;
  const auto max_price = members.number("max_price_msat", 1, msat_max.value);
  const auto min_credit =
      members.number("min_credit_msat", 1, std::max<std::uint64_t>(1, std::min(price_msat, max_price.value_or(price_msat))));
  const bool is_metered = gate["mode"] == name_of(GateMode::metered);
  const bool is_for_many = gate["mode"] != name_of(GateMode::per_request);
  if (is_for_many) {
    gate["uses"] = uses ? json(*uses) : json(nullptr);
    gate["ttl_seconds"] = ttl_s.value_or(gate_ttl_s_default);
  }
  if (is_metered) {
    gate["min_credit_msat"] = min_credit.value_or(std::min(min_credit_default.value, max_price.value_or(price_msat)));
    gate["max_price_msat"] = max_price.value_or(price_msat);
  }
  const auto belongs = [&](const char* name, std::string_view mode) {
    if (members.has(name)) {
      members.fail(name, "belongs to " + std::string(mode == "pass" ? "a pass" : "a metered gate") + ". Write \"mode\": \"" +
                             std::string(mode) + "\" beside it, or remove it");
    }
  };
  for (const auto* name : {"uses", "ttl_seconds"})
    if (!is_for_many) belongs(name, "pass");
  for (const auto* name : {"min_credit_msat", "max_price_msat"})
    if (!is_metered) belongs(name, "metered");
}

json read_schemes(FileMembers& members) {
  std::vector<std::string> schemes;
  members.texts("schemes", R"(["l402", "payment"])", [&](const std::string& name, const std::string& path) {
    if (!std::ranges::contains(enum_names<GateScheme>, name)) {
      members.errors().add(path, "is \"" + name + "\". Write l402 or payment");
    } else if (std::ranges::contains(schemes, name)) {
      members.errors().add(path, "is given twice. Remove one");
    } else {
      schemes.push_back(name);
    }
  });
  if (schemes.empty())
    for (const auto name : enum_names<GateScheme>) schemes.emplace_back(name);
  return schemes;
}

json read_gate(FileMembers& members, const RequestMatch& match, const std::string& service, std::uint64_t price_sats) {
  const auto fallback = service + " " + match.method + " " + match.path;
  auto name = members.text("name", "a name for the gate in the workspace").value_or(fallback);
  if (name.size() > gate_name_bytes_max) {
    members.fail("name", "is longer than " + std::to_string(gate_name_bytes_max) + " bytes" +
                             (members.has("name") ? "" : " (service, method and path)") + ". Write a shorter \"name\"");
  }
  json gate{{"name", std::move(name)},
            {"price_sats", price_sats},
            {"match", {{"method", match.method}, {"path", match.path}}},
            {"mode", choice<GateMode>(members, "mode")},
            {"commit", choice<GateCommit>(members, "commit")},
            {"repeat_seconds", members.number("repeat_seconds", 0, gate_repeat_s_max).value_or(0)},
            {"not_modified", choice<NotModified>(members, "not_modified")},
            {"cors", choice<GateCors>(members, "cors")},
            {"late_policy", choice<LatePolicy>(members, "late_policy")}};
  const auto price_url = members.text("price_url", "the URL that is asked for prices, https://…");
  gate["price_url"] = price_url ? json(*price_url) : json(nullptr);
  if (price_url && gate["mode"] == name_of(GateMode::metered))
    members.fail("price_url", "belongs to no metered gate. Remove it, or write another mode");
  read_mode_terms(members, gate);
  gate["schemes"] = read_schemes(members);
  return gate;
}

/// What POST /v1/gates would refuse, by its own fields.
void check_as_the_api(FileMembers& members, const json& gate) {
  const auto check = [&](Schema fields, const json& object) {
    const auto good = validate(fields, object.dump());
    if (good) return;
    members.errors().add(members.path() + (good.error().param.empty() ? "" : "." + good.error().param), good.error().message);
  };
  check(match_route("POST", {"v1", "gates"}).route->body, gate);
  check(gate_match_object.fields(), gate["match"]);
}

constexpr const char* gate_terms[] = {
    "name", "mode",        "commit",          "uses",           "ttl_seconds", "schemes", "repeat_seconds", "not_modified",
    "cors", "late_policy", "min_credit_msat", "max_price_msat", "price_url"};

}  // namespace

Price read_price(FileMembers& members, const std::string& service) {
  const auto errors_before = members.errors().list().size();
  Price price{.match = read_match(members), .gate = {}, .kept_gate = nullptr, .path_in_file = members.path()};
  const auto price_sats = members.number("price_sats", 0, price_sats_max);
  auto id = members.text("gate", "the id of an existing gate, gate_…");
  auto described = read_gate(members, price.match, service, price_sats.value_or(0));
  const bool has_price = members.has("price_sats"), names_gate = members.has("gate");
  if (has_price == names_gate) {
    members.errors().add(members.path(), has_price
                                             ? "has price_sats and gate. Write one of them"
                                             : "has no price. Write \"price_sats\": 21, or 0 for none, or \"gate\": \"gate_…\"");
    return price;
  }
  if (names_gate || price_sats == 0) {
    for (const auto* name : gate_terms) {
      if (members.has(name))
        members.fail(name, names_gate ? "is a term of the gate itself. Remove it" : "has no meaning without a price. Remove it");
    }
  } else if (price_sats) {
    price.kept_gate = std::move(described);
    if (members.errors().list().size() == errors_before) check_as_the_api(members, price.kept_gate);
  }
  if (id && !GateId::parse(*id)) members.fail("gate", "is \"" + *id + "\". Write the id of an existing gate, gate_…");
  if (id) price.gate = std::move(*id);
  return price;
}

}  // namespace lntpay::host
