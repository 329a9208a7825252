#pragma once
// What a run of the load generator does: whom it asks, what, how, and how much.

#include <netinet/in.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace ipm::bench {

inline constexpr int kConnectionsMax = 20'000;
inline constexpr std::uint64_t kDocumentBytesMax = std::uint64_t{1} << 40U;
inline constexpr std::size_t kWholeRequestBytesMax = 1U << 20U;  // sent from one buffer
inline constexpr int kSourcesMax = 16;  // loopback addresses that the connections come from

enum class Work : std::uint8_t { PrintJob, PrinterAttributes, Handshake };

struct Options {
  std::string target;  // "127.0.0.1:631"; loopback only
  std::string host = "localhost";
  std::string path = "/ipp/print";
  Work work = Work::PrintJob;
  std::uint64_t document_bytes = 10'240;
  std::string document_format = "application/pdf";
  std::string user = "bench";

  bool plain = false;
  std::string certificate;  // of the client; empty: none
  std::string key;
  bool tls12 = false;  // else TLS 1.3

  int connections = 16;
  bool keep_alive = true;  // else a connection for each request
  int threads = 1;
  std::uint64_t count = 0;    // requests; 0: until the time is over
  double seconds = 10;        // at most
  std::uint64_t warm_up = 0;  // requests that are not measured, before the others

  int idle = 0;    // connections that are opened and held
  int server = 0;  // process whose CPU time and memory are read, with all its children
};

// A loopback address. Throws std::runtime_error for any other.
struct Target {
  sockaddr_in address{};
  std::uint16_t port = 0;
};
Target parse_target(std::string_view text);

// Requests as bytes, made once. A large document is sent in `block`s behind the head.
struct Script {
  std::string request;  // HTTP head, IPP attributes and, where it is small, the document
  std::string block;
  std::uint64_t block_bytes = 0;  // of the document that follow `request`
};
Script make_script(const Options& options, const Target& target);

}  // namespace ipm::bench
