// What each event type means and carries: one table, from which schemas and samples are made. The data of a type are a described
// object, written by the function that also writes them when the event happens.
//
// A sample stands for an event in tests of a receiver. Nothing in it exists: its ids and payment hash are zeros, its invoice cannot
// be paid, its checkout link is of no host, its `external_id` is "sample". So a receiver that acts on it finds nothing to credit.
// Its bytes are fixed but for the environment: tests/golden/event_types.ndjson.
#pragma once
#include "core/base/field.hpp"
#include "core/event/event.hpp"

namespace lntpay {

/// One sentence.
std::string_view description_of(EventType type);

/// The fields of the event's `data`.
Schema data_fields_of(EventType type);

/// The JSON Schema of the event, `data` included, as webhooks carry it.
std::string event_schema(EventType type);

EventSample sample_of(EventType type, Environment environment);

/// The event that a test with this sample sends, in the environment `test`, with zeros for ids.
std::string sample_event_json(EventType type);

}  // namespace lntpay
