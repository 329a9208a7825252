#pragma once
// What the manager guards with its lock, and the one way in which it changes: hand_in(). Shared with
// the deliverers and with the spool's completions, which may outlive the manager. Internal to print.

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "print/delivery/deliverer.h"
#include "print/jobs/job_table.h"
#include "print/manager.h"
#include "print/manager/changes.h"
#include "print/receipt.h"
#include "print/scheduling/device_state.h"
#include "print/uuid.h"

namespace ipm::print {

// A device at work.
struct Device {
  DeviceState state;
  int upcoming = 0;                      // the job that is taken with the outcome of state.job
  std::uint64_t version = 0;             // another one whenever its address or settings change
  std::shared_ptr<Deliverer> deliverer;  // null until started
  std::shared_ptr<const output::DeviceDescription> description;  // null: not known
  bool is_asked = false;                                         // whatever came of it
  std::optional<std::string> silence;  // why the last question had no answer
};

// The subject of events of a device.
struct DeviceSubject final : events::Subject {
  std::string name;
  DeviceState state;
};

// An incoming job.
struct Incoming {
  TimePoint until{};  // then it is closed,
  int arriving = 0;   // unless documents are on their way
};

struct ManagerState : std::enable_shared_from_this<ManagerState> {
  ManagerState(ManagerOptions given, spool::Spool& keeper, const Log& where);

  // --- Constant, or safe by themselves.
  const ManagerOptions options;
  spool::Spool& spool;
  const Log& log;
  const TimePoint started;
  UuidMaker uuids;
  const std::shared_ptr<events::Stream> stream;

  // --- Under the lock.
  mutable std::mutex mutex;
  Topology topology;
  JobTable jobs;
  std::map<std::string, Device, std::less<>> devices;
  std::map<std::string, PrinterFacts, std::less<>> facts;
  std::map<int, Incoming> incoming;
  std::set<std::string, std::less<>> closing;      // destinations that are being removed
  std::multiset<std::string, std::less<>> barred;  // devices that take nothing for now
  bool topology_changing = false;                  // a change of it is on its way to the disk
  std::optional<Receipt> turn;                     // of those who wait for a change to be decided
  std::size_t next_context = 0;
  std::uint64_t next_version = 1;
  std::uint64_t next_read = 1;  // see PrinterFacts
  bool running = false;
  bool stopping = false;

  // Calls `plan` under the lock until it needs nothing that is just being changed, hands in what it
  // planned, and returns when that is durable and in force. `plan` returns false when it has to
  // wait, and may throw to refuse.
  template <class Plan>
  boost::asio::awaitable<void> carry_out(Plan plan) {
    for (;;) {
      std::optional<Receipt> receipt;
      bool planned = false;
      {
        const std::lock_guard lock(mutex);
        Changes changes;
        planned = plan(changes);
        if (planned && changes.empty()) co_return;
        receipt = planned ? hand_in(std::move(changes)) : wait_for_turn();
      }
      co_await receipt->wait();
      if (planned) co_return;
    }
  }

  // Everything handed in before is decided when it returns.
  boost::asio::awaitable<void> settle_earlier() const;

  // --- With the lock held.
  // Until the change is decided, nobody may change the same jobs or, with it, the topology.
  Receipt hand_in(Changes changes);
  Receipt wait_for_turn();
  // Throws Error{JobNotFound}. Only of jobs in memory.
  JobPtr job_at(int id) const;
  Standing standing(const LogicalDestination& logical) const;
  Printer view(const LogicalDestination& logical) const;
  PrinterFacts describe(const LogicalDestination& logical, const ActualDestination& device,
                        const output::DeviceDescription* description) const;
  void publish(events::What what, std::string which, events::SubjectPtr before,
               events::SubjectPtr after) const;
  // Changes how a device is doing, and says so.
  void put(const std::string& name, Device& device, DeviceState state) const;
  // Deliverers that may find work in the queue.
  void find_idle(const std::string& queue, std::vector<std::shared_ptr<Deliverer>>& found) const;
  // Of devices that have none yet, once the manager runs. To be started without the lock.
  std::vector<std::shared_ptr<Deliverer>> make_deliverers();

  // --- Without the lock.
  // Null when there is none. Reads the disk for a job that finished long ago.
  JobPtr find_job(int id) const;
  // Describes destinations anew after they or their devices changed.
  void refresh_facts(const std::vector<std::string>& logical);

 private:
  void decide(const Changes& changes, std::exception_ptr failure);
  struct Consequences;
  void take_effect(const Changes& changes, Consequences& then);
  void take_effect(const JobPtr& job, Consequences& then);
  void take_effect(const TopologyChange& change, const Changes& changes, Consequences& then);
  void release(const Changes& changes, Consequences& then);
};

}  // namespace ipm::print
