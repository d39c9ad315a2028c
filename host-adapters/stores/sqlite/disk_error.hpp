// Errors of the file system as text for the operator: the cause, then what to do.
#pragma once
#include <string>

namespace lntpay::host {

/// "Permission denied. Give this user write access to data/lntpay.db and to its folder". `error` is an errno; `path` is the file or
/// folder that the failed call was about.
std::string disk_error(int error, const std::string& path);

/// The folder of a file: "." for a bare name.
std::string folder_of(const std::string& path);

/// Why this user cannot write to the file or, where it does not exist, to its folder: an errno; 0: it can.
int write_error(const std::string& path);

}  // namespace lntpay::host
