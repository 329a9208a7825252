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

// With its documents. No failure when it is not there.
struct JobRemoval {
  JobId id = 0;
};

// No failure when it is not there.
struct DestinationRemoval {
  DestinationKind kind = DestinationKind::Logical;
  std::string name;
};

struct Setting {
  std::string key;
  std::optional<std::string> value;  // Absent: the setting goes.
};

// A Destination makes or replaces it.
using Change = std::variant<Submission, Addition, JobUpdate, JobRemoval, Destination,
                            DestinationRemoval, Setting>;

// What was handed in together: all of it becomes durable, or nothing.
struct HandIn {
  std::vector<Change> changes;  // In the order in which they take effect. None: only the completion
                                // is wanted, which then says that all before it is decided.
  Completion completion;
  std::exception_ptr failure;  // Known before it is tried (an invalid value), or found out.
  std::size_t bytes = 0;       // Roughly what it holds in memory.
};

// What it holds in memory, documents included.
std::size_t bytes_of(const HandIn& hand_in);

// It only settles, cancels, changes or deletes: it needs no room for documents, and is taken where
// new work is refused.
bool is_relief(const HandIn& hand_in);

// Throws Error{Unexpected} for what no row can hold: ids and numbers out of range, texts and blobs
// over their limits, a finished state without its time.
void check(const HandIn& hand_in);

}  // namespace ipm::spool
