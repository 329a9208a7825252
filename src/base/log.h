#pragma once
// The error log: one line a message, "TIME SEVERITY NUMBER TEXT", in a file and on the console.
//
//   2029-04-21T08:00:00Z warning 5010-907 The SSL/TLS certificate for InfoPrint Manager expires on …
//
// Foreign text inside a line is escaped, so that nobody can forge a line.

#include <filesystem>
#include <memory>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "base/messages.h"

namespace ipm {

// Safe to call from any thread. A log that cannot be written to does not stop the program.
class Log {
 public:
  struct Options {
    std::filesystem::path file;  // Empty: no file.
    bool console = false;        // Also to standard error.
    Clock clock = system_clock();
  };

  // Throws Error{FileUnwritable} when the file cannot be opened for appending.
  explicit Log(Options options);
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;
  ~Log();

  void write(Message message, std::string_view text) const;
  void write(const Error& error) const;

  // Opens the file anew, after a log rotation. Keeps the old one where that fails.
  void reopen();

 private:
  struct Sinks;
  std::unique_ptr<Sinks> sinks_;
  Clock clock_;
};

}  // namespace ipm
