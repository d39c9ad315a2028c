// lnd's files are read again when they change.
#include "host-adapters/server/outbound/upstream_files.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include "tests/support/host/temp_folder.hpp"

namespace upstream_files_test {
using namespace lntpay::host;

namespace {

void write(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path, std::ios::trunc) << text;
  std::filesystem::permissions(path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

/// Longer than the time between two checks.
void wait_for_check() { std::this_thread::sleep_for(std::chrono::milliseconds(1'100)); }

}  // namespace

TEST_CASE("a renewed macaroon is used without a restart; a broken one keeps the former") {
  const lntpay::test::TempFolder folder;
  LndOptions options{
      .url = "https://127.0.0.1:8080", .certificate = {}, .public_key = {}, .receive_macaroon = {}, .pay_macaroon = {}};
  options.receive_macaroon = folder.path() / "receive.macaroon";
  write(options.receive_macaroon, "0201aa");
  auto first = lnd_upstreams(options);
  REQUIRE_MESSAGE(first.has_value(), first.error());
  std::vector<std::string> changes;
  UpstreamFiles files(options, *first, [&](const auto& changed) { changes.push_back(changed ? "" : changed.error()); });
  CHECK(files.find("lnd-receive")->header == "grpc-metadata-macaroon: 0201aa");
  CHECK(files.find("lnd-pay") == nullptr);

  wait_for_check();
  write(options.receive_macaroon, "0201bbbb");
  CHECK(files.find("lnd-receive")->header == "grpc-metadata-macaroon: 0201bbbb");
  CHECK(changes == std::vector<std::string>{""});

  wait_for_check();
  write(options.receive_macaroon, "nonsense");
  CHECK(files.find("lnd-receive")->header == "grpc-metadata-macaroon: 0201bbbb");
  REQUIRE(changes.size() == 2);
  CHECK(changes[1].starts_with("--lnd-receive-macaroon: "));
}

}  // namespace upstream_files_test
