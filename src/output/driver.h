#pragma once
// How a document reaches a printer: one driver for each kind of device address.
//
//   file:///DIR/             one file a document, whole or not there
//   socket://HOST[:9100]     raw bytes (AppSocket)
//   ipp://, ipps://HOST/PATH an IPP printer or another server; ipps validates its certificate by
//   our
//                            rules and dials with the dialling identity
//
// Drivers know nothing of queues and operations. Deliveries run as coroutines on one thread;
// reading a document blocks, and is done on the pool.

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/uri.h"
#include "ipp/message.h"
#include "tls/generation.h"

namespace ipm::output {

// Bytes of a document, in order. Blocking; used by one thread at a time.
class Source {
 public:
  virtual ~Source() = default;
  // At least one byte, 0 at the end. Throws Error{SpoolDamaged} when it cannot be read.
  virtual std::size_t read(std::span<unsigned char> into) = 0;
};

struct Document {
  int number = 1;      // from 1
  std::string name;    // may be empty
  std::string format;  // "application/pdf"
  std::uint64_t bytes = 0;
  std::function<std::unique_ptr<Source>()> open;
};

// What is to be delivered: one job for one actual destination.
struct Assignment {
  int job_id = 0;
  std::string job_name;
  std::string owner;
  int copies = 1;                   // file and socket deliver each document that often
  ipp::AttributeList job_template;  // as the client sent it; for IPP devices
  std::vector<Document> documents;
};

enum class Outcome {
  Delivered,
  TryAgain,  // the device is away or busy: later, with growing pauses
  Refused,   // the device will never take it: the job is aborted
  Canceled,
};

struct Result {
  Outcome outcome = Outcome::Delivered;
  std::string text;  // for people and the log; printable
  std::vector<std::string>
      printer_reasons;  // "media-empty", … as the device says them; may be empty
  int impressions = 0;  // as far as the device says, else 0
};

// Cancels a delivery under way. On the delivery's thread.
class Cancellation {
 public:
  void request() {
    requested_ = true;
    if (action_) action_();
  }
  bool requested() const { return requested_; }

  // For as long as it lives, `action` is what a request does: close the socket, cancel the timer.
  class Action {
   public:
    Action(Cancellation& cancellation, std::function<void()> action) : cancellation_(cancellation) {
      cancellation_.action_ = std::move(action);
    }
    Action(const Action&) = delete;
    Action& operator=(const Action&) = delete;
    ~Action() { cancellation_.action_ = nullptr; }

   private:
    Cancellation& cancellation_;
  };

 private:
  bool requested_ = false;
  std::function<void()> action_;
};

// What a driver is told to report while it works; any may be empty. On the delivery's thread.
struct Progress {
  std::function<void(std::uint64_t bytes_sent)> sent;
  std::function<void(std::string_view text, std::vector<std::string> printer_reasons)> waiting;
};

struct Environment {
  boost::asio::thread_pool* pool = nullptr;  // for blocking work; outlives every delivery
  // For ipps; null when encryption has no identity to dial with and no anchors.
  std::function<std::shared_ptr<const tls::Generation>()> generation;
};

// Immutable; a delivery's state is its coroutine's. Shared by threads.
class Driver {
 public:
  virtual ~Driver() = default;
  // Never throws for what the device does: that is a Result.
  virtual boost::asio::awaitable<Result> deliver(const Assignment& assignment,
                                                 Cancellation& cancellation,
                                                 const Progress& progress) const = 0;
};

// Throws Error{DeviceUriUnsupported} for an address that no driver understands, or that names a
// folder which does not exist or may not be written to (file), or carries what the scheme has no
// place for.
std::unique_ptr<Driver> make_driver(const Uri& device, const Environment& environment);

}  // namespace ipm::output
