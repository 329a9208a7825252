#pragma once
// The print manager: destinations, queues and jobs, in memory for every question and in the spool
// for every crash. Safe to call from any thread; its one lock is short, and nothing slow happens
// under it. Memory follows the disk: a change is handed in to the spool, made durable, and then
// takes effect; one that the disk refused leaves no trace. What a coroutine here acknowledges by
// returning is durable.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "access/owner.h"
#include "base/clock.h"
#include "base/log.h"
#include "events/stream.h"
#include "os/clock.h"
#include "print/jobs/job.h"
#include "print/jobs/job_machine.h"
#include "print/limits.h"
#include "print/printer_description.h"
#include "print/topology/topology.h"
#include "spool/spool.h"

namespace ipm::print {

struct ManagerOptions {
  std::vector<boost::asio::io_context*> contexts;  // deliveries are spread over them; at least one
  boost::asio::any_io_executor pool;               // for the spool's disk
  output::Environment environment;
  Clock clock = system_clock();
  // For pauses: never goes back.
  std::function<os::SteadyClock::time_point()> monotonic = os::SteadyClock::now;
  std::function<void(std::span<unsigned char>)> fill_random;  // for UUIDs
  // Makes drivers, on a thread of environment.devices.
  std::function<std::unique_ptr<output::Driver>(const Uri&, const output::DeviceSettings&,
                                                const output::Environment&)>
      make_driver = output::make_driver;
  Limits limits;
};

// How a logical destination's queue and devices are doing.
struct Standing {
  ipp::PrinterState state = ipp::PrinterState::Idle;
  std::vector<std::string> reasons;
  std::string message;
  bool paused = false;
};

struct Printer final : events::Subject, Standing {
  LogicalDestination logical;
  std::string device_uri;  // of the first device
  output::DeviceSettings settings;
  ErrorPolicy policy;
  std::size_t queued = 0;
};

enum class WhichJobs { NotCompleted, Completed, All };

struct JobQuery {
  std::string destination;  // empty: all
  WhichJobs which = WhichJobs::NotCompleted;
  std::optional<access::Owner> owner;
  std::optional<std::string> owner_name;  // of any kind: for operators
  std::size_t limit = 0;                  // 0: as many as there are, up to kJobsListedMax
  std::vector<int> ids;                   // not empty: these, in this order
};

// What becomes of the jobs of a destination that is removed.
struct RemovalOrder {
  bool cancel_jobs = false;
  std::string move_to;  // a logical destination; empty: nowhere
};

struct ManagerState;
class JobWalk;

// A document of an incoming job is on its way: as long as this lives, the job is not closed for
// want of documents.
class Arrival {
 public:
  Arrival(std::shared_ptr<ManagerState> state, int job);
  Arrival(Arrival&&) noexcept = default;
  Arrival& operator=(Arrival&&) = delete;
  ~Arrival();

 private:
  std::shared_ptr<ManagerState> state_;
  int job_;
};

class Manager {
 public:
  Manager(ManagerOptions options, spool::Spool& spool, const Log& log);
  Manager(const Manager&) = delete;
  Manager& operator=(const Manager&) = delete;
  ~Manager();

  // Takes over what an earlier run left, then begins to deliver.
  void load(spool::LoadedState state);
  void start();
  // Ends deliveries: what a device goes on with stays its own, the rest goes back to the queues.
  // Returns when all have ended, or after Limits::stop_wait; the log then names whoever is
  // stuck.
  boost::asio::awaitable<void> stop();
  // The devices whose delivery has not ended, once stop() has been called. Any thread.
  std::vector<std::string> still_delivering() const;

  // --- Destinations. Throw Error{PrinterNotFound, PrinterExists, NameInvalid,
  // DeviceUriUnsupported}.
  boost::asio::awaitable<void> add_printer(DestinationOrder order);
  // Where the address changes, the device lets go of its job first, and what it may have is in
  // doubt. Throws Error{PrinterHasJobs} when it does not let go.
  boost::asio::awaitable<void> modify_printer(std::string name, DestinationChange wanted);
  // Throws Error{PrinterHasJobs} where there are jobs and the order says nothing of them. New jobs
  // are refused from the beginning.
  boost::asio::awaitable<void> remove_printer(std::string name, RemovalOrder order = {});
  // `why` is for people.
  boost::asio::awaitable<void> pause(std::string name, bool paused, std::string why = {});
  boost::asio::awaitable<void> accept(std::string name, bool accepting);
  boost::asio::awaitable<void> set_default(std::string name);
  // What the destination's device, just added, answers when it is asked what it can: in words for
  // people. Waits for it a moment only. Nothing of devices that cannot be asked.
  boost::asio::awaitable<std::optional<std::string>> hear_device(std::string name);
  std::optional<Printer> find_printer(std::string_view name) const;
  std::vector<Printer> printers() const;
  struct Counts {
    std::size_t printers = 0;
    std::size_t queued = 0;  // jobs that are not finished
  };
  Counts counts() const;
  // The one that was set, else the one that was added first; absent when there is none.
  std::optional<std::string> default_printer() const;

  // --- Jobs. Throw Error{JobNotFound, JobNotPossible, NotAccepting, TooManyJobs}.
  // A new job with id, uuid, times and state filled in, nothing stored yet.
  Job draft(std::string_view destination);
  boost::asio::awaitable<JobPtr> submit(Job job, std::vector<spool::NewDocument> documents);
  // To be held while a document is received for add_document().
  Arrival expect_document(int id);
  // Throws Error{JobNotPossible} where the job takes no further document: before one is received.
  void require_room(int id) const;
  // Adds a document to an incoming job, or only closes it.
  boost::asio::awaitable<JobPtr> add_document(int id, std::optional<spool::NewDocument> document,
                                              bool last);
  boost::asio::awaitable<JobPtr> change(int id, JobEvent event);
  boost::asio::awaitable<void> cancel(int id, std::string by, Cause cause = Cause::CanceledByUser);
  // All of them as one change, which no device comes between; those that are just being changed
  // follow when that is decided. Those that are finished, or go meanwhile, are passed over.
  boost::asio::awaitable<void> cancel(std::vector<int> ids, std::string by,
                                      Cause cause = Cause::CanceledByUser);
  // Finished jobs of the destination are forgotten, on the disk too.
  boost::asio::awaitable<void> forget_finished(std::string destination);
  // Null when there is none. Reads the disk, on the pool, for a job that finished long ago.
  boost::asio::awaitable<JobPtr> find_job(int id) const;
  // See job_walk.h.
  JobWalk walk_jobs(JobQuery query) const;
  // job-state-reasons and job-state-message with what the printers add: why the job waits.
  std::vector<std::string> reasons_of(const Job& job) const;
  std::string message_of(const Job& job) const;
  // To be called every few seconds: closes incoming jobs whose documents stopped coming, and has
  // deliverers look whether a pause is over.
  void tend();

  // Every change of the above, in order.
  const events::Stream& events() const;

  // `bytes` as far as they are known: room for so many is made at once.
  spool::DocumentWriter new_document(std::uint64_t bytes = 0);
  const boost::asio::any_io_executor& pool() const;
  TimePoint now() const;
  TimePoint started() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
  std::shared_ptr<ManagerState> state_;
};

}  // namespace ipm::print
