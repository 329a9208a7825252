#include "os/terminal.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "os/handle.h"
#include "os/posix/call.h"

namespace ipm::os {
namespace {

int number(Stream stream) {
  switch (stream) {
    case Stream::Input:
      return STDIN_FILENO;
    case Stream::Output:
      return STDOUT_FILENO;
    case Stream::Error:
      break;
  }
  return STDERR_FILENO;
}

// Echo off for the life of this object, whatever ends it.
class QuietTerminal {
 public:
  explicit QuietTerminal(int terminal) : terminal_(terminal) {
    ::tcgetattr(terminal_, &before_);
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(terminal_, TCSAFLUSH, &quiet);
  }
  QuietTerminal(const QuietTerminal&) = delete;
  QuietTerminal& operator=(const QuietTerminal&) = delete;
  ~QuietTerminal() { ::tcsetattr(terminal_, TCSAFLUSH, &before_); }

 private:
  int terminal_;
  termios before_{};
};

void show(int terminal, std::string_view text) {
  [[maybe_unused]] const auto written = ::write(terminal, text.data(), text.size());
}

}  // namespace

bool is_terminal(Stream stream) {
  return ::isatty(number(stream)) == 1;
}

std::optional<std::size_t> terminal_columns(Stream stream) {
  winsize size{};
  if (::ioctl(number(stream), TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return std::nullopt;
  return size.ws_col;
}

std::error_code ask_quietly(std::string_view prompt, std::string& answer) {
  const Handle handle(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
  if (!handle) return posix::last_error();
  const int terminal = posix::number(handle);
  const QuietTerminal quiet(terminal);
  show(terminal, prompt);
  char c = 0;
  while (answer.size() < answer.capacity()) {
    const auto got = posix::uninterrupted([&] { return ::read(terminal, &c, 1); });
    if (got != 1 || c == '\n') break;
    answer += c;
  }
  show(terminal, "\n");
  return {};
}

void wipe(std::span<char> bytes) noexcept {
  volatile char* const place = bytes.data();
  for (std::size_t i = 0; i < bytes.size(); ++i) place[i] = 0;
}

}  // namespace ipm::os
