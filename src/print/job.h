#pragma once
// A job and its documents as the print floor knows them. What must survive a crash goes to the
// spool with each change; see job_record.h.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "access/owner.h"
#include "base/clock.h"
#include "ipp/constants.h"
#include "ipp/value.h"

namespace ipm::print {

struct DocumentInfo {
  int number = 1;
  std::string name;
  std::string format;
  std::uint64_t bytes = 0;
};

struct Job {
  int id = 0;
  std::string destination;  // the logical destination that it was sent to
  access::Owner owner;
  std::string name;
  ipp::JobState state = ipp::JobState::Pending;
  std::vector<std::string> reasons;  // job-state-reasons; empty means "none"
  std::string message;               // job-state-message
  int priority = 50;
  std::string hold_until = "no-hold";
  bool incoming = false;  // made by Create-Job, more documents may come
  int storing = 0;        // documents on their way to stable storage; never stored itself
  TimePoint created{};
  std::optional<TimePoint> processing;
  std::optional<TimePoint> completed;
  int impressions_completed = 0;
  int attempts = 0;                 // failed deliveries so far
  std::string delivered_to;         // the actual destination that took it
  std::string uuid;                 // "urn:uuid:…"
  std::string certificate;          // fingerprint of the owner's certificate; empty without one
  std::string protocol;             // TLS version it came under; empty in plaintext
  std::string address;              // where it came from
  ipp::AttributeList job_template;  // as accepted: what the client asked for
  std::vector<DocumentInfo> documents;

  bool finished() const { return ipp::is_terminal(state); }
  std::uint64_t bytes() const;
  int copies() const;
};

}  // namespace ipm::print
