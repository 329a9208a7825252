#pragma once
// A passphrase or other secret text: wiped when it goes, never printable by accident.

#include <string>
#include <string_view>

namespace ipm {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  ~Secret() { wipe(); }

  // The text itself, for the one call that needs it; it lives as long as this object.
  std::string_view reveal() const { return text_; }
  bool empty() const { return text_.empty(); }

 private:
  void wipe() noexcept;

  std::string text_;
};

// Reads one line from the terminal without echo. Throws Error{UsageWrong} when there is no terminal.
Secret ask_secret(std::string_view prompt);

}  // namespace ipm
