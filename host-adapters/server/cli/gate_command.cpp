// `lntpay gate check`: a file of gates, before a server loads it.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <expected>
#include <memory>
#include <string>

#include "host-adapters/server/cli/http_call.hpp"
#include "host-adapters/server/cli/output.hpp"
#include "host-adapters/server/gates/gates_loader.hpp"
#include "host-adapters/server/gates/named_gates.hpp"

namespace lntpay::host {
namespace {

struct NamedGates {
  std::size_t in_file = 0;
  bool are_checked = false;  ///< there is a server to ask
};

/// Whether each gate that the file names by id covers its entry, at the server in LNTPAY_BASE_URL. The error is for the operator.
std::expected<NamedGates, std::string> check_named_gates(const GatesFile& file) {
  const char* named = std::getenv("LNTPAY_BASE_URL");
  std::string url = named != nullptr ? named : "";
  if (url.ends_with("/v1")) url.resize(url.size() - 3);
  NamedGates gates{.are_checked = !url.empty()};
  for (const auto& service : file.services) {
    for (const auto& price : service.prices) {
      if (price.gate.empty()) continue;
      ++gates.in_file;
      for (auto& asked : coverage_requests(price)) {
        if (!gates.are_checked) break;
        std::erase_if(asked.headers, [](const Header& line) { return line.name == "host"; });
        const auto answer = http_call({.method = asked.method, .url = url + asked.target, .headers = std::move(asked.headers)});
        if (!answer) return std::unexpected(url + ": " + answer.error() + ". Unset LNTPAY_BASE_URL to check the file alone");
        const Response response{static_cast<std::uint16_t>(answer->status), {}, answer->text};
        if (auto error = coverage_error(price, response)) return std::unexpected(*std::move(error));
      }
    }
  }
  return gates;
}

Exit check_gates(const std::string& path) {
  const auto file = read_gates_file(path);
  if (!file) return fails(Exit::failed, file.error());
  if (const auto certificates = load_certificates(*file); !certificates)
    return fails(Exit::failed, path + ": " + certificates.error());
  // The server may have a key of its own: without one here, only the file's is checked.
  if (const auto key = api_key_of(*file, "of the server"); !key) return fails(Exit::failed, path + ": " + key.error());
  const auto gates = check_named_gates(*file);
  if (!gates) return fails(Exit::failed, path + ": " + gates.error());
  std::size_t prices = 0;
  for (const auto& service : file->services) prices += service.prices.size();
  if (isatty(STDOUT_FILENO) != 0) {
    std::printf("%s is good: %zu services, %zu prices, %zu addresses.\n", path.c_str(), file->services.size(), prices,
                file->listen.size());
    if (gates->in_file > 0 && !gates->are_checked)
      std::printf("Whether the gates that it names by id cover their entries was not checked: set LNTPAY_BASE_URL.\n");
  } else {
    const nlohmann::json row{
        {"object", "gates_file"},           {"services", file->services.size()}, {"prices", prices},
        {"addresses", file->listen.size()}, {"named_gates", gates->in_file},     {"named_gates_checked", gates->are_checked}};
    std::printf("%s\n", row.dump().c_str());
  }
  return Exit::good;
}

}  // namespace

void add_gate(CLI::App& program, Exit& exit) {
  auto path = std::make_shared<std::string>();
  CLI::App* command = program.add_subcommand("gate", "Files of gates");
  command->require_subcommand(1);
  CLI::App* check = command->add_subcommand("check", "Check a file for lntpay serve --gates");
  check->add_option("FILE", *path, "The file (docs/gates-file.md)")->required();
  check->footer(
      "Reads the file, and the certificates and keys that it names. With LNTPAY_BASE_URL it also asks that server whether the "
      "gates\n"
      "that the file names by id cover their entries. Whether the addresses are free and the services respond is found by the\n"
      "server that loads the file. Exit codes: 0 good, 1 not good, 2 usage.");
  check->callback([path, &exit] { exit = check_gates(*path); });
}

}  // namespace lntpay::host
