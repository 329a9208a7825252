#pragma once
// A lock that processes take one after the other while they read, change and replace a file.

#include <chrono>
#include <filesystem>

#include "os/lock.h"

namespace ipm {

// Holds `file`'s lock as long as the lock lives; the system lets go of it however the process
// ends. It is a file of its own beside it, ".NAME.lock", for `file` itself is replaced while the
// lock is held, and its folder may be locked by anybody who may read it. Missing folders are made.
// Throws Error{FileUnwritable} when another process holds the lock for longer than `wait_max`, and
// where the lock cannot be made.
os::Lock lock_file(const std::filesystem::path& file, std::chrono::milliseconds wait_max);

}  // namespace ipm
