// Arguments of the engine's functions as component values.
// Generated from wit/edge.wit by wit/glue/generate.mjs; do not edit.
#include "core/base/overload.hpp"
#include "host-adapters/server/engine/wasm/wasm_builders.hpp"
#include "host-adapters/server/engine/wasm/wasm_values.hpp"

namespace lntpay::host {
namespace {

using namespace wasm_build;

WasmValue wasm_header(ValueArena& arena, const Header& from) {
  return tuple(arena, {text(from.name), text(from.value)});
}

WasmValue wasm_request(ValueArena& arena, const Request& from) {
  [[maybe_unused]] const auto& [m0, m1, m2, m3, m4] = from;
  return record(arena, {
      {"method", text(from.method)},
      {"target", text(from.target)},
      {"headers", list<wasm_header>(arena, from.headers)},
      {"body", text(from.body)},
      {"client", text(from.client)},
  });
}

WasmValue wasm_response(ValueArena& arena, const Response& from) {
  [[maybe_unused]] const auto& [m0, m1, m2] = from;
  return record(arena, {
      {"status", u16(from.status)},
      {"headers", list<wasm_header>(arena, from.headers)},
      {"body", text(from.body)},
  });
}

WasmValue wasm_refusal(ValueArena&, const Refusal& from) {
  static constexpr std::string_view names[] = {
      "malformed",
      "not-utf8",
      "timed-out",
      "body-too-large",
      "target-too-long",
      "headers-too-large",
      "coding",
      "overloaded",
      "storage-down",
      "engine-lost",
  };
  return enumeration(names[static_cast<std::size_t>(from)]);
}

WasmValue wasm_protected_response(ValueArena& arena, const ProtectedResponse& from) {
  [[maybe_unused]] const auto& [m0, m1, m2, m3] = from;
  return record(arena, {
      {"redemption", text(from.redemption)},
      {"status", u16(from.status)},
      {"location", text(from.location)},
      {"price", text(from.price)},
  });
}

WasmValue wasm_entry(ValueArena& arena, const Entry& from) {
  [[maybe_unused]] const auto& [m0, m1, m2] = from;
  return record(arena, {
      {"key", text(from.key)},
      {"value", text(from.value)},
      {"version", u64(from.version)},
  });
}

}  // namespace

WasmValue wasm_moment(ValueArena& arena, const Moment& from) {
  [[maybe_unused]] const auto& [m0, m1] = from;
  return record(arena, {
      {"now-ms", u64(from.now.value)},
      {"entropy", tuple(arena, {u64(from.entropy[0]), u64(from.entropy[1]), u64(from.entropy[2]), u64(from.entropy[3])})},
  });
}

WasmValue wasm_input(ValueArena& arena, const Input& from) {
  return std::visit(
      Overload{
          [&](const input::Http& chosen) {
            const auto& [f0] = chosen;
            return variant(arena, "http", wasm_request(arena, f0));
          },
          [&](const input::Gate& chosen) {
            const auto& [f0] = chosen;
            return variant(arena, "gate", wasm_request(arena, f0));
          },
          [&](const input::Redeemed& chosen) {
            const auto& [f0] = chosen;
            return variant(arena, "redeemed", wasm_protected_response(arena, f0));
          },
          [&](const input::Refused& chosen) {
            const auto& [f0] = chosen;
            return variant(arena, "refused", wasm_refusal(arena, f0));
          },
          [&](const input::Wake& chosen) {
            const auto& [f0] = chosen;
            return variant(arena, "wake", text(f0));
          },
          [&](const input::Task& chosen) {
            const auto& [f0] = chosen;
            return variant(arena, "task", text(f0));
          },
          [&](const input::NodeEvents& chosen) {
            const auto& [f0] = chosen;
            return variant(arena, "node-events", list<text_in>(arena, f0));
          },
          [&](const input::NodeStreamClosed&) { return variant("node-stream-closed"); },
      },
      from);
}

WasmValue wasm_reply(ValueArena& arena, const Reply& from) {
  return std::visit(
      Overload{
          [&](const Entries& chosen) {
            const auto& [f0] = chosen;
            return variant(arena, "entries", list<option<wasm_entry, Entry>>(arena, f0));
          },
          [&](const Scanned& chosen) {
            const auto& [f0] = chosen;
            return variant(arena, "scanned", list<wasm_entry>(arena, f0));
          },
          [&](const Committed&) { return variant("committed"); },
          [&](const Conflict&) { return variant("conflict"); },
          [&](const Unknown& chosen) {
            const auto& [f0] = chosen;
            return variant(arena, "unknown", text(f0));
          },
          [&](const Failed& chosen) {
            const auto& [f0] = chosen;
            return variant(arena, "failed", text(f0));
          },
          [&](const Answered& chosen) {
            const auto& [f0] = chosen;
            return variant(arena, "answered", wasm_response(arena, f0));
          },
          [&](const Broken& chosen) {
            const auto& [f0, f1] = chosen;
            return variant(arena, "broken", tuple(arena, {wasm_response(arena, f0), text(f1)}));
          },
          [&](const NotSent& chosen) {
            const auto& [f0] = chosen;
            return variant(arena, "not-sent", text(f0));
          },
          [&](const NoAnswer& chosen) {
            const auto& [f0] = chosen;
            return variant(arena, "no-answer", text(f0));
          },
          [&](const Woken&) { return variant("woken"); },
          [&](const NotTried& chosen) {
            const auto& [f0] = chosen;
            return variant(arena, "not-tried", text(f0));
          },
      },
      from);
}

}  // namespace lntpay::host
