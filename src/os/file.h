#pragma once
// An open file: opened with an intent, read and written whole. Calls that a signal interrupted are
// made again. Failures are std::error_code of the system's category, to be compared with std::errc.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string_view>
#include <system_error>

#include "os/facts.h"
#include "os/handle.h"
#include "os/privacy.h"

namespace ipm::os {

enum class Intent {
  Read,         // what is there; of a named pipe the other end is waited for
  ReadNow,      // what is there; nothing is waited for
  ReadOwn,      // what is there under this very name: a link is refused
  Make,         // a new file: errc::file_exists where anything has the name, be it a link
  MakeOrClear,  // a new file, or the old one emptied; a link is refused
};

class File {
 public:
  File() = default;  // none
  explicit File(Handle handle) : handle_(std::move(handle)) {}

  // `privacy` is that of a new file, from its first moment on, lessened by the umask.
  // Returns none, with `failure` set, where it cannot be opened. No child inherits it.
  static File open(const std::filesystem::path& path, Intent intent, std::error_code& failure,
                   Privacy privacy = Privacy::Owner);
  static File standard_input(std::error_code& failure);

  explicit operator bool() const { return static_cast<bool>(handle_); }
  const Handle& handle() const { return handle_; }
  void close() { handle_.close(); }

  Facts facts(std::error_code& failure) const;
  std::error_code set_privacy(Privacy privacy);
  // The same for a file that is to replace the one at `replaced`: it takes over its owner, its group
  // and, beyond `privacy`, that group's right to read, as far as this process may give them. Whoever
  // could read the old one as a service can read the new one.
  std::error_code set_privacy_after(const std::filesystem::path& replaced, Privacy privacy);

  // What is there now, at most `space`; 0 at the end.
  std::size_t read(std::span<char> space, std::error_code& failure);
  // Fills `space` from `offset` on; less at the end of the file. Any thread.
  std::size_t read_at(std::uint64_t offset, std::span<char> space, std::error_code& failure) const;
  std::error_code write_all(std::string_view bytes);
  // One call of the system: the bytes that it took.
  std::size_t write_some(std::string_view bytes, std::error_code& failure);
  // Takes that much room on the disk, from the file's beginning on; its bytes are zeros.
  std::error_code allocate(std::uint64_t bytes);
  // To stable storage, with all that finds it again but its name.
  std::error_code sync();
  // How far reading or writing has come; absent where there is no such thing (a pipe).
  std::optional<std::uint64_t> position() const;

  // Hints; no failure where the system has none of them.
  void will_read_in_order() const;
  void begin_writeback(std::uint64_t offset, std::uint64_t bytes) const;
  // From now on writes go past the system's memory, or through it again. They must then be aligned
  // in address, size and place (errc::invalid_argument). errc::not_supported where there is none.
  std::error_code set_direct(bool direct);

 private:
  Handle handle_;
};

// Gives `from` the name `to`, and replaces what was there, at once: each moment has one or the other.
std::error_code replace(const std::filesystem::path& from, const std::filesystem::path& to);
// A file or a socket; no folder.
std::error_code remove_file(const std::filesystem::path& path) noexcept;
// Whether this process may replace files in the folder, or run the program.
bool may_change(const std::filesystem::path& folder);
bool may_run(const std::filesystem::path& program);

}  // namespace ipm::os
