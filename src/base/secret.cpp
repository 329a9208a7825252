#include "base/secret.h"

#include <utility>

#include "base/error.h"
#include "os/terminal.h"

namespace ipm {
namespace {

constexpr std::size_t kAnswerBytesMax = 1024;

}  // namespace

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
  os::wipe({text_.data(), text_.capacity()});
  text_.clear();
}

Secret ask_secret(std::string_view prompt) {
  std::string text;
  text.reserve(kAnswerBytesMax);
  if (os::ask_quietly(prompt, text)) {
    throw Error(Message::UsageWrong, "a passphrase is needed and there is no terminal to ask at",
                "a terminal, or a file with the passphrase", "add --passphrase-file FILE");
  }
  return Secret(std::move(text));
}

}  // namespace ipm
