#include "ipm/trust/curl_library.h"

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "base/error.h"

namespace ipm::app {
namespace {

[[noreturn]] void missing(std::string_view reason) {
  throw Error(Message::FetchFailed, fmt::format("libcurl cannot be loaded: {}", reason),
              "libcurl 7.85 or newer",
              "install it (Debian: libcurl4), or fetch the file elsewhere and give it with --file");
}

// IPM_LIBCURL is the name that the build found: "libcurl.so.4".
os::Library load() {
  std::string failure;
  auto library = os::Library::load(IPM_LIBCURL, failure);
  if (!library) missing(failure);
  return library;
}

template <class Function>
void find(const os::Library& library, const char* name, Function& function) {
  function = library.find<Function>(name);
  if (function == nullptr) missing(fmt::format("it has no {}", name));
}

}  // namespace

CurlLibrary::CurlLibrary() : library_(load()) {
  find(library_, "curl_global_init", global_init_);
  find(library_, "curl_global_cleanup", global_cleanup_);
  find(library_, "curl_easy_init", easy_init_);
  find(library_, "curl_easy_cleanup", easy_cleanup_);
  find(library_, "curl_easy_setopt", easy_setopt_);
  find(library_, "curl_easy_perform", easy_perform_);
  find(library_, "curl_easy_strerror", easy_strerror_);
  global_init_(CURL_GLOBAL_DEFAULT);
}

CurlLibrary::~CurlLibrary() {
  global_cleanup_();
}

}  // namespace ipm::app
