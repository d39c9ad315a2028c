// `lntpay gate check`: a file of gates, before a server loads it.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "host-adapters/server/cli/output.hpp"
#include "host-adapters/server/gates/gates_loader.hpp"

namespace lntpay::host {
namespace {

Exit check_gates(const std::string& path) {
  const auto file = read_gates_file(path);
  if (!file) return fails(Exit::failed, file.error());
  if (const auto certificates = load_certificates(*file); !certificates)
    return fails(Exit::failed, path + ": " + certificates.error());
  // The server may have a key of its own: without one here, only the file's is checked.
  if (const auto key = api_key_of(*file, "of the server"); !key) return fails(Exit::failed, path + ": " + key.error());
  std::size_t prices = 0;
  for (const auto& service : file->services) prices += service.prices.size();
  if (isatty(STDOUT_FILENO) != 0) {
    std::printf("%s is good: %zu services, %zu prices, %zu addresses.\n", path.c_str(), file->services.size(), prices,
                file->listen.size());
  } else {
    const nlohmann::json row{
        {"object", "gates_file"}, {"services", file->services.size()}, {"prices", prices}, {"addresses", file->listen.size()}};
    std::printf("%s\n", row.dump().c_str());
  }
  return Exit::good;
}

}  // namespace

void add_gate(CLI::App& program, Exit& exit) {
  auto path = std::make_shared<std::string>();
  CLI::App* command = program.add_subcommand("gate", "Files of gates");
  command->require_subcommand(1);
  CLI::App* check = command->add_subcommand("check", "Check a file for lntpay serve --gates; needs no server");
  check->add_option("FILE", *path, "The file (docs/gates-file.md)")->required();
  check->footer(
      "Reads the file, and the certificates and keys that it names. Whether the addresses are free, the services respond and the\n"
      "gates exist is found by the server. Exit codes: 0 good, 1 not good, 2 usage.");
  check->callback([path, &exit] { exit = check_gates(*path); });
}

}  // namespace lntpay::host
