// The subcommands of `lntpay` and its exit codes.
#include "host-adapters/server/cli/program.hpp"

#include <cstdio>
#include <exception>

#include "host-adapters/server/cli/command.hpp"

namespace lntpay::host {

int run_program(int argc, char** argv) {
  CLI::App program("Lightning payments at the edge");
  program.name("lntpay");
  program.set_version_flag("--version", LNTPAY_VERSION);
  program.require_subcommand(1);
  program.footer("Exit codes: 0 success, 1 failure, 2 usage, 3 server unreachable, 4 rejected by the API, 5 server error.");
  auto exit = Exit::good;
  add_serve(program, exit);
  add_gate(program, exit);
  add_keys(program, exit);
  add_decode(program, exit);
  add_ledger(program, exit);
  add_store(program, exit);
  add_node(program, exit);
  add_node_proxy(program, exit);
  add_doctor(program, exit);
  add_verify(program, exit);
  add_listen(program, exit);
  add_trigger(program, exit);
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

}  // namespace lntpay::host
