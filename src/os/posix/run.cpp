// Programs started without a shell.
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/posix/call.h"
#include "os/process.h"

extern char** environ;

namespace ipm::os {
namespace {

// Owns what posix_spawn is told about descriptors.
class FileActions {
 public:
  FileActions() {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions_, STDERR_FILENO, STDOUT_FILENO);
  }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;
  ~FileActions() { posix_spawn_file_actions_destroy(&actions_); }

  const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

}  // namespace

int run(const std::filesystem::path& program, const std::vector<std::string>& arguments,
        std::error_code& failure) {
  std::vector<std::string> words = {program.string()};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (auto& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);

  const FileActions actions;
  pid_t child = 0;
  const int refused =
      ::posix_spawn(&child, program.c_str(), actions.get(), nullptr, pointers.data(), environ);
  failure = {refused, std::system_category()};
  if (failure) return 0;
  int status = 0;
  if (posix::uninterrupted([&] { return ::waitpid(child, &status, 0); }) < 0) {
    failure = posix::last_error();
    return 0;
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

}  // namespace ipm::os
