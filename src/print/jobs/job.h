#pragma once
// A job and its documents as the print floor knows them. What must survive a crash goes to the
// spool with each change; see job_record.h. How it changes is in job_machine.h.

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "access/owner.h"
#include "base/clock.h"
#include "events/stream.h"
#include "ipp/constants.h"
#include "ipp/value.h"
#include "output/driver.h"

namespace ipm::print {

struct DocumentInfo {
  int number = 1;
  std::string name;
  std::string format;
  std::uint64_t bytes = 0;
};

// Why a job is held or how it ended, where its state does not say so by itself.
enum class Cause : std::uint8_t {
  None,
  FailedTooOften,   // held: this job failed as often as the destination's error policy allows
  MayBeThereTwice,  // held: it may be at the device, and the device cannot be asked
  CanceledByUser,
  CanceledByOperator,
  CanceledAtDevice,
  Refused,     // aborted: the device will never take it, or failed too often
  NoDocument,  // aborted: closed, or left open too long, without a document
  Damaged,     // aborted: the spool contradicts itself
};

struct Job final : events::Subject {
  int id = 0;
  std::string destination;  // the logical destination that it was sent to
  access::Owner owner;
  std::string name;
  ipp::JobState state = ipp::JobState::Pending;
  Cause cause = Cause::None;
  std::vector<std::string> details;  // job-state-reasons that the device gave for its end
  std::string message;               // job-state-message
  int priority = 50;
  std::string hold_until = "no-hold";
  bool incoming = false;       // made by Create-Job, more documents may come
  bool cancel_wanted = false;  // somebody asked for its end while a device has it
  TimePoint created{};
  std::optional<TimePoint> processing;
  std::optional<TimePoint> completed;
  int impressions_completed = 0;
  int attempts = 0;             // deliveries that failed by this job's own fault, or in doubt
  std::string delivered_to;     // the actual destination that has or had it
  std::int32_t device_job = 0;  // that device's own job-id, 0: none
  std::uint64_t device_up = 0;  // when that device started (seconds), 0: unknown
  bool ask_first = false;  // something of it may be there: the device is asked before more goes
  bool whole = false;      // the device has said that it has all documents of device_job
  output::Part part;       // of several jobs there: the one that device_job is, or that is to begin
  bool doubtful = false;   // it may be there twice or in part
  std::string uuid;        // "urn:uuid:…"
  std::string certificate;          // fingerprint of the owner's certificate; empty without one
  std::string protocol;             // TLS version it came under; empty in plaintext
  std::string address;              // where it came from
  ipp::AttributeList job_template;  // as accepted: what the client asked for
  // job-password and how it is encrypted: for the device only. Told to nobody, in no log and in no
  // history; gone when the job ends.
  ipp::AttributeList secrets;
  std::vector<DocumentInfo> documents;
  // Of documents that are no longer listed: those of a finished job after a restart.
  std::uint64_t past_bytes = 0;
  std::size_t past_documents = 0;

  // Something of it is, or may be, at the device `delivered_to`.
  bool is_at_device() const { return ask_first || device_job != 0 || part.follows_others(); }
  bool finished() const { return ipp::is_terminal(state); }
  std::uint64_t bytes() const;
  std::size_t document_count() const;
  int copies() const;
};

// Jobs never change in place: whoever holds one sees it as it was.
using JobPtr = std::shared_ptr<const Job>;

// job-state-reasons (RFC 8011, 5.3.8) as far as the job knows them; empty means "none".
std::vector<std::string> reasons_of(const Job& job);

[[noreturn]] void no_such_job(int id);  // Error{JobNotFound}

}  // namespace ipm::print
