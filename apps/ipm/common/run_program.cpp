#include "ipm/common/run_program.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>

#include "base/error.h"
#include "os/error.h"
#include "os/file.h"
#include "os/process.h"

namespace ipm::app {
namespace {

[[noreturn]] void failed(std::string_view command, std::string_view cause) {
  throw Error(Message::Unexpected, fmt::format("{}: {}", command, cause), "the program to end well",
              "run it by hand to see more");
}

}  // namespace

std::optional<std::filesystem::path> find_program(std::string_view name) {
  static constexpr std::array<std::string_view, 5> kFolders = {"/usr/sbin", "/usr/bin", "/sbin",
                                                               "/bin", "/usr/local/bin"};
  for (const auto folder : kFolders) {
    const auto path = std::filesystem::path(folder) / name;
    if (os::may_run(path)) return path;
  }
  return std::nullopt;
}

void run_program(const std::filesystem::path& program, const std::vector<std::string>& arguments) {
  const auto command = arguments.empty()
                           ? program.string()
                           : fmt::format("{} {}", program.string(), fmt::join(arguments, " "));
  std::error_code failure;
  const int status = os::run(program, arguments, failure);
  if (failure) failed(command, os::text_of(failure));
  if (status != 0) failed(command, fmt::format("it ended with status {}", status));
}

}  // namespace ipm::app
