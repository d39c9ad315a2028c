// What every command of the program has in common.
#pragma once
#include <CLI/CLI.hpp>

namespace lntpay::host {

/// The program's exit codes; part of its interface.
enum class Exit : int {
  good = 0,
  failed = 1,       ///< what was asked for did not happen; the message says why
  usage = 2,        ///< wrong flags or configuration; nothing was tried
  unreachable = 3,  ///< the server could not be reached
  refused = 4,      ///< the API answered 4xx
  server = 5,       ///< the API answered 5xx
};

/// Each adds its subcommand; when that is given, `exit` is set to what became of it.
void add_serve(CLI::App& program, Exit& exit);
void add_keys(CLI::App& program, Exit& exit);
void add_decode(CLI::App& program, Exit& exit);
void add_ledger(CLI::App& program, Exit& exit);
void add_node(CLI::App& program, Exit& exit);
void add_node_proxy(CLI::App& program, Exit& exit);
void add_doctor(CLI::App& program, Exit& exit);

}  // namespace lntpay::host
