#pragma once
// Standard output, each write of it checked: a full disk behind `>` is the user's to know of.

#include <fmt/format.h>

#include <exception>
#include <string_view>
#include <utility>

#include "base/error.h"

namespace ipm::app {

// 0, or the errno with which the system refused it.
int write_output(std::string_view text);
// What is still buffered; and as the last act of the program.
int flush_output();
int close_output();

// Standard output refused text that ends a command: thrown past all that goes on after an Error.
class OutputFailure : public std::exception {
 public:
  explicit OutputFailure(int number) : number_(number) {}
  int number() const noexcept { return number_; }  // errno
  const char* what() const noexcept override { return "standard output cannot be written"; }

 private:
  int number_;
};

// The Error{FileUnwritable} for that errno.
Error output_error(int number);

// Throws OutputFailure. (Context::say(), for what is told while the work goes on, does not.)
void put(std::string_view text);
template <class... Values>
void print_out(fmt::format_string<Values...> format, Values&&... values) {
  put(fmt::format(format, std::forward<Values>(values)...));
}

}  // namespace ipm::app
