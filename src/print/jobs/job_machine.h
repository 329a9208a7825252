#pragma once
// A job's life as a pure state machine: what happens to a job gives the new job and what must be
// written. Nothing else changes jobs.

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "base/clock.h"
#include "output/driver.h"
#include "print/jobs/job.h"
#include "print/scheduling/error_policy.h"
#include "print/topology/destination.h"

namespace ipm::print {

namespace job_event {

// A document of an incoming job is on stable storage, or none comes any more (`last`), or both.
struct AddDocument {
  std::optional<DocumentInfo> document;  // `number` is given by the job
  bool last = false;
};
// No further document came in time (RFC 8011, 5.4.31): what is there is printed.
struct TimeOut {};
// "indefinite" holds, "no-hold" releases.
struct Hold {
  std::string until;
};
// What a client may change of a job that does not print yet.
struct Edit {
  std::optional<std::string> name;
  std::optional<int> priority;
  std::optional<std::string> hold_until;
  ipp::AttributeList job_template;  // these replace those of the same names
};
struct Cancel {
  std::string by;  // for people
  Cause cause = Cause::CanceledByUser;
};
// A device begins with it.
struct Take {
  std::string device;
};
// The device has it under its own job-id; 0: it has it no more.
struct Accepted {
  std::int32_t device_job = 0;
  std::uint64_t device_up = 0;
  output::Part part = {};
};
// The device's delivery ended.
struct Settle {
  output::Result result;
  ErrorPolicy policy;
  Recourse recourse = {};
};
// To another logical destination.
struct Move {
  std::string destination;
};
// What the device has under its old address is out of reach: it changed, or the job moves away.
struct LoseDevice {};
// An earlier run of this server ended while a device had the job.
struct Resume {
  Recourse recourse = {};
  OnDoubt doubt = OnDoubt::Hold;
};
struct Abort {
  std::string text;
  Cause cause = Cause::Damaged;
};

}  // namespace job_event

using JobEvent =
    std::variant<job_event::AddDocument, job_event::TimeOut, job_event::Hold, job_event::Edit,
                 job_event::Cancel, job_event::Take, job_event::Accepted, job_event::Settle,
                 job_event::Move, job_event::LoseDevice, job_event::Resume, job_event::Abort>;

struct Transition {
  Job job;
  bool attributes = false;  // its attributes changed too, not only its status
  bool moved = false;       // its destination changed
};

// A job that ends keeps no secrets. Throws Error{JobNotPossible} for an event that the job's state does not allow.
Transition apply(const Job& job, const JobEvent& event, TimePoint now);

// State and cause of a job that waits, from its holds and its missing documents.
void settle_waiting(Job& job);

// Nothing but its turn keeps it from being printed.
bool can_print(const Job& job);

}  // namespace ipm::print
