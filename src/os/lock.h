#pragma once
// Locks that processes (and threads) hold one after the other. The system lets go of them however
// their holder ends.

#include <filesystem>
#include <system_error>

#include "os/handle.h"

namespace ipm::os {

class Lock {
 public:
  Lock() = default;  // holds nothing

  // By a file of its own, made where it is missing, for its owner's use only; a link is refused.
  // Does not wait: errc::operation_would_block where another holds it.
  static Lock try_take(const std::filesystem::path& file, std::error_code& failure);
  // Of an open file that others see too. errc::no_such_file_or_directory where it has lost its name.
  static Lock try_take_open(const Handle& file, std::error_code& failure);
  // Of a folder, by anybody who may read it. Waits for its turn.
  static Lock take_folder(const std::filesystem::path& folder, std::error_code& failure);

  explicit operator bool() const { return static_cast<bool>(handle_); }

 private:
  explicit Lock(Handle handle) : handle_(std::move(handle)) {}
  Handle handle_;
};

}  // namespace ipm::os
