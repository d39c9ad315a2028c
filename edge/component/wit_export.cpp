// The component's exports: the functions of wit/edge.wit, each one call of the engine. An instance of the component is one Engine.
#include "edge/component/gen/from_wit.hpp"
#include "edge/component/gen/to_wit.hpp"

namespace {

// The exports are C functions of the global namespace, and use little else than these two.
using namespace lntpay;             // NOLINT(google-build-using-namespace)
using namespace lntpay::component;  // NOLINT(google-build-using-namespace)

Engine& engine() {
  static Engine only;
  return only;
}

/// wit-bindgen's convention for `result<_, string>`: returns true on success, and sets the text on failure only.
bool result_to_wit(const std::expected<void, std::string>& from, edge_string_t* error) {
  if (!from) text_to_wit(from.error(), *error);
  return from.has_value();
}

constexpr auto texts_from_wit = list_from_wit<text_from_wit, edge_list_string_t>;
constexpr auto replies_from_wit = list_from_wit<reply_from_wit, exports_lntpay_edge_engine_list_reply_t>;

}  // namespace

extern "C" {

bool exports_lntpay_edge_engine_configure(edge_string_t* config, edge_string_t* err) {
  return result_to_wit(engine().configure(take<text_from_wit>(*config, edge_string_free)), err);
}

void exports_lntpay_edge_engine_place(exports_lntpay_edge_engine_input_t* input, edge_string_t* ret) {
  text_to_wit(engine().place(take<input_from_wit>(*input, exports_lntpay_edge_engine_input_free)), *ret);
}

bool exports_lntpay_edge_engine_may_connect(edge_string_t* url, edge_list_string_t* addresses, edge_string_t* err) {
  const auto where = take<text_from_wit>(*url, edge_string_free);
  return result_to_wit(engine().may_connect(where, take<texts_from_wit>(*addresses, edge_list_string_free)), err);
}

void exports_lntpay_edge_engine_begin(exports_lntpay_edge_engine_moment_t* at, exports_lntpay_edge_engine_input_t* input,
                                      exports_lntpay_edge_engine_step_t* ret) {
  step_to_wit(engine().begin(moment_from_wit(*at), take<input_from_wit>(*input, exports_lntpay_edge_engine_input_free)), *ret);
}

void exports_lntpay_edge_engine_resume(uint64_t session, exports_lntpay_edge_engine_moment_t* at,
                                       exports_lntpay_edge_engine_list_reply_t* replies, exports_lntpay_edge_engine_step_t* ret) {
  auto answers = take<replies_from_wit>(*replies, exports_lntpay_edge_engine_list_reply_free);
  step_to_wit(engine().resume(session, moment_from_wit(*at), std::move(answers)), *ret);
}

void exports_lntpay_edge_engine_abandon(uint64_t session) { engine().abandon(session); }

}  // extern "C"
