#include "os/streams.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>

#include "os/posix/call.h"

namespace ipm::os {
namespace {

SourceFacts facts_of(int result, const struct stat& status, std::error_code& failure) {
  failure = result == 0 ? std::error_code() : posix::last_error();
  if (failure) return {};
  SourceFacts facts;
  facts.regular = S_ISREG(status.st_mode);
  facts.folder = S_ISDIR(status.st_mode);
  facts.read_once = S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode);
  facts.identity = {static_cast<std::uint64_t>(status.st_dev),
                    static_cast<std::uint64_t>(status.st_ino)};
  return facts;
}

}  // namespace

void keep_standard_streams() {
  // The other way round: reading from 0 fails, and so does writing to 1.
  constexpr int kModes[] = {O_WRONLY, O_RDONLY, O_WRONLY};
  for (int number = 0; number < 3; ++number) {
    // open() takes the lowest number that is free.
    if (::fcntl(number, F_GETFD) < 0) static_cast<void>(::open("/dev/null", kModes[number]));
  }
}

SourceFacts look_at_source(const std::filesystem::path& path, std::error_code& failure) {
  struct stat status{};
  const int result = ::stat(path.c_str(), &status);
  return facts_of(result, status, failure);
}

SourceFacts look_at_standard_input(std::error_code& failure) {
  struct stat status{};
  const int result = ::fstat(STDIN_FILENO, &status);
  return facts_of(result, status, failure);
}

bool may_read(const std::filesystem::path& path, std::error_code& failure) {
  const bool may = ::access(path.c_str(), R_OK) == 0;
  failure = may ? std::error_code() : posix::last_error();
  return may;
}

bool is_readable(const File& file, std::chrono::milliseconds wait) {
  pollfd asked{posix::number(file.handle()), POLLIN, 0};
  const int count = ::poll(&asked, 1, static_cast<int>(wait.count()));
  return count > 0 || (count < 0 && posix::last_error() != std::errc::interrupted);
}

bool is_ignored(int signal) {
  struct sigaction now{};
  return ::sigaction(signal, nullptr, &now) == 0 && now.sa_handler == SIG_IGN;
}

void end_by_signal(int signal) {
  std::signal(signal, SIG_DFL);
  std::raise(signal);
  ::_exit(128 + signal);  // where it is blocked
}

}  // namespace ipm::os
