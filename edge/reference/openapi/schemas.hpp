// JSON Schemas (2020-12) of the fields that requests are validated against and of the objects in responses.
//
// An object that names its kind (its member `object`) becomes a component, written once and referred to: "charge" is
// #/components/schemas/Charge. Requests allow the listed members only; responses stay open, because a later version may add
// members.
#pragma once
#include "core/base/field.hpp"
#include "core/event/event.hpp"
#include "edge/reference/openapi/document_node.hpp"

namespace lntpay::openapi {

class Schemas {
 public:
  /// Of an object in a response: a reference if it names its kind.
  Node object(Schema fields);
  /// Of a page of a list: a reference. `by_seq`: the list can be read by seq.
  Node page(Schema item, bool by_seq);
  /// Of an event, with its `data`: a reference.
  Node event(EventType type);
  /// Of an event of any type: a reference.
  Node any_event();
  /// Adds a component that is no described object.
  Node add(std::string_view name, Node schema);

  [[nodiscard]] const Node& components() const { return components_; }

 private:
  Node value(const Field& field);
  Node nested(const Field& field, unsigned lists);
  Node inline_object(Schema fields);

  Node components_ = Node::object();
};

/// Of a body.
Node body_schema(Schema fields);
/// Of one value in a body or a query. `in_query`: never null, a list is separated by commas.
Node request_value(const Field& field, bool in_query);

}  // namespace lntpay::openapi
