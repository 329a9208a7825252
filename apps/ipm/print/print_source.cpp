#include "ipm/print/print_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/error.h"
#include "base/text.h"
#include "os/error.h"

namespace ipm::app {
namespace {

constexpr std::size_t kPieceBytes = 128U << 10U;

os::File open_file(const std::string& path) {
  std::error_code failure;
  auto file = path == "-" ? os::File::standard_input(failure)
                          : os::File::open(path, os::Intent::Read, failure);
  if (file) return file;
  const bool missing =
      failure == std::errc::no_such_file_or_directory || failure == std::errc::not_a_directory;
  throw Error(missing ? Message::FileNotFound : Message::FileUnreadable,
              fmt::format("{}: {}", printable(path, 600), os::text_of(failure)),
              "a file to print, or - for standard input");
}

}  // namespace

PrintSource::PrintSource(const std::string& path)
    : path_(path == "-" ? "standard input" : path), file_(open_file(path)), buffer_(kPieceBytes) {
  if (path != "-") name_ = std::filesystem::path(path).filename().string();
  std::error_code failure;
  const auto facts = file_.facts(failure);
  if (failure) fail(os::text_of(failure));
  if (facts.kind == os::Kind::Folder) fail("it is a folder");
  // Files that the system makes up as they are read have no size: their end tells.
  if (facts.kind == os::Kind::File && facts.bytes > 0) {
    const auto at = file_.position();
    if (at && *at < facts.bytes) bytes_ = facts.bytes - *at;
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
    std::error_code failure;
    const auto space = std::span(buffer_).subspan(filled, wanted - filled);
    const auto got = file_.read({reinterpret_cast<char*>(space.data()), space.size()}, failure);
    if (failure) fail(os::text_of(failure));
    if (got == 0) break;
    filled += got;
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
