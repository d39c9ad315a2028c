// Arguments of the component's exports, from the C bindings.
// Generated from wit/edge.wit by wit/glue/generate.mjs; do not edit.
#pragma once
#include "core/base/overload.hpp"
#include "edge/component/abi_values.hpp"
#include "edge/component/gen/edge.h"
#include "edge/contract/contract.hpp"

namespace lntpay::component {

inline Header header_from_wit(const exports_lntpay_edge_engine_header_t& from) {
  return {text_from_wit(from.f0), text_from_wit(from.f1)};
}

inline Request request_from_wit(const exports_lntpay_edge_engine_request_t& from) {
  return {
      .method = text_from_wit(from.method),
      .target = text_from_wit(from.target),
      .headers = list_from_wit<header_from_wit>(from.headers),
      .body = text_from_wit(from.body),
      .client = text_from_wit(from.client),
  };
}

inline Response response_from_wit(const exports_lntpay_edge_engine_response_t& from) {
  return {
      .status = from.status,
      .headers = list_from_wit<header_from_wit>(from.headers),
      .body = text_from_wit(from.body),
  };
}

inline Moment moment_from_wit(const exports_lntpay_edge_engine_moment_t& from) {
  return {
      .now = UnixMillis{from.now_ms},
      .entropy = {from.entropy.f0, from.entropy.f1, from.entropy.f2, from.entropy.f3},
  };
}

static_assert(static_cast<int>(Refusal::malformed) == EXPORTS_LNTPAY_EDGE_ENGINE_REFUSAL_MALFORMED);
static_assert(static_cast<int>(Refusal::not_utf8) == EXPORTS_LNTPAY_EDGE_ENGINE_REFUSAL_NOT_UTF8);
static_assert(static_cast<int>(Refusal::timed_out) == EXPORTS_LNTPAY_EDGE_ENGINE_REFUSAL_TIMED_OUT);
static_assert(static_cast<int>(Refusal::body_too_large) == EXPORTS_LNTPAY_EDGE_ENGINE_REFUSAL_BODY_TOO_LARGE);
static_assert(static_cast<int>(Refusal::target_too_long) == EXPORTS_LNTPAY_EDGE_ENGINE_REFUSAL_TARGET_TOO_LONG);
static_assert(static_cast<int>(Refusal::headers_too_large) == EXPORTS_LNTPAY_EDGE_ENGINE_REFUSAL_HEADERS_TOO_LARGE);
static_assert(static_cast<int>(Refusal::coding) == EXPORTS_LNTPAY_EDGE_ENGINE_REFUSAL_CODING);
static_assert(static_cast<int>(Refusal::overloaded) == EXPORTS_LNTPAY_EDGE_ENGINE_REFUSAL_OVERLOADED);
static_assert(static_cast<int>(Refusal::storage_down) == EXPORTS_LNTPAY_EDGE_ENGINE_REFUSAL_STORAGE_DOWN);
static_assert(static_cast<int>(Refusal::engine_lost) == EXPORTS_LNTPAY_EDGE_ENGINE_REFUSAL_ENGINE_LOST);

inline Refusal refusal_from_wit(exports_lntpay_edge_engine_refusal_t from) {
  return static_cast<Refusal>(from);
}

inline ProtectedResponse protected_response_from_wit(const exports_lntpay_edge_engine_protected_response_t& from) {
  return {
      .redemption = text_from_wit(from.redemption),
      .status = from.status,
      .location = text_from_wit(from.location),
      .price = text_from_wit(from.price),
  };
}

inline Input input_from_wit(const exports_lntpay_edge_engine_input_t& from) {
  switch (from.tag) {
    case EXPORTS_LNTPAY_EDGE_ENGINE_INPUT_HTTP:
      return input::Http{request_from_wit(from.val.http)};
    case EXPORTS_LNTPAY_EDGE_ENGINE_INPUT_GATE:
      return input::Gate{request_from_wit(from.val.gate)};
    case EXPORTS_LNTPAY_EDGE_ENGINE_INPUT_REDEEMED:
      return input::Redeemed{protected_response_from_wit(from.val.redeemed)};
    case EXPORTS_LNTPAY_EDGE_ENGINE_INPUT_REFUSED:
      return input::Refused{refusal_from_wit(from.val.refused)};
    case EXPORTS_LNTPAY_EDGE_ENGINE_INPUT_WAKE:
      return input::Wake{text_from_wit(from.val.wake)};
    case EXPORTS_LNTPAY_EDGE_ENGINE_INPUT_TASK:
      return input::Task{text_from_wit(from.val.task)};
    case EXPORTS_LNTPAY_EDGE_ENGINE_INPUT_NODE_EVENTS:
      return input::NodeEvents{list_from_wit<text_from_wit>(from.val.node_events)};
    case EXPORTS_LNTPAY_EDGE_ENGINE_INPUT_NODE_STREAM_CLOSED:
      return input::NodeStreamClosed{};
    default: std::abort();  // the canonical ABI admits no other tag
  }
}

inline Entry entry_from_wit(const exports_lntpay_edge_engine_entry_t& from) {
  return {
      .key = text_from_wit(from.key),
      .value = text_from_wit(from.value),
      .version = from.version,
  };
}

inline Reply reply_from_wit(const exports_lntpay_edge_engine_reply_t& from) {
  switch (from.tag) {
    case EXPORTS_LNTPAY_EDGE_ENGINE_REPLY_ENTRIES:
      return Entries{list_from_wit<[](const auto& each) { return option_from_wit<entry_from_wit>(each); }>(from.val.entries)};
    case EXPORTS_LNTPAY_EDGE_ENGINE_REPLY_SCANNED:
      return Scanned{list_from_wit<entry_from_wit>(from.val.scanned)};
    case EXPORTS_LNTPAY_EDGE_ENGINE_REPLY_COMMITTED:
      return Committed{};
    case EXPORTS_LNTPAY_EDGE_ENGINE_REPLY_CONFLICT:
      return Conflict{};
    case EXPORTS_LNTPAY_EDGE_ENGINE_REPLY_UNKNOWN:
      return Unknown{text_from_wit(from.val.unknown)};
    case EXPORTS_LNTPAY_EDGE_ENGINE_REPLY_FAILED:
      return Failed{text_from_wit(from.val.failed)};
    case EXPORTS_LNTPAY_EDGE_ENGINE_REPLY_ANSWERED:
      return Answered{response_from_wit(from.val.answered)};
    case EXPORTS_LNTPAY_EDGE_ENGINE_REPLY_BROKEN:
      return Broken{response_from_wit(from.val.broken.f0), text_from_wit(from.val.broken.f1)};
    case EXPORTS_LNTPAY_EDGE_ENGINE_REPLY_NOT_SENT:
      return NotSent{text_from_wit(from.val.not_sent)};
    case EXPORTS_LNTPAY_EDGE_ENGINE_REPLY_NO_ANSWER:
      return NoAnswer{text_from_wit(from.val.no_answer)};
    case EXPORTS_LNTPAY_EDGE_ENGINE_REPLY_WOKEN:
      return Woken{};
    case EXPORTS_LNTPAY_EDGE_ENGINE_REPLY_NOT_TRIED:
      return NotTried{text_from_wit(from.val.not_tried)};
    default: std::abort();  // the canonical ABI admits no other tag
  }
}

}  // namespace lntpay::component
