#pragma once
// The print manager's state: destinations, queues and jobs, in memory for every question and in the
// spool for every crash. Safe to call from any thread; its one lock is short and never held across
// a suspension. What it acknowledges (a returning coroutine) is durable.

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/owner.h"
#include "base/clock.h"
#include "base/log.h"
#include "print/destination.h"
#include "print/job.h"
#include "print/printer_description.h"
#include "print/uuid.h"
#include "spool/spool.h"

namespace ipm::print {

struct ManagerOptions {
  std::vector<boost::asio::io_context*> contexts;  // deliveries are spread over them; at least one
  boost::asio::thread_pool* pool = nullptr;        // for blocking work
  output::Environment environment;
  DescriptionOptions description;
  Clock clock = system_clock();
  std::function<void(std::span<unsigned char>)> fill_random;  // for UUIDs
};

// A logical destination with how its queue and its devices are doing.
struct Printer {
  LogicalDestination logical;
  std::string device_uri;
  ipp::PrinterState state = ipp::PrinterState::Idle;
  std::vector<std::string> reasons;
  std::string message;
  bool paused = false;
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

class Manager {
 public:
  Manager(ManagerOptions options, spool::Spool& spool, const Log& log);
  Manager(const Manager&) = delete;
  Manager& operator=(const Manager&) = delete;
  ~Manager();

  // Takes over what an earlier run left, then begins to deliver.
  void load(spool::LoadedState state);
  void load_history();
  void start();
  // Ends deliveries: jobs under way go back to their queues. Returns when all have ended.
  boost::asio::awaitable<void> stop();

  // --- Destinations. Throw Error{PrinterNotFound, PrinterExists, NameInvalid,
  // DeviceUriUnsupported}.
  boost::asio::awaitable<void> add_printer(DestinationOrder order);
  boost::asio::awaitable<void> remove_printer(std::string name);
  boost::asio::awaitable<void> pause(std::string name, bool paused);
  boost::asio::awaitable<void> accept(std::string name, bool accepting);
  std::optional<Printer> find_printer(std::string_view name) const;
  std::vector<Printer> printers() const;
  // The first by name, unless a setting says otherwise; absent when there is none.
  std::optional<std::string> default_printer() const;

  // --- Jobs. Throw Error{JobNotFound, JobNotPossible, NotAccepting, TooManyJobs}.
  // A new job with id, uuid, times and state filled in, nothing stored yet.
  Job draft(std::string_view destination);
  boost::asio::awaitable<Job> submit(Job job, std::vector<spool::NewDocument> documents);
  // Adds a document to an incoming job, or only closes it.
  boost::asio::awaitable<Job> add_document(int id, std::optional<spool::NewDocument> document,
                                           bool last);
  // `apply` may throw to refuse; it runs under the lock.
  boost::asio::awaitable<Job> change(int id, std::function<void(Job&)> apply);
  boost::asio::awaitable<void> cancel(int id, std::string by);
  std::optional<Job> find_job(int id) const;
  // In the order of RFC 8011, 4.2.6.2. The lock is let go between batches; jobs that went meanwhile
  // are passed over.
  void visit_jobs(const JobQuery& query, const std::function<void(const Job&)>& visit) const;
  // To be called every few seconds: closes incoming jobs whose documents stopped coming.
  void tend();

  // `bytes` as far as they are known: room for so many is made at once.
  spool::DocumentWriter new_document(std::uint64_t bytes = 0) { return spool_.new_document(bytes); }
  boost::asio::thread_pool& pool() { return *options_.pool; }
  TimePoint now() const { return options_.clock(); }
  TimePoint started() const { return started_; }

 private:
  struct State;

  // What deliverers ask for; see deliverer.h.
  std::optional<output::Assignment> take(const std::string& name);
  std::chrono::milliseconds settle(const std::string& name, int id, const output::Result& result);
  void report(const std::string& name, int id, std::string_view text,
              std::vector<std::string> reasons);
  void stored(int id, int number, bool failed, bool closed);
  void log_delivery(const std::string& name, const Job& job, const output::Result& result,
                    std::chrono::milliseconds pause) const;

  void describe(LogicalDestination& logical, const std::string& device_uri) const;
  void wake(const std::string& queue);

  ManagerOptions options_;
  spool::Spool& spool_;
  const Log& log_;
  TimePoint started_;
  UuidMaker uuids_;
  std::unique_ptr<State> state_;
};

}  // namespace ipm::print
