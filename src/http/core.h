#pragma once
// What the sessions of one io_context share, and what all of them do. Private to the server.

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/intrusive/list.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "http/limits.h"
#include "http/message.h"
#include "http/read_buffer.h"
#include "http/server.h"
#include "net/gate.h"
#include "net/throttled_log.h"

namespace ipm::http {

// A session as its core sees it; it leaves the list by being destroyed. On the core's thread.
class Resident : public boost::intrusive::list_base_hook<
                     boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  Resident() = default;
  Resident(const Resident&) = delete;
  Resident& operator=(const Resident&) = delete;
  virtual ~Resident() = default;

  virtual void check_peer() noexcept = 0;      // closes when the peer may not stay (B6)
  virtual void stop_when_idle() noexcept = 0;  // at once when no request is under way
  virtual void abort() noexcept = 0;
};

// Written by one thread, read by any: no bus lock in the way.
class Counter {
 public:
  void add(std::uint64_t count = 1) {
    value_.store(value_.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
  }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_ = 0;
};

struct Counters {
  Counter handshakes, handshakes_resumed, handshakes_failed, plaintext_refused;
  Counter requests, responses_4xx, responses_5xx, timeouts;
  Counter body_bytes_in, body_bytes_out;
};

// Of the whole server.
struct Shared {
  explicit Shared(const ServerOptions& options);

  bool encrypts() const { return generation && generation() != nullptr; }

  Limits limits;
  ReadOn read_on;
  Handler handler;
  GenerationSource generation;
  Clock clock;
  const Log* log;
  net::Gate gate;
  net::ThrottledLog lines;  // that peers can cause
  std::atomic<bool> stopping = false;
};

// What a request needs while it is under way; between requests a session has none.
struct Workspace {
  explicit Workspace(const Limits& limits) : buffer(limits.head_bytes) {}

  ReadBuffer buffer;
  RequestHead head;
  std::optional<Refusal> refusal;  // of the head
  std::string reply;
};

// One io_context's part. All but the counters belongs to its thread.
class Core : public std::enable_shared_from_this<Core> {
 public:
  Core(boost::asio::io_context& context, std::shared_ptr<Shared> shared)
      : context_(context), shared_(std::move(shared)) {}
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;

  boost::asio::io_context& context() { return context_; }
  Shared& shared() { return *shared_; }
  Counters& counters() { return counters_; }
  const Counters& counters() const { return counters_; }

  std::unique_ptr<Workspace> take_workspace();
  void give_back(std::unique_ptr<Workspace> workspace);
  // "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, 5.6.7), made once a second.
  std::string_view date();

  void enlist(Resident& session) { sessions_.push_back(session); }
  // A few at a time: where the anchors have changed each is a path validation, and meanwhile the
  // others are served.
  void check_peers() { check_peers(sessions_.size()); }
  void stop_idle();
  void abort_all();

 private:
  void check_peers(std::size_t left);

  static constexpr std::size_t kSpareWorkspacesMax = 16;

  boost::asio::io_context& context_;
  std::shared_ptr<Shared> shared_;
  Counters counters_;
  boost::intrusive::list<Resident, boost::intrusive::constant_time_size<false>> sessions_;
  std::vector<std::unique_ptr<Workspace>> spare_;
  TimePoint date_time_ = {};
  std::string date_;
};

}  // namespace ipm::http
