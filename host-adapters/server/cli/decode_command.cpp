// `lntpay decode`: decodes invoices without a server.
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/lightning/bolt11/bech32.hpp"
#include "core/lightning/bolt11/decode.hpp"
#include "core/lightning/bolt11/pasted.hpp"
#include "host-adapters/server/cli/command.hpp"
#include "host-adapters/server/cli/invoice_text.hpp"
#include "host-adapters/server/ops/moments.hpp"

namespace lntpay::host {
namespace {

std::size_t terminal_columns() {
  winsize size{};
  return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

/// Prints one invoice, or why it is invalid; returns whether it is valid.
bool show(std::string_view text) {
  const auto pasted = bolt11::pasted_invoice(text);
  const auto invoice = pasted.value_or(text);
  const auto read = pasted.and_then(bolt11::decode);
  if (isatty(STDOUT_FILENO) == 0) {
    std::printf("%s\n", invoice_line(invoice, read).c_str());
  } else {
    const auto columns = terminal_columns();
    std::fputs((read ? invoice_table(*read, unix_now(), columns) : rejection_text(invoice, read.error(), columns)).c_str(), stdout);
  }
  return read.has_value();
}

/// Calls `use` with each line of standard input that is not blank. A line longer than any invoice and the link around it is cut
/// where it is already too long to be valid.
void each_line(const std::function<void(std::string_view)>& use) {
  constexpr std::size_t kept_max = bolt11::length_max + 512;
  std::string line;
  const auto end_line = [&] {
    if (line.find_first_not_of(" \t\r") != std::string::npos) use(line);
    line.clear();
  };
  for (int c = std::getc(stdin); c != EOF; c = std::getc(stdin)) {
    if (c == '\n') {
      end_line();
    } else if (line.size() < kept_max) {
      line += static_cast<char>(c);
    }
  }
  end_line();
}

Exit decode(const std::vector<std::string>& invoices) {
  const bool from_stdin = invoices.empty() || (invoices.size() == 1 && invoices.front() == "-");
  if (invoices.empty() && isatty(STDIN_FILENO) != 0) {
    std::fputs("lntpay: no invoice given. Give invoices, or - to read them from standard input\n", stderr);
    return Exit::usage;
  }
  bool all_good = true;
  bool first = true;
  const auto next = [&](std::string_view text) {
    if (!std::exchange(first, false) && isatty(STDOUT_FILENO) != 0) std::putchar('\n');
    all_good = show(text) && all_good;
  };
  if (from_stdin) {
    each_line(next);
  } else {
    for (const auto& invoice : invoices) next(invoice);
  }
  return all_good ? Exit::good : Exit::failed;
}

}  // namespace

void add_decode(CLI::App& program, Exit& exit) {
  auto invoices = std::make_shared<std::vector<std::string>>();
  CLI::App* command = program.add_subcommand("decode", "Decode BOLT11 invoices; needs no server");
  command->add_option("invoice", *invoices, "Invoices; none or -: read one per line from standard input");
  command->footer(
      "Prints a table on a terminal, otherwise one JSON object per line. Exit codes: 0 all are valid, 1 one is invalid, 2 usage.");
  command->callback([invoices, &exit] { exit = decode(*invoices); });
}

}  // namespace lntpay::host
