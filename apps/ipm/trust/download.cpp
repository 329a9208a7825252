#include "ipm/trust/download.h"

#include <fmt/format.h>

#include <array>
#include <cstdio>
#include <new>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "ipm/trust/curl_library.h"

namespace ipm::app {
namespace {

constexpr long kRedirectsMax = 5;
constexpr long kConnectTimeout_s = 30;
constexpr long kTimeout_s = 300;
constexpr long kSlowBytesPerSecond = 100;
constexpr long kSlowTime_s = 30;

struct Transfer {
  const Download& order;
  std::string body;
  bool too_large = false;
};

// Called from C: it must not throw.
std::size_t take(const char* data, std::size_t size, std::size_t count, void* context) noexcept {
  auto& transfer = *static_cast<Transfer*>(context);
  const std::size_t bytes = size * count;
  if (bytes > transfer.order.bytes_max - transfer.body.size()) {
    transfer.too_large = true;
    return 0;
  }
  try {
    transfer.body.append(data, bytes);
  } catch (const std::bad_alloc&) {
    return 0;
  }
  return bytes;
}

int show_progress(void* /*context*/, curl_off_t total, curl_off_t now, curl_off_t /*upload_total*/,
                  curl_off_t /*upload_now*/) noexcept {
  constexpr curl_off_t kKilobyte = 1024;
  if (total > 0) {
    std::fprintf(stderr, "\r  %ld of %ld KiB ", static_cast<long>(now / kKilobyte),
                 static_cast<long>(total / kKilobyte));
  } else {
    std::fprintf(stderr, "\r  %ld KiB ", static_cast<long>(now / kKilobyte));
  }
  return 0;
}

[[noreturn]] void failed(const Download& order, std::string_view cause) {
  throw Error(Message::FetchFailed, fmt::format("{}: {}", printable(order.url, 200), cause),
              "the file over HTTPS",
              "check the network and the proxy (https_proxy), give another --url, or fetch it "
              "elsewhere and give it with --file");
}

void prepare(const CurlLibrary& curl, CURL* handle, Transfer& transfer, char* cause) {
  const auto set = [&](CURLoption option, auto value) {
    if (curl.set(handle, option, value) == CURLE_OK) return;
    failed(transfer.order, fmt::format("this libcurl does not know option {}", int{option}));
  };
  set(CURLOPT_ERRORBUFFER, cause);
  set(CURLOPT_URL, transfer.order.url.c_str());
  set(CURLOPT_PROTOCOLS_STR, "https");
  set(CURLOPT_REDIR_PROTOCOLS_STR, "https");
  set(CURLOPT_FOLLOWLOCATION, 1L);
  set(CURLOPT_MAXREDIRS, kRedirectsMax);
  set(CURLOPT_FAILONERROR, 1L);
  set(CURLOPT_CONNECTTIMEOUT, kConnectTimeout_s);
  set(CURLOPT_TIMEOUT, kTimeout_s);
  set(CURLOPT_LOW_SPEED_LIMIT, kSlowBytesPerSecond);
  set(CURLOPT_LOW_SPEED_TIME, kSlowTime_s);
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(CURLOPT_ACCEPT_ENCODING,
      "");  // All that this libcurl unpacks; the limit is on the rest.
  set(CURLOPT_USERAGENT, "ipm/" IPM_VERSION);
  set(CURLOPT_WRITEFUNCTION, &take);
  set(CURLOPT_WRITEDATA, &transfer);
  if (transfer.order.ca_file) set(CURLOPT_CAINFO, transfer.order.ca_file->c_str());
  if (transfer.order.shows_progress) {
    set(CURLOPT_XFERINFOFUNCTION, &show_progress);
    set(CURLOPT_NOPROGRESS, 0L);
  }
}

}  // namespace

std::string download(const Download& order) {
  if (!to_lower_ascii(order.url).starts_with("https://")) {
    throw Error(Message::UsageWrong,
                fmt::format("{} is no HTTPS address", printable(order.url, 200)), "https://…",
                "a file that is here already is given with --file");
  }
  const CurlLibrary curl;
  const auto handle = curl.open();
  if (!handle) failed(order, "libcurl does not start");
  Transfer transfer{order, {}, false};
  std::array<char, CURL_ERROR_SIZE> cause{};
  prepare(curl, handle.get(), transfer, cause.data());
  const CURLcode code = curl.perform(handle.get());
  if (order.shows_progress) std::fputs("\r\033[K", stderr);
  if (transfer.too_large) {
    failed(order, fmt::format("it is larger than {} bytes", order.bytes_max));
  }
  if (code != CURLE_OK) {
    failed(order, cause[0] != '\0' ? printable(cause.data(), 300) : curl.words(code));
  }
  return std::move(transfer.body);
}

}  // namespace ipm::app
