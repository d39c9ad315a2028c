// `lntpay verify`: checks the signature of a received webhook; needs no server.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "host-adapters/server/cli/output.hpp"
#include "host-adapters/server/cli/webhook_check.hpp"
#include "host-adapters/server/ops/moments.hpp"

namespace lntpay::host {
namespace {

struct VerifyFlags {
  std::vector<std::string> secrets;
  std::string secret_file;
  std::vector<std::string> headers;
  std::string id;
  std::string timestamp;
  std::string signature;
  std::int64_t tolerance_s = signature_tolerance.value / 1'000;
};

/// Separated by white space or commas.
void add_secrets(std::vector<Secret>& secrets, const std::string& text) {
  constexpr const char* separators = " \t\r\n,";
  for (auto at = text.find_first_not_of(separators); at != text.npos; at = text.find_first_not_of(separators, at)) {
    const auto end = std::min(text.find_first_of(separators, at), text.size());
    secrets.push_back(Secret::copy_of(std::string_view(text).substr(at, end - at)));
    at = end;
  }
}

std::expected<std::vector<Secret>, std::string> secrets_of(const VerifyFlags& flags) {
  std::vector<Secret> secrets;
  for (const auto& each : flags.secrets) add_secrets(secrets, each);
  if (!flags.secret_file.empty()) {
    std::ifstream file(flags.secret_file, std::ios::binary);
    if (!file) return std::unexpected(flags.secret_file + " cannot be read. Check that the file exists and its permissions");
    add_secrets(secrets, std::string(std::istreambuf_iterator<char>(file), {}));
  }
  const char* named = std::getenv("LNTPAY_WEBHOOK_SECRET");
  if (secrets.empty() && named != nullptr) add_secrets(secrets, named);
  if (secrets.empty()) return std::unexpected("no secret. Give --secret, --secret-file or LNTPAY_WEBHOOK_SECRET");
  return secrets;
}

std::expected<std::vector<Header>, std::string> headers_of(const VerifyFlags& flags) {
  std::vector<Header> headers;
  // The first of a name counts, so flags take precedence.
  const std::pair<const char*, const std::string&> named[] = {
      {"webhook-id", flags.id}, {"webhook-timestamp", flags.timestamp}, {"webhook-signature", flags.signature}};
  for (const auto& [name, value] : named) {
    if (!value.empty()) headers.push_back({name, value});
  }
  for (const auto& line : flags.headers) {
    auto header = parse_header(line);
    if (!header) return std::unexpected("-H '" + line + "' is no header. Write it as 'name: value'");
    headers.push_back(std::move(*header));
  }
  return headers;
}

std::string standard_input() {
  std::string text;
  char block[4'096];
  while (const auto count = std::fread(block, 1, sizeof(block), stdin)) text.append(block, count);
  return text;
}

void print(const WebhookCheck& checked) {
  std::vector<nlohmann::json> rows;
  for (const auto& [header, result, secret, detail] : checked.headers) {
    rows.push_back({{"header", header}, {"result", result_name(result)}, {"secret", nullptr}, {"detail", detail}});
    if (secret) rows.back()["secret"] = *secret;
  }
  const nlohmann::json all{{"ok", checked.is_valid()}, {"checks", rows}};
  const auto text =
      isatty(STDOUT_FILENO) != 0 ? table(rows, {"header", "result", "secret", "detail"}) : nlohmann::json(all).dump() + "\n";
  std::fputs(text.c_str(), stdout);
}

Exit verify(const VerifyFlags& flags) {
  const auto secrets = secrets_of(flags);
  if (!secrets) return fails(Exit::usage, secrets.error());
  const auto headers = headers_of(flags);
  if (!headers) return fails(Exit::usage, headers.error());
  const auto checked = check_webhook(*secrets, *headers, standard_input(), unix_now(), seconds(flags.tolerance_s));
  if (checked.headers.empty()) {
    return fails(
        Exit::usage,
        "no signature to check. Give --id, --timestamp and --signature, or -H 'webhook-signature: …' and the other headers");
  }
  print(checked);
  return checked.is_valid() ? Exit::good : Exit::failed;
}

}  // namespace

void add_verify(CLI::App& program, Exit& exit) {
  auto flags = std::make_shared<VerifyFlags>();
  CLI::App* command = program.add_subcommand("verify", "Verify the signature of a received webhook; needs no server");
  command->add_option("--secret", flags->secrets, "whsec_…; repeat it during a rotation");
  command->add_option("--secret-file", flags->secret_file, "File with secrets, separated by white space");
  command->add_option("-H,--header", flags->headers, "A received header, as 'name: value'; repeat it for others")
      ->allow_extra_args(false);
  command->add_option("--id", flags->id, "The header webhook-id");
  command->add_option("--timestamp", flags->timestamp, "The header webhook-timestamp");
  command->add_option("--signature", flags->signature, "The header webhook-signature");
  command->add_option("--tolerance", flags->tolerance_s, "How far webhook-timestamp may be from now, in seconds")
      ->check(CLI::Range(0L, 4'000'000'000L))
      ->capture_default_str();
  command->footer(
      "Reads the body, byte for byte, from standard input. LNTPAY_WEBHOOK_SECRET holds secrets where no flag does.\n"
      "webhook-signature decides; X-Signature and X-LNTPay-Signature do where it is not given.\n"
      "Exit codes: 0 valid, 1 not valid, 2 usage.");
  command->callback([flags, &exit] { exit = verify(*flags); });
}

}  // namespace lntpay::host
