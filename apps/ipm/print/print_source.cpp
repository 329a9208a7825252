#include "ipm/print/print_source.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "base/error.h"
#include "base/text.h"

namespace ipm::app {
namespace {

constexpr std::size_t kPieceBytes = 128U << 10U;

FileHandle open_file(const std::string& path) {
  FileHandle file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file) return file;
  const int reason = errno;
  throw Error(
      reason == ENOENT || reason == ENOTDIR ? Message::FileNotFound : Message::FileUnreadable,
      fmt::format("{}: {}", printable(path, 600), errno_text(reason)),
      "a file to print, or - for standard input");
}

}  // namespace

PrintSource::PrintSource(const std::string& path)
    : path_(path == "-" ? "standard input" : path), buffer_(kPieceBytes) {
  if (path == "-") {
    descriptor_ = STDIN_FILENO;
  } else {
    file_ = open_file(path);
    descriptor_ = file_.get();
    name_ = std::filesystem::path(path).filename().string();
  }
  struct stat status{};
  if (::fstat(descriptor_, &status) != 0) fail(errno_text(errno));
  if (S_ISDIR(status.st_mode)) fail("it is a folder");
  // Files that the system makes up as they are read have no size: their end tells.
  if (S_ISREG(status.st_mode) && status.st_size > 0) {
    const off_t at = ::lseek(descriptor_, 0, SEEK_CUR);
    if (at >= 0 && at < status.st_size) bytes_ = static_cast<std::uint64_t>(status.st_size - at);
  }
  waiting_ = fill();
  if (waiting_ == 0) fail("it is empty");
}

std::string_view PrintSource::first_bytes() const {
  // Bytes as text: what begins a document is compared with text.
  return {reinterpret_cast<const char*>(buffer_.data()), waiting_};
}

std::span<const unsigned char> PrintSource::next() {
  if (waiting_ == 0) waiting_ = fill();
  const auto piece = std::span<const unsigned char>(buffer_).first(waiting_);
  bytes_read_ += piece.size();
  waiting_ = 0;
  if (piece.empty() && bytes_ && bytes_read_ < *bytes_) {
    fail(fmt::format("it ended after {} of {} bytes: somebody made it shorter", bytes_read_,
                     *bytes_));
  }
  return piece;
}

// What a file grows by meanwhile is left out: its size has been announced.
std::size_t PrintSource::fill() {
  const std::uint64_t left = bytes_ ? *bytes_ - bytes_taken_ : buffer_.size();
  const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(left, buffer_.size()));
  std::size_t filled = 0;
  while (filled < wanted) {
    const ssize_t got = ::read(descriptor_, buffer_.data() + filled, wanted - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail(errno_text(errno));
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
    if (!bytes_) break;  // A pipe's bytes go on as they come.
  }
  bytes_taken_ += filled;
  return filled;
}

void PrintSource::fail(const std::string& happened) const {
  throw Error(Message::FileUnreadable, fmt::format("{}: {}", printable(path_, 600), happened),
              "a file that can be read and has something in it, or - for standard input");
}

}  // namespace ipm::app
