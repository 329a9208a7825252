#pragma once
// A document on its way to a server: a file, or standard input, read piece by piece, so that memory
// stays flat however large it is.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "os/file.h"

namespace ipm::app {

class PrintSource {
 public:
  // "-" is standard input. Reads the first piece. Throws Error{FileNotFound, FileUnreadable}, also
  // for a folder and for a document without a byte.
  explicit PrintSource(const std::string& path);

  const std::string& name() const { return name_; }  // without folders; empty for standard input
  std::string_view first_bytes() const;              // of the first piece, before next()
  // Of a regular file; absent where only the end tells.
  const std::optional<std::uint64_t>& bytes() const { return bytes_; }
  std::uint64_t bytes_read() const { return bytes_read_; }

  // Empty at the end. The piece stays as it is until the next call. Throws Error{FileUnreadable},
  // also when a file has become shorter than it was.
  std::span<const unsigned char> next();

 private:
  std::size_t fill();
  [[noreturn]] void fail(const std::string& happened) const;

  std::string path_;
  std::string name_;
  os::File file_;
  std::optional<std::uint64_t> bytes_;
  std::uint64_t bytes_read_ = 0;  // handed out by next()
  std::uint64_t bytes_taken_ = 0;
  std::vector<unsigned char> buffer_;
  std::size_t waiting_ = 0;  // in the buffer, not yet handed out
};

}  // namespace ipm::app
