// The data of the event `webhook.test`: its fields and how they are read; test_event_json writes it.
#pragma once
#include "core/base/object.hpp"
#include "core/event/event.hpp"

namespace lntpay {

struct TestEventView {
  const EndpointId& endpoint;
  const EventSample* sample = nullptr;  ///< null: left out
};

/// Begins with no id: the event is about no object, so no search for one finds it.
inline constexpr auto test_event_object = object_of<TestEventView>(
    kind_member<"webhook_test">(),
    member("endpoint_id", "The endpoint that is tested.", [](const auto& v) { return std::string_view(v.endpoint.text()); }),
    member("message", "A note for human readers.",
           [](const auto&) { return std::string_view("This is a test event. No money was moved."); }),
    member("event_type", "The type of the sample that the endpoint received.",
           [](const auto& v) { return OnlyWhenGiven<EventType>{v.sample ? std::optional(v.sample->type) : std::nullopt}; }),
    member("sample", "The data of that sample.", [](const auto& v) {
      using Data = RawJson<std::string_view>;
      return OnlyWhenGiven<Data>{v.sample ? std::optional(Data{v.sample->data}) : std::nullopt};
    }));

inline constexpr auto test_event_fields = test_event_object.fields();

inline std::string test_event_json(const EndpointId& endpoint, const EventSample* sample) {
  return test_event_object.text({endpoint, sample});
}

}  // namespace lntpay
