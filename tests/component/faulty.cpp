// The engine with three requests that break it, by wrapping `begin` (the linker's --wrap).
//
//   GET /test/spin    loops forever
//   GET /test/grow    allocates until memory is exhausted
//   GET /test/trap    traps
#include <new>
#include <string_view>

#include "edge/component/gen/edge.h"

extern "C" {

// NOLINTBEGIN(bugprone-reserved-identifier): the names that the linker gives
void __real_exports_lntpay_edge_engine_begin(exports_lntpay_edge_engine_moment_t* at, exports_lntpay_edge_engine_input_t* input,
                                             exports_lntpay_edge_engine_step_t* ret);

void __wrap_exports_lntpay_edge_engine_begin(exports_lntpay_edge_engine_moment_t* at, exports_lntpay_edge_engine_input_t* input,
                                             exports_lntpay_edge_engine_step_t* ret) {
  std::string_view target;
  if (input->tag == EXPORTS_LNTPAY_EDGE_ENGINE_INPUT_HTTP)
    target = {reinterpret_cast<const char*>(input->val.http.target.ptr), input->val.http.target.len};
  volatile bool forever = true;
  while (target == "/test/spin" && forever) {
  }
  while (target == "/test/grow" && forever) {
    void* volatile kept = ::operator new(1U << 20);
    static_cast<void>(kept);
  }
  if (target == "/test/trap") __builtin_trap();
  __real_exports_lntpay_edge_engine_begin(at, input, ret);
}
// NOLINTEND(bugprone-reserved-identifier)
}
