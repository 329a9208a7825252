#pragma once
// libcurl, loaded when a download wants it. It brings some thirty libraries of its own (LDAP,
// Kerberos, RTMP, …), whose loading would take longer than most commands of `ipm` run.

#include <curl/curl.h>

#include <memory>

#include "os/process.h"

namespace ipm::app {

// The few functions of libcurl that are used, and its global state, for as long as this object
// lives. One at a time.
class CurlLibrary {
 public:
  // Throws Error{FetchFailed} where it is not installed.
  CurlLibrary();
  CurlLibrary(const CurlLibrary&) = delete;
  CurlLibrary& operator=(const CurlLibrary&) = delete;
  ~CurlLibrary();

  using Handle = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;
  Handle open() const { return {easy_init_(), easy_cleanup_}; }
  template <class Value>
  CURLcode set(CURL* handle, CURLoption option, Value value) const {
    return easy_setopt_(handle, option, value);
  }
  CURLcode perform(CURL* handle) const { return easy_perform_(handle); }
  const char* words(CURLcode code) const { return easy_strerror_(code); }

 private:
  os::Library library_;
  decltype(&curl_global_init) global_init_ = nullptr;
  decltype(&curl_global_cleanup) global_cleanup_ = nullptr;
  decltype(&curl_easy_init) easy_init_ = nullptr;
  decltype(&curl_easy_cleanup) easy_cleanup_ = nullptr;
  decltype(&curl_easy_setopt) easy_setopt_ = nullptr;
  decltype(&curl_easy_perform) easy_perform_ = nullptr;
  decltype(&curl_easy_strerror) easy_strerror_ = nullptr;
};

}  // namespace ipm::app
