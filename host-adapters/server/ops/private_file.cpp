// Permission checks and atomic replacement of private files.
#include "host-adapters/server/ops/private_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <format>

#include "host-adapters/stores/sqlite/disk_error.hpp"

namespace lntpay::host {
namespace {

constexpr mode_t permission_bits = 07777;
constexpr mode_t group_and_others = 077;
constexpr mode_t owner_only = 0600;

std::unexpected<std::string> system_error(const std::filesystem::path& path) {
  return std::unexpected(path.string() + ": " + std::strerror(errno));
}

std::unexpected<std::string> not_written(const std::filesystem::path& path, int error) {
  return std::unexpected(path.string() + " cannot be written: " + disk_error(error, path.string()));
}

}  // namespace

std::expected<void, std::string> check_private_file(const std::filesystem::path& path) {
  struct stat about{};
  if (stat(path.c_str(), &about) != 0) return system_error(path);
  if ((about.st_mode & group_and_others) == 0) return {};
  return std::unexpected(std::format("{0} has mode {1:04o}, so other users may have access to the secret in it. Run: chmod 600 {0}",
                                     path.string(), about.st_mode & permission_bits));
}

std::expected<void, std::string> write_private_file(const std::filesystem::path& path, const std::string& text) {
  const std::filesystem::path unfinished = path.string() + ".new";
  unlink(unfinished.c_str());
  const int file = ::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, owner_only);
  if (file < 0) return not_written(path, errno);
  int error = 0;
  for (std::size_t done = 0; error == 0 && done < text.size();) {
    const auto size = write(file, text.data() + done, text.size() - done);
    if (size < 0) error = errno;
    if (size == 0) error = EIO;
    done += size > 0 ? static_cast<std::size_t>(size) : 0;
  }
  if (error == 0 && fsync(file) != 0) error = errno;
  if (close(file) != 0 && error == 0) error = errno;
  if (error == 0 && rename(unfinished.c_str(), path.c_str()) != 0) error = errno;
  if (error == 0) return {};
  unlink(unfinished.c_str());
  return not_written(path, error);
}

}  // namespace lntpay::host
