#include "ipm/common/run_program.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/error.h"

extern char** environ;

namespace ipm::app {
namespace {

// Owns what posix_spawn is told about descriptors.
class FileActions {
 public:
  FileActions() { posix_spawn_file_actions_init(&actions_); }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;
  ~FileActions() { posix_spawn_file_actions_destroy(&actions_); }

  posix_spawn_file_actions_t* get() { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

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
    if (::access(path.c_str(), X_OK) == 0) return path;
  }
  return std::nullopt;
}

void run_program(const std::filesystem::path& program, const std::vector<std::string>& arguments) {
  std::vector<std::string> words = {program.string()};
  words.insert(words.end(), arguments.begin(), arguments.end());
  const auto command = fmt::format("{}", fmt::join(words, " "));
  std::vector<char*> pointers;
  for (auto& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);

  FileActions actions;
  posix_spawn_file_actions_addopen(actions.get(), STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(actions.get(), STDERR_FILENO, STDOUT_FILENO);
  pid_t child = 0;
  const int error =
      ::posix_spawn(&child, program.c_str(), actions.get(), nullptr, pointers.data(), environ);
  if (error != 0) failed(command, errno_text(error));
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) failed(command, errno_text(errno));
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    failed(command, fmt::format("it ended with status {}",
                                WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status)));
  }
}

}  // namespace ipm::app
