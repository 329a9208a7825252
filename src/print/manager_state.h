#pragma once
// What the manager guards with its lock. Internal to print.

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "print/deliverer.h"
#include "print/job_table.h"
#include "print/manager.h"

namespace ipm::print {

struct Queue {
  std::vector<std::string> actual;  // names of the destinations that it feeds
};

struct Device {
  ActualDestination destination;
  std::string queue;
  std::shared_ptr<Deliverer> deliverer;  // null until started
};

struct Manager::State {
  mutable std::mutex mutex;
  std::map<std::string, LogicalDestination, std::less<>> logical;
  std::map<std::string, Queue, std::less<>> queues;
  std::map<std::string, Device, std::less<>> devices;
  JobTable jobs;
  std::map<int, TimePoint> incoming;  // jobs that wait for documents, and until when
  std::optional<std::string> default_name;
  std::size_t next_context = 0;
  bool stopping = false;

  const LogicalDestination& logical_at(std::string_view name) const;
  LogicalDestination& logical_at(std::string_view name);
  Device& device_of(const LogicalDestination& destination);
  const Device& device_of(const LogicalDestination& destination) const;
  Printer view(const LogicalDestination& destination) const;
};

// The words of Error{PrinterNotFound} and Error{JobNotFound}.
[[noreturn]] void no_such_printer(std::string_view name);
[[noreturn]] void no_such_job(int id);

}  // namespace ipm::print
