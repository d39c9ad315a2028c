// The Emscripten module's exports: the functions of wit/edge.wit, with JSON text in and out (contract_json.hpp). The caller frees
// the text that a function returns. Called by host-adapters/browser/emscripten-engine.mjs.
#include <emscripten/em_macros.h>

#include <cstdlib>
#include <cstring>

#include "edge/component/json/contract_json.hpp"

namespace {

using namespace lntpay;             // NOLINT(google-build-using-namespace)
using namespace lntpay::component;  // NOLINT(google-build-using-namespace)
using nlohmann::json;

Engine& engine() {
  static Engine only;
  return only;
}

json read(const char* text) { return json::parse(text, nullptr, false); }

char* returned(std::string_view text) {
  auto* out = static_cast<char*>(std::malloc(text.size() + 1));
  if (out == nullptr) __builtin_trap();  // null would read as an empty answer
  std::memcpy(out, text.data(), text.size());
  out[text.size()] = '\0';
  return out;
}

/// Empty on success, else the error's text.
char* returned(const std::expected<void, std::string>& result) { return returned(result ? std::string_view() : result.error()); }

}  // namespace

extern "C" {

EMSCRIPTEN_KEEPALIVE char* lntpay_configure(const char* config) { return returned(engine().configure(config)); }

EMSCRIPTEN_KEEPALIVE char* lntpay_place(const char* input) { return returned(engine().place(input_from(read(input)))); }

/// ["url", ["address", …]]
EMSCRIPTEN_KEEPALIVE char* lntpay_may_connect(const char* asked) {
  const auto read_in = read(asked);
  const auto addresses = read_in.at(1).get<std::vector<std::string>>();
  return returned(engine().may_connect(read_in.at(0).get_ref<const std::string&>(), addresses));
}

/// [moment, input]
EMSCRIPTEN_KEEPALIVE char* lntpay_begin(const char* asked) {
  const auto read_in = read(asked);
  return returned(text_of(engine().begin(moment_from(read_in.at(0)), input_from(read_in.at(1)))));
}

/// ["session", moment, [reply, …]]
EMSCRIPTEN_KEEPALIVE char* lntpay_resume(const char* asked) {
  const auto read_in = read(asked);
  const auto session = number_from(read_in.at(0).get_ref<const std::string&>());
  return returned(text_of(engine().resume(session, moment_from(read_in.at(1)), replies_from(read_in.at(2)))));
}

/// "session"
EMSCRIPTEN_KEEPALIVE void lntpay_abandon(const char* session) { engine().abandon(number_from(session)); }

}  // extern "C"
