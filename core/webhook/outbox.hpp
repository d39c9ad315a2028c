// The outbox: what one commit owes to webhook endpoints. The Book loads it with the head, tells it every event, and has it
// write into the plan: for each enabled endpoint that wants the event a delivery, its queue row, and the endpoint's due row.
#pragma once
#include <vector>

#include "core/webhook/endpoint.hpp"

namespace lntpay {

class Outbox {
 public:
  Outbox() = default;
  /// `any_endpoints` false: the workspace has none, nothing is read.
  static Task<Result<Outbox>> load(Context& cx, Realm realm, bool any_endpoints);

  void add(Context& cx, const Event& event);
  /// An endpoint whose row the plan already changes or removes is left alone: the operation that does so decides itself
  /// what it gets.
  void write(Context& cx, Plan& plan);

 private:
  Realm realm_;
  std::vector<Stored<Endpoint>> endpoints_;
  std::vector<Event> events_;
};

}  // namespace lntpay
