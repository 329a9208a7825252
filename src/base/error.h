#pragma once
// The one exception type: what happened, what was expected, how to mend it, and its number in the
// catalogue. The person at the terminal sees exactly these; programs look at the number's row.

#include <exception>
#include <string>

#include "base/messages.h"

namespace ipm {

class Error : public std::exception {
 public:
  // `mend` may be empty: then the catalogue's general mend is shown.
  Error(Message message, std::string happened, std::string expected, std::string mend = {});

  Message message() const noexcept { return message_; }
  Reaction reaction() const { return row(message_).reaction; }
  const std::string& happened() const noexcept { return happened_; }
  const std::string& expected() const noexcept { return expected_; }
  const std::string& mend() const noexcept { return mend_; }

  // One line: "IMP-1001 happened; expected: …; mend: …".
  const char* what() const noexcept override { return line_.c_str(); }

  // Three lines for a terminal.
  std::string for_terminal() const;

 private:
  Message message_;
  std::string happened_;
  std::string expected_;
  std::string mend_;
  std::string line_;
};

// The message of any exception, as one line.
std::string describe(const std::exception_ptr& failure);

// Text of the C library's error `number`, without the locale's lock: "No space left on device".
std::string errno_text(int number);

}  // namespace ipm
