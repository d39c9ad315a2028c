// The `lntpay` program.
#include <cstdio>
#include <exception>

#include "host-adapters/server/cli/command.hpp"

/// jemalloc(3): free memory is returned to the system after a second, also while the process is idle.
extern "C" const char* const malloc_conf = "background_thread:true,dirty_decay_ms:1000,muzzy_decay_ms:0";

int main(int argc, char** argv) {
  using lntpay::host::Exit;
  CLI::App program("Lightning payments at the edge");
  program.name("lntpay");
  program.set_version_flag("--version", LNTPAY_VERSION);
  program.require_subcommand(1);
  program.footer("Exit codes: 0 success, 1 failure, 2 usage, 3 server unreachable, 4 rejected by the API, 5 server error.");
  auto exit = Exit::good;
  lntpay::host::add_serve(program, exit);
  lntpay::host::add_keys(program, exit);
  lntpay::host::add_decode(program, exit);
  lntpay::host::add_ledger(program, exit);
  lntpay::host::add_node(program, exit);
  lntpay::host::add_node_proxy(program, exit);
  lntpay::host::add_doctor(program, exit);
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return program.exit(error) == 0 ? 0 : static_cast<int>(Exit::usage);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "lntpay: %s\n", error.what());
    return static_cast<int>(Exit::failed);
  }
  return static_cast<int>(exit);
}
