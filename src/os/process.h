#pragma once
// This process and others: limits, signals, programs started without a shell, libraries loaded late.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

namespace ipm::os {

std::uint64_t process_number();

// Ends this process without a destructor or a handler: for when some of them may never return.
[[noreturn]] void end_at_once(int status);

// Files and sockets that this process may have open at once; nothing: as many as it likes.
std::optional<std::size_t> open_files_max();
// As many as the system lets this process have.
void raise_open_files();

// A broken pipe and a file that may not grow are error codes from then on. Before any thread.
void ignore_write_signals();
// Signals that ask to stop, and (where the system has one) to read the configuration again.
std::vector<int> stop_signals();
std::optional<int> reload_signal();

// Starts a program by its path with nothing on its standard input and its standard output on our
// standard error, and waits for its end: its exit status, negative the signal that ended it.
// `failure` where it could not be started.
int run(const std::filesystem::path& program, const std::vector<std::string>& arguments,
        std::error_code& failure);

// A shared library by its file name.
class Library {
 public:
  static Library load(const std::string& name, std::string& failure);
  explicit operator bool() const { return static_cast<bool>(handle_); }

  // Null where it has no such function.
  template <class Function>
  Function find(const char* name) const {
    return reinterpret_cast<Function>(address(name));
  }

 private:
  void* address(const char* name) const;
  struct Close {
    void operator()(void* library) const noexcept;
  };
  std::unique_ptr<void, Close> handle_;
};

}  // namespace ipm::os
