#include "ipm/print/print_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <filesystem>
#include <set>
#include <system_error>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "os/error.h"
#include "os/streams.h"
#include "pki/wanted.h"

namespace ipm::app {
namespace asio = boost::asio;
namespace {

constexpr std::size_t kPieceBytes = 128U << 10U;
constexpr std::size_t kPathBytesShown = 600;
// A pipe that is filled steadily has its next bytes within a millisecond; for others the thread is
// given to the connection.
constexpr std::chrono::milliseconds kPipeWait{1};
constexpr std::chrono::milliseconds kPipePause{10};

std::string shown(const std::string& path) {
  return path == "-" ? "standard input" : printable(path, kPathBytesShown);
}

// A path that a shell takes back; nothing where it is no text.
std::string quoted(const std::string& path) {
  return is_utf8(path) ? pki::shell_word(path) : "FILE";
}

[[noreturn]] void refuse_empty(const std::string& path) {
  throw Error(Message::FileUnreadable, fmt::format("{}: it is empty", shown(path)),
              "a document of at least one byte",
              path == "-" ? "pipe a document into it: COMMAND | ipm print -"
                          : "look at what should have written it; the file has no byte to print");
}

[[noreturn]] void refuse_folder(const std::string& path) {
  throw Error(Message::FileUnreadable, fmt::format("{}: it is a folder", shown(path)),
              "a file to print, or - for standard input",
              fmt::format("name the files in it: ipm print {}/*", quoted(path)));
}

struct Advice {
  Message message;
  std::string mend;
};

Advice advice_for(const std::string& path, const std::error_code& reason) {
  if (reason == std::errc::no_such_file_or_directory || reason == std::errc::not_a_directory) {
    return {Message::FileNotFound, "check the path, and the folder that it starts from: pwd"};
  }
  if (reason == std::errc::filename_too_long) {
    return {Message::FileNotFound, "check the path: no file can be called so"};
  }
  if (reason == std::errc::too_many_symbolic_link_levels) {
    return {Message::FileUnreadable,
            fmt::format("the symbolic link leads back to itself: name the file itself, or make the "
                        "link anew; ls -l {} shows where it leads",
                        quoted(path))};
  }
  if (reason == std::errc::permission_denied || reason == std::errc::operation_not_permitted) {
    return {
        Message::FileUnreadable,
        fmt::format("ask its owner to let you read it, or print it as its owner; ls -l {} shows "
                    "who that is",
                    quoted(path))};
  }
  if (reason == std::errc::no_such_device_or_address) {
    return {Message::FileUnreadable, "it is a socket: standard input is read as -"};
  }
  if (reason == std::errc::bad_file_descriptor) {
    return {Message::FileUnreadable, "pipe a document into it: COMMAND | ipm print -"};
  }
  return {Message::FileUnreadable, "copy the file to another disk, and print the copy"};
}

[[noreturn]] void refuse(const std::string& path, const std::error_code& reason) {
  Advice advice = advice_for(path, reason);
  throw Error(advice.message, fmt::format("{}: {}", shown(path), os::text_of(reason)),
              "a file to print, or - for standard input", std::move(advice.mend));
}

// A named pipe is opened without waiting for who writes into it; wait_readable() does.
os::File open_file(const std::string& path) {
  std::error_code failure;
  auto file = path == "-" ? os::File::standard_input(failure)
                          : os::File::open(path, os::Intent::ReadNow, failure);
  if (!file) refuse(path, failure);
  return file;
}

os::SourceFacts look_at(const std::string& path) {
  std::error_code failure;
  const auto facts =
      path == "-" ? os::look_at_standard_input(failure) : os::look_at_source(path, failure);
  if (failure) refuse(path, failure);
  if (facts.folder) refuse_folder(path);
  return facts;
}

// Files that the system makes up as they are read have no size: only a byte tells.
void check_regular(const std::string& path) {
  const os::File file = open_file(path);
  std::error_code failure;
  char byte = 0;
  const auto got = file.read_at(0, {&byte, 1}, failure);
  if (failure) refuse(path, failure);
  if (got == 0) refuse_empty(path);
}

}  // namespace

void check_sources(const std::vector<std::string>& paths) {
  std::set<std::pair<std::uint64_t, std::uint64_t>> pipes;
  for (const std::string& path : paths) {
    const auto facts = look_at(path);
    const bool once = path == "-" || facts.read_once;
    if (once && !pipes.insert({facts.identity.volume, facts.identity.number}).second) {
      throw Error(Message::UsageWrong, fmt::format("{} is given twice", shown(path)),
                  "a pipe once at most: it can be read only once",
                  "for several copies: --copies N");
    }
    if (path == "-") continue;
    std::error_code failure;
    if (!os::may_read(path, failure)) refuse(path, failure);
    if (paths.size() > 1 && facts.regular) check_regular(path);
  }
}

PrintSource::PrintSource(const std::string& path)
    : path_(path), file_(open_file(path)), buffer_(kPieceBytes) {
  if (path != "-") name_ = std::filesystem::path(path).filename().string();
  std::error_code failure;
  const auto facts = file_.facts(failure);
  if (failure) refuse(path, failure);
  if (facts.kind == os::Kind::Folder) refuse_folder(path);
  may_wait_ = facts.kind != os::Kind::File;
  // Files that the system makes up as they are read have no size: their end tells.
  if (facts.kind == os::Kind::File && facts.bytes > 0) {
    const auto at = file_.position();
    if (at && *at < facts.bytes) bytes_ = facts.bytes - *at;
  }
}

asio::awaitable<void> PrintSource::begin() {
  waiting_ = co_await fill();
  if (waiting_ == 0) refuse_empty(path_);
}

std::string_view PrintSource::first_bytes() const {
  // Bytes as text: what begins a document is compared with text.
  return {reinterpret_cast<const char*>(buffer_.data()), waiting_};
}

asio::awaitable<std::span<const unsigned char>> PrintSource::next() {
  if (waiting_ == 0) waiting_ = co_await fill();
  const auto piece = std::span<const unsigned char>(buffer_).first(waiting_);
  bytes_read_ += piece.size();
  waiting_ = 0;
  if (piece.empty() && bytes_ && bytes_read_ < *bytes_) {
    throw Error(
        Message::FileUnreadable,
        fmt::format("{}: it ended after {} of {} bytes", shown(path_), bytes_read_, *bytes_),
        "a file that stays as it is while it is printed",
        "print it again when the program that writes it has ended");
  }
  co_return piece;
}

// Descriptors that we share with others (standard input) keep their mode: they are asked, not made
// non-blocking.
asio::awaitable<void> PrintSource::wait_readable() const {
  std::optional<asio::steady_timer> timer;
  while (!given_up_) {
    if (os::is_readable(file_, kPipeWait)) co_return;
    if (!timer) timer.emplace(co_await asio::this_coro::executor);
    timer->expires_after(kPipePause);
    co_await timer->async_wait(asio::use_awaitable);
  }
  throw Error(Message::FileUnreadable, fmt::format("{}: it is not read to its end", shown(path_)),
              "the program to go on");
}

// What a file grows by meanwhile is left out: its size has been announced.
asio::awaitable<std::size_t> PrintSource::fill() {
  const std::uint64_t left = bytes_ ? *bytes_ - bytes_taken_ : buffer_.size();
  const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(left, buffer_.size()));
  const std::span<char> space(reinterpret_cast<char*>(buffer_.data()), buffer_.size());
  std::size_t filled = 0;
  while (filled < wanted) {
    if (may_wait_) co_await wait_readable();
    std::error_code failure;
    const std::size_t got = file_.read(space.subspan(filled, wanted - filled), failure);
    if (failure == std::errc::resource_unavailable_try_again) continue;
    if (failure) refuse(path_, failure);
    if (got == 0) break;
    filled += got;
    if (!bytes_) break;  // A pipe's bytes go on as they come.
  }
  bytes_taken_ += filled;
  co_return filled;
}

}  // namespace ipm::app
