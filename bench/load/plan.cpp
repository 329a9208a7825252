#include "load/plan.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <charconv>
#include <stdexcept>

#include "ipp/codec.h"
#include "ipp/message.h"

namespace ipm::bench {
namespace {

constexpr std::size_t kBlockBytes = 256U << 10U;
constexpr unsigned kLoopbackNetwork = 127;

// Bytes that do not compress, the same in every run (a linear congruential generator).
std::string noise(std::size_t size) {
  std::string bytes(size, '\0');
  std::uint32_t state = 1;
  for (char& byte : bytes) {
    state = state * 1664525U + 1013904223U;
    byte = static_cast<char>(state >> 24U);
  }
  return bytes;
}

ipp::Message make_message(const Options& options, const Target& target) {
  const bool prints = options.work == Work::PrintJob;
  auto message = ipp::Message::request(
      prints ? ipp::Operation::PrintJob : ipp::Operation::GetPrinterAttributes, 1);
  ipp::Group& group = message.groups.front();
  group.add_uri("printer-uri", fmt::format("{}://{}:{}{}", options.plain ? "ipp" : "ipps",
                                           options.host, target.port, options.path));
  group.add_name("requesting-user-name", options.user);
  if (prints) {
    group.add_name("job-name", "bench");
    group.add_mime_type("document-format", options.document_format);
  }
  return message;
}

}  // namespace

Target parse_target(std::string_view text) {
  const auto colon = text.rfind(':');
  const std::string host(text.substr(0, colon));
  Target target;
  target.address.sin_family = AF_INET;
  const bool is_address = ::inet_pton(AF_INET, host.c_str(), &target.address.sin_addr) == 1;
  if (!is_address || ntohl(target.address.sin_addr.s_addr) >> 24U != kLoopbackNetwork) {
    throw std::runtime_error(fmt::format("{}: only 127.0.0.0/8 is asked, as 127.0.0.1:631", text));
  }
  const char* const end = text.data() + text.size();
  const char* const begin = colon == std::string_view::npos ? end : text.data() + colon + 1;
  const auto [stop, failure] = std::from_chars(begin, end, target.port);
  if (failure != std::errc() || stop != end || target.port == 0) {
    throw std::runtime_error(fmt::format("{}: a port is missing, as 127.0.0.1:631", text));
  }
  target.address.sin_port = htons(target.port);
  return target;
}

Script make_script(const Options& options, const Target& target) {
  Script script;
  if (options.work == Work::Handshake) return script;
  const std::string attributes = ipp::encode(make_message(options, target));
  const std::uint64_t document = options.work == Work::PrintJob ? options.document_bytes : 0;
  script.request = fmt::format(
      "POST {} HTTP/1.1\r\nHost: {}:{}\r\nContent-Type: application/ipp\r\n"
      "Content-Length: {}\r\n\r\n{}",
      options.path, options.host, target.port, attributes.size() + document, attributes);
  if (script.request.size() + document <= kWholeRequestBytesMax) {
    script.request += noise(document);
  } else {
    script.block = noise(kBlockBytes);
    script.block_bytes = document;
  }
  return script;
}

}  // namespace ipm::bench
