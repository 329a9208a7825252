#include "ipm/common/output.h"

#include <cerrno>
#include <cstdio>
#include <system_error>

#include "os/error.h"

namespace ipm::app {
namespace {

// A failed flush forgets what it held: the first errno is the one that counts.
int reason() {
  return errno == 0 ? EIO : errno;
}

}  // namespace

int write_output(std::string_view text) {
  errno = 0;
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() ? 0 : reason();
}

int flush_output() {
  errno = 0;
  return std::fflush(stdout) == 0 ? 0 : reason();
}

int close_output() {
  errno = 0;
  return std::fclose(stdout) == 0 ? 0 : reason();
}

Error output_error(int number) {
  return {Message::FileUnwritable,
          fmt::format("standard output cannot be written: {}",
                      os::text_of({number, std::generic_category()})),
          "a terminal, a pipe, or a file with free space",
          number == EBADF ? "leave out >&-, or write to a file: > FILE"
                          : "make room on that disk, or write elsewhere: > FILE"};
}

void put(std::string_view text) {
  if (const int number = write_output(text)) throw OutputFailure(number);
}

}  // namespace ipm::app
