#pragma once
// Streams that a shell hands to a program: the standard ones, pipes, and the signals that end it.

#include <chrono>
#include <filesystem>
#include <system_error>

#include "os/facts.h"
#include "os/file.h"

namespace ipm::os {

// Keeps the numbers of the standard streams from files that are opened later, where the shell has
// closed them (`>&-`): reading and writing them fails as it would have. Before any file is opened.
void keep_standard_streams();

// What a document is read from.
struct SourceFacts {
  bool regular = false;
  bool folder = false;
  bool read_once = false;  // a pipe or a socket: what was read is gone
  FileIdentity identity;   // two names of one pipe have the same
};
// Of what the name leads to; nothing is opened.
SourceFacts look_at_source(const std::filesystem::path& path, std::error_code& failure);
SourceFacts look_at_standard_input(std::error_code& failure);
bool may_read(const std::filesystem::path& path, std::error_code& failure);

// Whether reading would not wait: bytes, the end or an error are there within `wait`. The mode of
// the stream, which others may share, stays as it is.
bool is_readable(const File& file, std::chrono::milliseconds wait);

bool is_ignored(int signal);  // from the start: nohup
// Ends the process as the signal would have.
[[noreturn]] void end_by_signal(int signal);

}  // namespace ipm::os
