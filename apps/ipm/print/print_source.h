#pragma once
// A document on its way to a server: a file, or standard input, read piece by piece, so that memory
// stays flat however large it is. What can be read only once (a pipe) is opened once.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "os/file.h"

namespace ipm::app {

// Before anything is sent: a job is not made for files that cannot be read, or of which two are the
// same pipe. Regular files are opened and closed; others are looked at and not touched. Throws
// Error{FileNotFound, FileUnreadable, UsageWrong}.
void check_sources(const std::vector<std::string>& paths);

class PrintSource {
 public:
  // "-" is standard input. Opens it and reads nothing. Throws Error{FileNotFound, FileUnreadable},
  // also for a folder.
  explicit PrintSource(const std::string& path);

  // Reads the first piece; waits for it without blocking the thread, as next() does. Throws
  // Error{FileUnreadable}, also for a document without a byte.
  boost::asio::awaitable<void> begin();

  const std::string& name() const { return name_; }  // without folders; empty for standard input
  std::string_view first_bytes() const;              // of the first piece, before next()
  // Of a regular file; absent where only the end tells.
  const std::optional<std::uint64_t>& bytes() const { return bytes_; }
  std::uint64_t bytes_read() const { return bytes_read_; }

  // Empty at the end. The piece stays as it is until the next call. Throws Error{FileUnreadable},
  // also when a file has become shorter than it was.
  boost::asio::awaitable<std::span<const unsigned char>> next();

  // Who waits for its bytes waits no longer: Error{FileUnreadable}.
  void give_up() { given_up_ = true; }

 private:
  boost::asio::awaitable<std::size_t> fill();
  boost::asio::awaitable<void> wait_readable() const;

  std::string path_;
  std::string name_;
  os::File file_;
  bool given_up_ = false;
  bool may_wait_ = false;  // its bytes come as somebody writes them
  std::optional<std::uint64_t> bytes_;
  std::uint64_t bytes_read_ = 0;  // handed out by next()
  std::uint64_t bytes_taken_ = 0;
  std::vector<unsigned char> buffer_;
  std::size_t waiting_ = 0;  // in the buffer, not yet handed out
};

}  // namespace ipm::app
