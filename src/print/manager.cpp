// Destinations, start and stop; the jobs are in manager_jobs.cpp, deliveries in
// manager_delivery.cpp.
#include "print/manager.h"

#include <fmt/format.h>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <utility>

#include "base/text.h"
#include "print/job_record.h"
#include "print/limits.h"
#include "print/manager_state.h"
#include "print/receipt.h"

namespace ipm::print {
namespace asio = boost::asio;

void no_such_printer(std::string_view name) {
  throw Error(Message::PrinterNotFound,
              fmt::format("there is no destination '{}'", printable(name)),
              "the name of an existing destination", "see what there is: ipm printer list");
}

void no_such_job(int id) {
  throw Error(Message::JobNotFound, fmt::format("there is no job {}", id),
              "the number of an existing job", "see what there is: ipm jobs");
}

const LogicalDestination& Manager::State::logical_at(std::string_view name) const {
  const auto at = logical.find(name);
  if (at == logical.end()) no_such_printer(name);
  return at->second;
}

LogicalDestination& Manager::State::logical_at(std::string_view name) {
  const auto at = logical.find(name);
  if (at == logical.end()) no_such_printer(name);
  return at->second;
}

const Device& Manager::State::device_of(const LogicalDestination& destination) const {
  return devices.at(queues.at(destination.queue).actual.front());
}

Device& Manager::State::device_of(const LogicalDestination& destination) {
  return devices.at(queues.at(destination.queue).actual.front());
}

Printer Manager::State::view(const LogicalDestination& destination) const {
  const Device& device = device_of(destination);
  Printer printer;
  printer.logical = destination;
  printer.device_uri = device.destination.device_uri;
  printer.state = device.destination.paused ? ipp::PrinterState::Stopped : device.destination.state;
  printer.reasons = device.destination.reasons;
  if (device.destination.paused) printer.reasons.insert(printer.reasons.begin(), "paused");
  printer.message = device.destination.message;
  printer.paused = device.destination.paused;
  printer.queued = jobs.unfinished_count(destination.name);
  return printer;
}

Manager::Manager(ManagerOptions options, spool::Spool& spool, const Log& log)
    : options_(std::move(options)),
      spool_(spool),
      log_(log),
      started_(options_.clock()),
      uuids_(options_.fill_random),
      state_(std::make_unique<State>()) {}

Manager::~Manager() = default;

void Manager::describe(LogicalDestination& logical, const std::string& device_uri) const {
  auto list = describe_printer(logical, device_uri, options_.description, logical.state_changed);
  ipp::AttributeList on_request;
  if (const auto* database = list.find("media-col-database")) on_request.add(*database);
  logical.on_request = std::make_shared<const ipp::EncodedAttributes>(on_request);
  list.remove("media-col-database");
  logical.description = std::make_shared<const ipp::EncodedAttributes>(list);
  logical.supported = std::make_shared<const ipp::AttributeList>(std::move(list));
}

void Manager::load(spool::LoadedState loaded) {
  const std::lock_guard lock(state_->mutex);
  for (const auto& record : loaded.destinations) {
    switch (record.kind) {
      case spool::DestinationKind::Logical:
        state_->logical.emplace(record.name, logical_from_record(record));
        break;
      case spool::DestinationKind::Queue:
        state_->queues[record.name].actual = record.feeds;
        break;
      case spool::DestinationKind::Actual: {
        Device device;
        device.destination.name = record.name;
        device.destination.device_uri = record.device_uri;
        device.destination.paused = record.paused;
        try {
          device.destination.driver =
              output::make_driver(parse_uri(record.device_uri), {}, options_.environment);
        } catch (const Error& error) {
          // The device was fine when it was added (a folder has gone, say): the jobs wait for it.
          log_.write(error);
          device.destination.paused = true;
          device.destination.message = error.happened();
        }
        state_->devices.emplace(record.name, std::move(device));
        break;
      }
    }
  }
  for (auto at = state_->logical.begin(); at != state_->logical.end();) {
    const auto queue = state_->queues.find(at->second.queue);
    if (queue == state_->queues.end() || queue->second.actual.empty() ||
        !state_->devices.contains(queue->second.actual.front())) {
      log_.write(Message::SpoolDamaged,
                 fmt::format("destination {} has no queue or no device", at->first));
      at = state_->logical.erase(at);
      continue;
    }
    for (const auto& actual : queue->second.actual)
      state_->devices.at(actual).queue = at->second.queue;
    describe(at->second, state_->device_of(at->second).destination.device_uri);
    ++at;
  }
  if (const auto at = loaded.settings.find("default-printer"); at != loaded.settings.end()) {
    state_->default_name = at->second;
  }
  for (const auto& record : loaded.jobs) {
    try {
      Job job = from_record(record);
      if (record.interrupted)
        job.message = "the server was stopped while it was printed; it is printed again";
      if (job.incoming)
        state_->incoming.emplace(job.id, options_.clock() + kMultipleOperationTimeout);
      const auto logical = state_->logical.find(job.destination);
      const std::string queue =
          logical == state_->logical.end() ? job.destination : logical->second.queue;
      state_->jobs.insert(std::move(job), queue);
    } catch (const Error& error) {
      log_.write(Message::SpoolDamaged,
                 fmt::format("job {} is set aside: {}", record.job.id, error.happened()));
    }
  }
  load_history();
  for (const auto& damaged : loaded.damaged) {
    spool::JobUpdate update;
    update.id = damaged.job.id;
    update.status = damaged.job.status;
    update.status.state = spool::JobState::Aborted;
    update.status.message = damaged.damage;
    update.status.finished_at = options_.clock();
    spool_.update_job(std::move(update), {});
  }
}

// The newest finished jobs, so far as memory keeps them.
void Manager::load_history() {
  for (const auto& record : spool_.history({}, std::nullopt, kJobHistoryMax).jobs) {
    try {
      Job job = from_record(record);
      const auto logical = state_->logical.find(job.destination);
      const std::string queue =
          logical == state_->logical.end() ? job.destination : logical->second.queue;
      state_->jobs.insert(std::move(job), queue);
    } catch (const Error& error) {
      log_.write(Message::SpoolDamaged,
                 fmt::format("job {} is left out: {}", record.job.id, error.happened()));
    }
  }
}

asio::awaitable<void> Manager::add_printer(DestinationOrder order) {
  check_destination_name(order.name);
  const Uri uri = parse_uri(order.device_uri);
  // Looks at the device's folder: blocking, but only for an administrator's request.
  std::shared_ptr<const output::Driver> driver = output::make_driver(uri, {}, options_.environment);
  LogicalDestination logical;
  logical.name = order.name;
  logical.info = order.info;
  logical.location = order.location;
  logical.uuid = uuids_.next();
  logical.queue = order.name;
  logical.state_changed = options_.clock();
  describe(logical, to_string(uri));
  Device device;
  device.destination.name = order.name;
  device.destination.device_uri = to_string(uri);
  device.destination.driver = std::move(driver);
  device.queue = order.name;

  const Receipt logical_kept;
  const Receipt queue_kept;
  const Receipt device_kept;
  {
    const std::lock_guard lock(state_->mutex);
    if (state_->logical.contains(order.name)) {
      throw Error(Message::PrinterExists,
                  fmt::format("there already is a destination '{}'", order.name), "a new name",
                  fmt::format("choose another name, or first: ipm printer delete {}", order.name));
    }
    if (state_->logical.size() >= kDestinationsMax) {
      throw Error(Message::TooManyJobs, fmt::format("there are {} destinations", kDestinationsMax),
                  "fewer destinations", "delete some: ipm printer delete NAME");
    }
    // The logical destination comes last: without it the other two are nothing.
    spool_.put_destination(to_record(device.destination), device_kept.completion());
    spool_.put_destination(queue_record(order.name, {order.name}), queue_kept.completion());
    spool_.put_destination(to_record(logical), logical_kept.completion());
    state_->queues[order.name].actual = {order.name};
    state_->devices[order.name] = std::move(device);
    state_->logical[order.name] = std::move(logical);
  }
  co_await device_kept.wait();
  co_await queue_kept.wait();
  co_await logical_kept.wait();
  start();
}

asio::awaitable<void> Manager::remove_printer(std::string name) {
  std::vector<int> jobs;
  {
    const std::lock_guard lock(state_->mutex);
    static_cast<void>(state_->logical_at(name));
    jobs = state_->jobs.unfinished(name);
  }
  for (const int id : jobs) {
    try {
      co_await cancel(id, "the destination was deleted");
    } catch (const Error&) {
      // It finished meanwhile.
    }
  }
  const Receipt logical_gone;
  const Receipt queue_gone;
  const Receipt device_gone;
  std::shared_ptr<Deliverer> deliverer;
  {
    const std::lock_guard lock(state_->mutex);
    const LogicalDestination& logical = state_->logical_at(name);
    Device& device = state_->device_of(logical);
    deliverer = device.deliverer;
    const std::string queue = logical.queue;
    const std::string actual = device.destination.name;
    spool_.remove_destination(spool::DestinationKind::Logical, name, logical_gone.completion());
    spool_.remove_destination(spool::DestinationKind::Queue, queue, queue_gone.completion());
    spool_.remove_destination(spool::DestinationKind::Actual, actual, device_gone.completion());
    state_->devices.erase(actual);
    state_->queues.erase(queue);
    state_->logical.erase(name);
  }
  if (deliverer) deliverer->stop();
  co_await logical_gone.wait();
  co_await queue_gone.wait();
  co_await device_gone.wait();
}

asio::awaitable<void> Manager::pause(std::string name, bool paused) {
  const Receipt kept;
  std::shared_ptr<Deliverer> deliverer;
  {
    const std::lock_guard lock(state_->mutex);
    LogicalDestination& logical = state_->logical_at(name);
    Device& device = state_->device_of(logical);
    if (!paused && !device.destination.driver) {
      // Its folder had gone at the start; now is the time to look again.
      device.destination.driver =
          output::make_driver(parse_uri(device.destination.device_uri), {}, options_.environment);
      device.deliverer.reset();
    }
    device.destination.paused = paused;
    device.destination.message = paused ? "paused by an operator" : "";
    if (!paused) device.destination.reasons.clear();
    logical.state_changed = options_.clock();
    spool_.put_destination(to_record(device.destination), kept.completion());
    deliverer = device.deliverer;
  }
  if (!paused) start();
  if (deliverer) deliverer->wake(!paused);
  co_await kept.wait();
}

asio::awaitable<void> Manager::accept(std::string name, bool accepting) {
  const Receipt kept;
  {
    const std::lock_guard lock(state_->mutex);
    LogicalDestination& logical = state_->logical_at(name);
    logical.accepting = accepting;
    logical.state_changed = options_.clock();
    spool_.put_destination(to_record(logical), kept.completion());
  }
  co_await kept.wait();
}

std::optional<Printer> Manager::find_printer(std::string_view name) const {
  const std::lock_guard lock(state_->mutex);
  const auto at = state_->logical.find(name);
  if (at == state_->logical.end()) return std::nullopt;
  return state_->view(at->second);
}

std::vector<Printer> Manager::printers() const {
  const std::lock_guard lock(state_->mutex);
  std::vector<Printer> all;
  for (const auto& [name, logical] : state_->logical) all.push_back(state_->view(logical));
  return all;
}

std::optional<std::string> Manager::default_printer() const {
  const std::lock_guard lock(state_->mutex);
  if (state_->default_name && state_->logical.contains(*state_->default_name))
    return state_->default_name;
  if (state_->logical.empty()) return std::nullopt;
  return state_->logical.begin()->first;
}

}  // namespace ipm::print
