// `lntpay serve` whose time stands still, for tests that compare hosts: fixed_serve LISTEN BASE_URL DATA. Not a suite.
#include <cstdio>
#include <utility>

#include "host-adapters/server/serve/resident_host.hpp"
#include "tests/support/fixed_moments.hpp"

using namespace lntpay;

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  host::ServeOptions options{.listen = argv[1],
                             .data = argv[3],
                             .engine = "native",
                             .base_url = argv[2],
                             .allow_loopback = true,
                             .rate_limit = "100000/60",
                             .challenges_per_client = 1'000,
                             .log_level = "warn"};
  host::ResidentHost resident(std::move(options),
                              [](std::unique_ptr<host::Instance> inner) { return test::with_fixed_moments(std::move(inner)); });
  if (auto started = resident.start(); !started) {
    std::fprintf(stderr, "%s\n", started.error().c_str());
    return 1;
  }
  resident.listen();
  resident.run();
  return 0;
}
