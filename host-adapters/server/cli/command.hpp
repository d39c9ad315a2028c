// Exit codes and subcommands of the program.
#pragma once
#include <CLI/CLI.hpp>

namespace lntpay::host {

/// The program's exit codes; part of its interface.
enum class Exit : int {
  good = 0,
  failed = 1,       ///< the command failed; the message states the reason
  usage = 2,        ///< wrong flags or configuration; nothing was done
  unreachable = 3,  ///< the server could not be reached
  refused = 4,      ///< the API answered 4xx
  server = 5,       ///< the API answered 5xx
};

/// Each adds its subcommand, which sets `exit` when it is run.
void add_serve(CLI::App& program, Exit& exit);
void add_gate(CLI::App& program, Exit& exit);
void add_keys(CLI::App& program, Exit& exit);
void add_decode(CLI::App& program, Exit& exit);
void add_ledger(CLI::App& program, Exit& exit);
void add_store(CLI::App& program, Exit& exit);
void add_node(CLI::App& program, Exit& exit);
void add_node_proxy(CLI::App& program, Exit& exit);
void add_doctor(CLI::App& program, Exit& exit);
void add_verify(CLI::App& program, Exit& exit);
void add_listen(CLI::App& program, Exit& exit);
void add_trigger(CLI::App& program, Exit& exit);

}  // namespace lntpay::host
