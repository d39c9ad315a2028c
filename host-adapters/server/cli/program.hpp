// The program `lntpay`, less the settings of its process.
#pragma once

namespace lntpay::host {

/// Parses the command line and runs the subcommand. Returns the exit code.
int run_program(int argc, char** argv);

}  // namespace lntpay::host
