// The files of build/resources, which the host serves beside the API: resources.json in their folder lists them
// (edge/reference/resources.mjs).
#pragma once
#include <expected>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "edge/contract/contract.hpp"

namespace lntpay::host {

/// A response whose body is not copied out of the files.
struct FileResponse {
  Response head;
  std::string_view body{};  ///< after the one in `head`
};

class StaticFiles {
 public:
  /// None: every path is the engine's.
  StaticFiles() = default;
  /// Reads all files into memory. Without resources.json there are none. The error is for the operator.
  static std::expected<StaticFiles, std::string> load(const std::filesystem::path& folder);

  /// The response if the path is that of a file, for any method; 304 if the client has it already, compressed if the client takes
  /// gzip.
  [[nodiscard]] std::optional<FileResponse> answer(const Request& request, std::string_view request_id) const;

 private:
  struct File {
    std::string etag;
    std::vector<Header> headers;
    std::string plain;
    std::string gzip;
  };
  std::map<std::string, File, std::less<>> by_path_;
};

}  // namespace lntpay::host
