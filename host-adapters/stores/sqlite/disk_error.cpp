// Advice by errno.
#include "host-adapters/stores/sqlite/disk_error.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace lntpay::host {
namespace {

std::string advice(int error, const std::string& path) {
  switch (error) {
    case EACCES:
    case EPERM: return "Give this user write access to " + path + " and to its folder";
    case EROFS: return "The file system of " + path + " is mounted read-only: mount it for writing, or choose another folder";
    case ENOSPC: return "Free some space on the disk of " + path;
    case EDQUOT: return "Free some space there, or raise this user's quota on the disk of " + path;
    case ENOENT:
    case ENOTDIR: return "Create the folder " + folder_of(path) + ", or name another one";
    case EEXIST: return "Move the file of that name away, or name another folder";
    case EISDIR: return "Move the folder of that name away, or name another file";
    case EMFILE:
    case ENFILE: return "Raise the limit on open files (ulimit -n)";
    default: return "Check the disk of " + path + " and the system's log";
  }
}

}  // namespace

std::string folder_of(const std::string& path) {
  const auto folder = std::filesystem::path(path).parent_path();
  return folder.empty() ? "." : folder.string();
}

std::string disk_error(int error, const std::string& path) {
  return std::string{std::strerror(error)} + ". " + advice(error, path);
}

int write_error(const std::string& path) {
  if (access(path.c_str(), W_OK) != 0 && errno != ENOENT) return errno;
  return access(folder_of(path).c_str(), W_OK) == 0 ? 0 : errno;
}

}  // namespace lntpay::host
