#pragma once
// What happened in one run, line by line: the same seed gives the same lines.

#include <fmt/format.h>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace ipm::simulation {

// A promise was broken.
struct Broken : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class Trace {
 public:
  template <class... Values>
  void note(fmt::format_string<Values...> format, Values&&... values) {
    add(fmt::format(format, std::forward<Values>(values)...));
  }
  // Throws Broken.
  template <class... Values>
  [[noreturn]] void fail(fmt::format_string<Values...> format, Values&&... values) {
    const std::string what = fmt::format(format, std::forward<Values>(values)...);
    add("BROKEN: " + what);
    throw Broken(what);
  }

  // Differs from run to run, and is left out: the folder in which it all lies.
  void leave_out(std::string folder) { folder_ = std::move(folder); }

  const std::vector<std::string>& lines() const { return lines_; }
  std::uint64_t digest() const { return digest_; }

 private:
  void add(std::string line);  // with the time

  std::string folder_;
  std::vector<std::string> lines_;
  std::uint64_t digest_ = 14695981039346656037ULL;  // FNV-1a
};

}  // namespace ipm::simulation
