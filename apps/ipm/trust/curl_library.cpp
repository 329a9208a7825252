#include "ipm/trust/curl_library.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include "base/error.h"

namespace ipm::app {
namespace {

[[noreturn]] void missing() {
  const char* reason = ::dlerror();
  throw Error(Message::FetchFailed,
              fmt::format("libcurl cannot be loaded: {}", reason == nullptr ? "?" : reason),
              "libcurl 7.85 or newer",
              "install it (Debian: libcurl4), or fetch the file elsewhere and give it with --file");
}

template <class Function>
void find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(::dlsym(library, name));
  if (function == nullptr) missing();
}

}  // namespace

void CurlLibrary::Close::operator()(void* library) const noexcept {
  ::dlclose(library);
}

// IPM_LIBCURL is the name that the build found: "libcurl.so.4".
CurlLibrary::CurlLibrary() : library_(::dlopen(IPM_LIBCURL, RTLD_NOW | RTLD_LOCAL)) {
  if (!library_) missing();
  find(library_.get(), "curl_global_init", global_init_);
  find(library_.get(), "curl_global_cleanup", global_cleanup_);
  find(library_.get(), "curl_easy_init", easy_init_);
  find(library_.get(), "curl_easy_cleanup", easy_cleanup_);
  find(library_.get(), "curl_easy_setopt", easy_setopt_);
  find(library_.get(), "curl_easy_perform", easy_perform_);
  find(library_.get(), "curl_easy_strerror", easy_strerror_);
  global_init_(CURL_GLOBAL_DEFAULT);
}

CurlLibrary::~CurlLibrary() {
  global_cleanup_();
}

}  // namespace ipm::app
