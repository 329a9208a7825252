#pragma once
// One bounded download over HTTPS. Redirects stay on HTTPS; proxies are taken from the environment
// as curl takes them (https_proxy, no_proxy).

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>

namespace ipm::app {

struct Download {
  std::string url;  // https://…
  std::size_t bytes_max = 0;
  // Authenticates the server; the system's store where absent.
  std::optional<std::filesystem::path> ca_file;
  bool shows_progress = false;  // On standard error.
};

// The body. Throws Error{UsageWrong} for an address that is not HTTPS, and Error{FetchFailed} for
// everything that goes wrong, with the cause in words.
std::string download(const Download& order);

}  // namespace ipm::app
