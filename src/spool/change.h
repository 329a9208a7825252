#pragma once
// The changes that the spool makes durable, as values: what callers hand in, and the one form in
// which the writer gathers them.

#include <cstddef>
#include <exception>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "spool/completion.h"
#include "spool/document.h"
#include "spool/job.h"

namespace ipm::spool {

// A document and what it is called.
struct NewDocument {
  DocumentInfo info;  // `bytes` is filled in by the spool.
  StoredDocument document;
};

// Replaces a job's status, and the rest where given.
struct JobUpdate {
  JobId id = 0;
  JobStatus status;
  std::optional<std::string> attributes;
  std::optional<std::string> destination;
  bool drop_documents = false;  // Their rows and bytes go in the same commit.
};

struct Submission {
  Job job;
  std::vector<NewDocument> documents;
};

struct Addition {
  JobUpdate update;
  NewDocument document;
};

struct JobRemoval {
  JobId id = 0;
};

struct DestinationRemoval {
  DestinationKind kind = DestinationKind::Logical;
  std::string name;
};

struct Setting {
  std::string key;
  std::string value;
};

struct Barrier {};  // Changes nothing: its completion says that all before it is decided.

struct Change {
  std::variant<Barrier, Submission, Addition, JobUpdate, JobRemoval, Destination,
               DestinationRemoval, Setting>
      what;
  Completion completion;
  std::exception_ptr failure;  // Known before it is tried (an invalid value), or found out.
  std::size_t bytes = 0;       // Roughly what it holds in memory.
};

// What a change holds in memory, documents included.
std::size_t bytes_of(const Change& change);

// Throws Error{Unexpected} for what no row can hold: ids and numbers out of range, texts and blobs
// over their limits, a finished state without its time.
void check(const Change& change);

}  // namespace ipm::spool
