#pragma once
// How a document reaches a printer: one driver for each kind of device address.
//
//   file:///DIR/             one file a document, whole or not there
//   socket://HOST[:9100]     raw bytes (AppSocket)
//   ipp://, ipps://HOST/PATH an IPP printer or another server; with ipps its certificate is judged by
//                            our rules and the dialling identity is shown
//
// Drivers know nothing of queues and operations. Deliveries run as coroutines on one thread;
// reading a document blocks, and is
// done on the pool; what may hang in a device has threads of its own (DevicePool).

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <filesystem>
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
#include "net/network.h"
#include "output/device_pool.h"
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

// Which part of a job goes as a job of its own: a device that takes one document a job, or makes no
// copies, gets one document after the other, each as often as it is wanted. Noted before a part
// begins: what stands before it is done.
struct Part {
  int document = 0;  // from 1; 0: all of them
  int copy = 0;      // from 1; 0: as many as are wanted, made by the device

  bool is_all() const { return document == 0 && copy == 0; }
  bool follows_others() const { return document > 1 || copy > 1; }
  bool operator==(const Part&) const = default;
};

// What earlier attempts at this device left there: it is asked before anything is sent again.
struct Earlier {
  std::int32_t device_job = 0;  // the device's own job-id, 0: none is known
  // A moment (seconds since 1970) at which that device had started already, by its
  // printer-up-time; 0: unknown. One that started later was restarted: its job-ids mean nothing.
  std::uint64_t device_up = 0;
  bool may_be_there = false;  // the document may be there, wholly or in part
  bool whole = false;         // the device has said that it has all documents of device_job
  Part part = {};             // that device_job is, or that was under way
};

// What is to be delivered: one job for one actual destination.
struct Assignment {
  int job_id = 0;
  std::string job_name;
  std::string owner;
  int copies = 1;                   // file and socket deliver each document that often
  ipp::AttributeList job_template;  // as the client sent it; for IPP devices
  // Operation attributes that go to the device with the job; job-password over TLS only, else the
  // job is refused.
  ipp::AttributeList operation_attributes = {};
  std::vector<Document> documents;
  Earlier earlier = {};
};

enum class Outcome {
  Delivered,   // the device confirmed it, or the connection had an orderly end
  Sent,        // all was acknowledged, and this destination does not wait for an end
  Doubtful,    // it may be there, wholly or in part, and the device cannot be asked
  JobRefused,  // this job's fault, for good: it will never be taken
  JobFailed,   // this job's fault at this device: others go first, so many attempts and no more
  DeviceAway,  // not this job's fault: the order is kept, with growing pauses
  Canceled,    // somebody wanted its end: here, or at the device
  Left,        // this server stops: nothing was sent, or the device goes on under its own job-id
};

struct Result {
  Outcome outcome = Outcome::Delivered;
  std::string text = {};  // for people and the log; printable
  // "media-empty", … as the device says them; may be empty.
  std::vector<std::string> printer_reasons = {};
  int impressions = 0;          // as far as the device says, else 0
  std::string state_text = {};  // what the device last said of itself or the job; printable
  // Something of the document may be at the device though the outcome is not Delivered: a next
  // attempt may print it, or a part of it, twice.
  bool may_be_there = false;
  // The device has said that it has all documents of the job that it has for us (Earlier::whole).
  bool whole = false;
  // "job-canceled-at-device", "document-format-error", …; may be empty.
  std::vector<std::string> job_reasons = {};
};

// What ends a delivery under way: a cancel ends the job, at the device too; a stop ends only our
// part in it. On the delivery's thread.
class Cancellation {
 public:
  void cancel() { wish(Wish::Cancel); }
  void stop() { wish(Wish::Stop); }
  bool requested() const { return wish_ != Wish::None; }
  bool canceled() const { return wish_ == Wish::Cancel; }

  // For as long as it lives, `action` is what a wish does: close the socket, cancel the timer. The
  // action before it comes back afterwards.
  class Action {
   public:
    Action(Cancellation& cancellation, std::function<void()> action)
        : cancellation_(cancellation),
          before_(std::exchange(cancellation.action_, std::move(action))) {}
    Action(const Action&) = delete;
    Action& operator=(const Action&) = delete;
    ~Action() { cancellation_.action_ = std::move(before_); }

   private:
    Cancellation& cancellation_;
    std::function<void()> before_;
  };

 private:
  enum class Wish { None, Stop, Cancel };  // the later the stronger
  void wish(Wish wanted) {
    if (wanted > wish_) wish_ = wanted;
    if (action_) action_();
  }

  Wish wish_ = Wish::None;
  std::function<void()> action_;
};

// A job at a device, as the device numbers it. id 0: the device has none of that part, or no more.
struct DeviceJob {
  std::int32_t id = 0;
  std::uint64_t device_up = 0;  // as in Earlier
  Part part = {};
};

// What a driver is told to report while it works; any may be empty. On the delivery's thread.
struct Progress {
  std::function<void(std::uint64_t bytes_sent)> sent = {};
  std::function<void(std::string_view text, std::vector<std::string> printer_reasons)> waiting = {};
  // Awaited as soon as the device has a job for us, before its document goes, and when the device
  // has none any more. Returns when it is durable; throws Error when it cannot be made so: the
  // driver cancels the job there and returns DeviceAway.
  std::function<boost::asio::awaitable<void>(DeviceJob)> accepted = {};
};

struct Environment {
  boost::asio::any_io_executor pool;  // for reading the spool; its threads outlive every delivery
  // For ipps; null when encryption has no identity to dial with and no anchors.
  std::function<std::shared_ptr<const tls::Generation>()> generation;
  const net::Network* network = &net::system_network();  // outlives every delivery
  DevicePool* devices = nullptr;  // for what may hang in a device (file); outlives every delivery
};

// What `printer set` says of one device.
struct DeviceSettings {
  // socket: wait, as long as the device lives, for it to close the connection; else all bytes
  // acknowledged are "sent, not confirmed" after a short wait.
  bool wait_for_end = false;
  std::filesystem::path credentials = {};  // file with user name and password for ipps; or empty
  ipp::AttributeList declared = {};        // capabilities of a device that cannot be asked
};

// What a device can and how it is, as IPP attributes: bounded, known names only, well-formed UTF-8
// without control characters.
struct DeviceDescription {
  ipp::AttributeList capabilities;  // "copies-supported", "media-ready", …
  ipp::AttributeList state;         // "printer-state", "printer-state-reasons", "printer-supply", …
  std::uint64_t device_up = 0;      // as in Earlier
};

// Immutable; a delivery's state is its coroutine's. Shared by threads.
class Driver {
 public:
  virtual ~Driver() = default;
  // Never throws for what the device does: that is a Result.
  virtual boost::asio::awaitable<Result> deliver(const Assignment& assignment,
                                                 Cancellation& cancellation,
                                                 const Progress& progress) const = 0;
  // Asks the device. Of one that cannot be asked: what the settings declare, or nothing. Throws
  // Error when the device does not answer or says no, or when it was cancelled.
  virtual boost::asio::awaitable<std::optional<DeviceDescription>> describe(
      Cancellation& cancellation) const = 0;
};

// The result of a delivery that was cancelled or stopped before anything was in the device's hands.
Result ended_by(const Cancellation& cancellation);

// The description of a device that cannot be asked; nothing when nothing is declared.
std::optional<DeviceDescription> declared_by(const DeviceSettings& settings);

// Throws Error{DeviceUriUnsupported} for an address that no driver understands, or that names a
// folder which does not exist or may not be written to (file), or carries what the scheme has no
// place for.
std::unique_ptr<Driver> make_driver(const Uri& device, const DeviceSettings& settings,
                                    const Environment& environment);

}  // namespace ipm::output
