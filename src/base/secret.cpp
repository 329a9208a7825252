#include "base/secret.h"

#include <fcntl.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <utility>

#include "base/error.h"
#include "base/files.h"

namespace ipm {

Secret::Secret(Secret&& other) noexcept : text_(std::move(other.text_)) {
  other.wipe();
}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    wipe();
    text_ = std::move(other.text_);
    other.wipe();
  }
  return *this;
}

// A short text lives inside the string object, which a move copies: the whole capacity is wiped.
void Secret::wipe() noexcept {
  explicit_bzero(text_.data(), text_.capacity());
  text_.clear();
}

namespace {

// Echo off for the life of this object, whatever ends it.
class QuietTerminal {
 public:
  explicit QuietTerminal(int terminal) : terminal_(terminal) {
    tcgetattr(terminal_, &before_);
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(terminal_, TCSAFLUSH, &quiet);
  }
  QuietTerminal(const QuietTerminal&) = delete;
  QuietTerminal& operator=(const QuietTerminal&) = delete;
  ~QuietTerminal() { tcsetattr(terminal_, TCSAFLUSH, &before_); }

 private:
  int terminal_;
  termios before_{};
};

}  // namespace

Secret ask_secret(std::string_view prompt) {
  const FileHandle terminal{::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)};
  if (!terminal) {
    throw Error(Message::UsageWrong, "a passphrase is needed and there is no terminal to ask at",
                "a terminal, or a file with the passphrase", "add --passphrase-file FILE");
  }
  auto show = [&](std::string_view text) {
    [[maybe_unused]] const auto written = ::write(terminal.get(), text.data(), text.size());
  };
  const QuietTerminal quiet(terminal.get());
  show(prompt);
  std::string text;
  text.reserve(1024);  // No reallocation: it would leave a copy behind.
  char c = 0;
  while (text.size() < text.capacity() && ::read(terminal.get(), &c, 1) == 1 && c != '\n')
    text += c;
  show("\n");
  return Secret(std::move(text));
}

}  // namespace ipm
