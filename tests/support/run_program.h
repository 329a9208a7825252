#pragma once
// Runs a program without a shell, for fixtures that another implementation makes.

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <string>
#include <vector>

namespace ipm::test {

struct ProgramResult {
  int exit_code = -1;  // 128 and the signal where one ended it
  std::string output;  // standard output
  std::string errors;  // standard error
};

// The program is looked up in PATH; its standard input is empty. Throws std::runtime_error where it
// cannot be started.
inline ProgramResult run_program(const std::vector<std::string>& arguments) {
  std::array<int, 2> out{};
  std::array<int, 2> err{};
  if (pipe2(out.data(), O_CLOEXEC) != 0 || pipe2(err.data(), O_CLOEXEC) != 0) {
    throw std::runtime_error("pipe2 failed");
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err[1], STDERR_FILENO);
  std::vector<std::string> copies = arguments;
  std::vector<char*> pointers;
  for (std::string& argument : copies) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  pid_t child = -1;
  const int failure =
      posix_spawnp(&child, pointers.front(), &actions, nullptr, pointers.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(out[1]);
  close(err[1]);
  ProgramResult result;
  std::array<pollfd, 2> sources = {pollfd{out[0], POLLIN, 0}, pollfd{err[0], POLLIN, 0}};
  std::array<std::string*, 2> sinks = {&result.output, &result.errors};
  for (std::size_t open = failure == 0 ? 2 : 0; open > 0;) {
    if (poll(sources.data(), sources.size(), -1) < 0 && errno != EINTR) break;
    for (std::size_t i = 0; i < sources.size(); ++i) {
      if (sources.at(i).fd < 0 || sources.at(i).revents == 0) continue;
      std::array<char, 4096> buffer{};
      const ssize_t size = read(sources.at(i).fd, buffer.data(), buffer.size());
      if (size > 0) {
        sinks.at(i)->append(buffer.data(), static_cast<std::size_t>(size));
      } else {
        sources.at(i).fd = -1;
        --open;
      }
    }
  }
  close(out[0]);
  close(err[0]);
  if (failure != 0) throw std::runtime_error("cannot start " + arguments.front());
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return result;
}

// The same for a program that must succeed; its standard output.
inline std::string run_to_success(const std::vector<std::string>& arguments) {
  const ProgramResult result = run_program(arguments);
  if (result.exit_code != 0) {
    throw std::runtime_error(arguments.front() + " failed: " + result.errors);
  }
  return result.output;
}

}  // namespace ipm::test
