// The component's exports: wit/edge.wit's functions, each one call of the engine with its arguments converted on the way in and
// its result on the way out. An instance of the component is one Engine.
#include "edge/component/from_wit.hpp"
#include "edge/component/to_wit.hpp"

namespace {

// The exports are C functions of the global namespace, and name little else than what is in these.
using namespace lntpay;             // NOLINT(google-build-using-namespace)
using namespace lntpay::component;  // NOLINT(google-build-using-namespace)

Engine& engine() {
  static Engine only;
  return only;
}

/// The generated convention for `result<_, string>`: true is success, and only an error has text.
bool result_to_wit(const std::expected<void, std::string>& from, edge_string_t* error) {
  if (!from) to_wit(from.error(), *error);
  return from.has_value();
}

}  // namespace

extern "C" {

bool exports_lntpay_edge_engine_configure(edge_string_t* config, edge_string_t* err) {
  return result_to_wit(engine().configure(take(*config, edge_string_free)), err);
}

void exports_lntpay_edge_engine_place(exports_lntpay_edge_engine_input_t* input, edge_string_t* ret) {
  to_wit(engine().place(take(*input, exports_lntpay_edge_engine_input_free)), *ret);
}

bool exports_lntpay_edge_engine_may_connect(edge_string_t* url, edge_list_string_t* addresses, edge_string_t* err) {
  const auto where = take(*url, edge_string_free);
  return result_to_wit(engine().may_connect(where, take_list<std::string>(*addresses, edge_list_string_free)), err);
}

void exports_lntpay_edge_engine_begin(exports_lntpay_edge_engine_moment_t* at, exports_lntpay_edge_engine_input_t* input,
                                      exports_lntpay_edge_engine_step_t* ret) {
  to_wit(engine().begin(from_wit(*at), take(*input, exports_lntpay_edge_engine_input_free)), *ret);
}

void exports_lntpay_edge_engine_resume(uint64_t session, exports_lntpay_edge_engine_moment_t* at,
                                       exports_lntpay_edge_engine_list_reply_t* replies, exports_lntpay_edge_engine_step_t* ret) {
  to_wit(engine().resume(session, from_wit(*at), take_list<Reply>(*replies, exports_lntpay_edge_engine_list_reply_free)), *ret);
}

void exports_lntpay_edge_engine_abandon(uint64_t session) { engine().abandon(session); }

}  // extern "C"
