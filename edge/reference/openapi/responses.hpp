// The responses of a route: its success, and for each status the errors that have it.
#pragma once
#include "edge/reference/openapi/document_node.hpp"
#include "edge/reference/openapi/examples.hpp"
#include "edge/reference/openapi/schemas.hpp"

namespace lntpay::openapi {

/// Builds responses; those of errors are components, shared by all routes that have the same codes.
class Responses {
 public:
  Responses(Schemas& schemas, const Examples& examples);

  /// The member `responses` of an operation.
  Node of(const Route& route);
  [[nodiscard]] const Node& components() const { return components_; }

 private:
  Node success(const Route& route, std::uint16_t status);
  void add_errors(Node& responses, const Route& route);
  Node error(const Route& route, std::uint16_t status, const std::vector<ErrorCode>& codes);
  void add_gate_answers(Node& responses, const Route& route);

  Schemas& schemas_;
  const Examples& examples_;
  Node components_ = Node::object();
};

/// The published versions of the API.
Node version_schema();
/// #/components/headers
Node header_components();

/// Every code that a client can see.
std::vector<ErrorCode> public_codes();

}  // namespace lntpay::openapi
