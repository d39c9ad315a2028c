// The operator's settings for the node of `live`: docs/lnd.md.
#pragma once
#include <filesystem>
#include <string>

namespace lntpay::host {

struct LndOptions {
  std::string url;  ///< empty: there is none
  std::filesystem::path certificate;
  std::string public_key;
  std::filesystem::path receive_macaroon;
  std::filesystem::path pay_macaroon;  ///< empty: a host that only receives
};

}  // namespace lntpay::host
