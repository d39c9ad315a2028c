// What the host hands in, as the engine's types. The generated C types own their memory (the callee's, by the canonical ABI):
// `from_wit` copies, and the export frees the argument with the generated `*_free` once it is converted.
#pragma once
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "edge/component/gen/edge.h"
#include "edge/engine/contract.hpp"

namespace lntpay::component {

inline std::string_view view_of(const edge_string_t& from) {
  if (from.len == 0) return {};  // the pointer may be anything then
  return {reinterpret_cast<const char*>(from.ptr), from.len};
}

inline std::string from_wit(const edge_string_t& from) { return std::string{view_of(from)}; }

// What a list may hold, declared before the template that converts lists: the generated types have no namespace to be found by.
Header from_wit(const exports_lntpay_edge_engine_header_t& from);
Entry from_wit(const exports_lntpay_edge_engine_entry_t& from);
std::optional<Entry> from_wit(const exports_lntpay_edge_engine_option_entry_t& from);
Reply from_wit(const exports_lntpay_edge_engine_reply_t& from);

/// Any of the generated lists {ptr, len}, element by element.
template <typename To, typename List>
std::vector<To> list_from_wit(const List& from) {
  std::vector<To> to;
  to.reserve(from.len);
  for (std::size_t i = 0; i < from.len; ++i) to.push_back(from_wit(from.ptr[i]));
  return to;
}

inline Header from_wit(const exports_lntpay_edge_engine_header_t& from) { return {from_wit(from.f0), from_wit(from.f1)}; }

inline Request from_wit(const exports_lntpay_edge_engine_request_t& from) {
  return {
      .method = from_wit(from.method),
      .target = from_wit(from.target),
      .headers = list_from_wit<Header>(from.headers),
      .body = from_wit(from.body),
      .client = from_wit(from.client),
  };
}

inline Response from_wit(const exports_lntpay_edge_engine_response_t& from) {
  return {.status = from.status, .headers = list_from_wit<Header>(from.headers), .body = from_wit(from.body)};
}

inline Moment from_wit(const exports_lntpay_edge_engine_moment_t& from) {
  return {.now = {from.now_ms}, .entropy = {from.entropy.f0, from.entropy.f1, from.entropy.f2, from.entropy.f3}};
}

inline Input from_wit(const exports_lntpay_edge_engine_input_t& from) {
  switch (from.tag) {
    case EXPORTS_LNTPAY_EDGE_ENGINE_INPUT_HTTP: return input::Http{from_wit(from.val.http)};
    case EXPORTS_LNTPAY_EDGE_ENGINE_INPUT_GATE: return input::Gate{from_wit(from.val.gate)};
    case EXPORTS_LNTPAY_EDGE_ENGINE_INPUT_REDEEMED: return input::Redeemed{from_wit(from.val.redeemed.f0), from.val.redeemed.f1};
    case EXPORTS_LNTPAY_EDGE_ENGINE_INPUT_REFUSED: return input::Refused{static_cast<Refusal>(from.val.refused)};
    case EXPORTS_LNTPAY_EDGE_ENGINE_INPUT_WAKE: return input::Wake{from_wit(from.val.wake)};
    case EXPORTS_LNTPAY_EDGE_ENGINE_INPUT_TASK: return input::Task{from_wit(from.val.task)};
    case EXPORTS_LNTPAY_EDGE_ENGINE_INPUT_NODE_EVENTS: return input::NodeEvents{list_from_wit<std::string>(from.val.node_events)};
    case EXPORTS_LNTPAY_EDGE_ENGINE_INPUT_NODE_STREAM_CLOSED: return input::NodeStreamClosed{};
    default: std::abort();  // the canonical ABI lets no other tag in
  }
}

inline Entry from_wit(const exports_lntpay_edge_engine_entry_t& from) {
  return {.key = from_wit(from.key), .value = from_wit(from.value), .version = from.version};
}

inline std::optional<Entry> from_wit(const exports_lntpay_edge_engine_option_entry_t& from) {
  if (!from.is_some) return std::nullopt;
  return from_wit(from.val);
}

inline Reply from_wit(const exports_lntpay_edge_engine_reply_t& from) {
  switch (from.tag) {
    case EXPORTS_LNTPAY_EDGE_ENGINE_REPLY_ENTRIES: return Entries{list_from_wit<std::optional<Entry>>(from.val.entries)};
    case EXPORTS_LNTPAY_EDGE_ENGINE_REPLY_SCANNED: return Scanned{list_from_wit<Entry>(from.val.scanned)};
    case EXPORTS_LNTPAY_EDGE_ENGINE_REPLY_COMMITTED: return Committed{};
    case EXPORTS_LNTPAY_EDGE_ENGINE_REPLY_CONFLICT: return Conflict{};
    case EXPORTS_LNTPAY_EDGE_ENGINE_REPLY_UNKNOWN: return Unknown{from_wit(from.val.unknown)};
    case EXPORTS_LNTPAY_EDGE_ENGINE_REPLY_FAILED: return Failed{from_wit(from.val.failed)};
    case EXPORTS_LNTPAY_EDGE_ENGINE_REPLY_ANSWERED: return Answered{from_wit(from.val.answered)};
    case EXPORTS_LNTPAY_EDGE_ENGINE_REPLY_BROKEN: return Broken{from_wit(from.val.broken.f0), from_wit(from.val.broken.f1)};
    case EXPORTS_LNTPAY_EDGE_ENGINE_REPLY_NOT_SENT: return NotSent{from_wit(from.val.not_sent)};
    case EXPORTS_LNTPAY_EDGE_ENGINE_REPLY_NO_ANSWER: return NoAnswer{from_wit(from.val.no_answer)};
    case EXPORTS_LNTPAY_EDGE_ENGINE_REPLY_WOKEN: return Woken{};
    default: std::abort();  // as above
  }
}

/// Converts an argument and frees it.
template <typename Wit>
auto take(Wit& argument, void (*release)(Wit*)) {
  auto taken = from_wit(argument);
  release(&argument);
  return taken;
}

template <typename To, typename List>
std::vector<To> take_list(List& argument, void (*release)(List*)) {
  auto taken = list_from_wit<To>(argument);
  release(&argument);
  return taken;
}

}  // namespace lntpay::component
