#pragma once
// What a command line asks of a job and of its documents, as attributes in the group in which each
// is sent (RFC 8011, 4.2.1.1 and 5.2).

#include <optional>
#include <string>
#include <vector>

#include "ipp/message.h"

namespace ipm::app {

struct PrintWishes {
  std::vector<std::string> options;  // -o name=value, each perhaps several with blanks between
  std::optional<int> copies;
  std::optional<int> priority;
  bool hold = false;
  std::optional<std::string> title;
};

struct Ticket {
  ipp::AttributeList job_operation;  // of the request that makes the job: job-name, fidelity, …
  ipp::AttributeList document;       // of each request with a document: document-format, …
  ipp::AttributeList job;            // the job template

  // Into the operation group of `request`, and the job template into a group of its own.
  void add_job(ipp::Message& request) const;
  void add_document(ipp::Message& request) const;
};

// Flags of their own win over -o. Throws Error{UsageWrong}, also for attributes that the command
// itself has to fill in.
Ticket make_ticket(const PrintWishes& wishes);

}  // namespace ipm::app
