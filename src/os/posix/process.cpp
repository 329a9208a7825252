#include "os/process.h"

#include <dlfcn.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>

namespace ipm::os {

std::uint64_t process_number() {
  return static_cast<std::uint64_t>(::getpid());
}

void end_at_once(int status) {
  ::_exit(status);
}

std::optional<std::size_t> open_files_max() {
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur == RLIM_INFINITY) return {};
  return static_cast<std::size_t>(files.rlim_cur);
}

void raise_open_files() {
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
}

void ignore_write_signals() {
  std::signal(SIGPIPE, SIG_IGN);  // NOLINT
  std::signal(SIGXFSZ, SIG_IGN);  // NOLINT
}

std::vector<int> stop_signals() {
  return {SIGTERM, SIGINT};
}

std::optional<int> reload_signal() {
  return SIGHUP;
}

Library Library::load(const std::string& name, std::string& failure) {
  Library loaded;
  loaded.handle_.reset(::dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL));
  if (!loaded) {
    const char* const reason = ::dlerror();  // NOLINT(concurrency-mt-unsafe)
    failure = reason == nullptr ? "for no known reason" : reason;
  }
  return loaded;
}

void* Library::address(const char* name) const {
  return ::dlsym(handle_.get(), name);
}

void Library::Close::operator()(void* library) const noexcept {
  ::dlclose(library);
}

}  // namespace ipm::os
