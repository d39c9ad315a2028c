// Real exchanges with lnd's REST gateway (v0.21.2-beta on regtest), one file each: name, request, response, and in some
// a note. Secret header values are replaced. The Date header is in files named dated-*, which
// tests/lnd/record.mjs makes.
#pragma once
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "core/storage/effect.hpp"

namespace lntpay::lnd_recordings {

struct Recording {
  std::string method;
  std::string path;
  nlohmann::json body;  ///< of the request; null without one
  Response response;
};

/// All of them, by name. Run from the project's root.
inline const std::map<std::string, Recording>& all() {
  static const auto recordings = [] {
    std::map<std::string, Recording> found;
    for (const auto& file : std::filesystem::directory_iterator("tests/lnd/recordings")) {
      std::ifstream in{file.path()};
      const auto json = nlohmann::json::parse(in);
      const auto& request = json.at("request");
      const auto& response = json.at("response");
      Recording recording{.method = request.at("method"), .path = request.at("path"), .body = request.at("body"), .response = {}};
      recording.response.status = response.at("status");
      recording.response.body = response.at("body_text");
      for (const auto& [name, value] : response.at("headers").items()) recording.response.headers.push_back({name, value});
      found.emplace(json.at("name"), std::move(recording));
    }
    return found;
  }();
  return recordings;
}

}  // namespace lntpay::lnd_recordings
