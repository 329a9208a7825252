#include "base/error.h"

#include <fmt/format.h>

#include <system_error>
#include <utility>

namespace ipm {

Error::Error(Message message, std::string happened, std::string expected, std::string mend)
    : message_(message),
      happened_(std::move(happened)),
      expected_(std::move(expected)),
      mend_(mend.empty() ? std::string(row(message).mend) : std::move(mend)),
      line_(fmt::format("{} {}; expected: {}; mend: {}", row(message).number, happened_, expected_,
                        mend_)) {}

std::string Error::for_terminal() const {
  return fmt::format("{} {}\n  expected: {}\n  to mend:  {}\n", row(message_).number, happened_,
                     expected_, mend_);
}

std::string describe(const std::exception_ptr& failure) {
  if (!failure) return "no failure";
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "an unknown failure";
  }
}

std::string errno_text(int number) {
  return std::generic_category().message(number);
}

}  // namespace ipm
