#pragma once
// One connection of the load: dials, shakes hands, sends the script, reads the reply, and again.
// It never waits: advance() goes as far as it can, and an edge-triggered epoll calls it again.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/files.h"
#include "load/plan.h"
#include "load/reply_reader.h"
#include "tls/ssl.h"

namespace ipm::bench {

// The server's certificate with its key, parsed once: OpenSSL would do it for each handshake, which
// costs a client more than the rest of it. Any thread.
class KnownServer {
 public:
  // Replaces the leaf of a chain as OpenSSL read it, without its key (see tls/lean_library.h).
  // False when it is no certificate.
  bool put_known(STACK_OF(X509) * presented);

 private:
  std::mutex mutex_;
  pki::CertificatePtr certificate_;
};

// What all connections share; it outlives them.
struct Setup {
  Options options;
  Target target;
  Script script;
  std::unique_ptr<KnownServer> server;
  tls::SslContextPtr context;  // null: plaintext
};

// Reads certificate and key, makes the script. Throws std::runtime_error or Error.
Setup make_setup(Options options);

class Connection {
 public:
  // `number` chooses the source address, and is what `epoll`, which is borrowed, tells events by.
  Connection(const Setup& setup, int epoll, unsigned number);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  enum class State : std::uint8_t { Waits, Done, Failed };

  // A new request, on a new connection where none is open.
  void begin();
  // Done: the request is answered with yes; Failed: see failure(), and the connection is closed.
  State advance();
  const std::string& failure() const { return failure_; }

  bool is_open() const { return static_cast<bool>(socket_); }
  void close();

 private:
  enum class Stage : std::uint8_t { Dialling, Shaking, Sending, Reading, Leaving, Finished };
  enum class Moved : std::uint8_t { Some, Waits, Ended, Broken };

  void dial();
  Moved judge(int result);  // of a call of OpenSSL's
  Moved send(std::string_view bytes, std::size_t& count);
  State shake_hands();
  State send_request();
  State read_reply();
  State leave();
  void say_goodbye();
  State fail(std::string_view what);

  const Setup& setup_;
  int epoll_;
  unsigned number_;
  FileHandle socket_;
  tls::SslPtr ssl_;
  Stage stage_ = Stage::Finished;
  std::uint64_t sent_ = 0;
  bool in_turns_ = false;  // sending had to wait
  ReplyReader reply_;
  std::string failure_;
};

}  // namespace ipm::bench
