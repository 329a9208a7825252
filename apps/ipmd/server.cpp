#include "ipmd/server.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <map>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "base/files.h"
#include "base/text.h"
#include "http/router.h"
#include "http/server.h"
#include "ipmd/encryption.h"
#include "ipmd/io_threads.h"
#include "ipmd/limits.h"
#include "ipmd/notices.h"
#include "ipmd/reloader.h"
#include "ipmd/supervisor.h"
#include "os/network.h"
#include "os/process.h"
#include "os/user.h"
#include "pki/random.h"
#include "print/manager.h"
#include "print/service.h"
#include "spool/spool.h"

namespace ipm::app {
namespace {

namespace asio = boost::asio;
using settings::ServerSettings;

// "[::]:631" and "name" make "name:631": where clients find this server.
std::string authority_of(const std::string& name, const std::string& bound) {
  const auto colon = bound.rfind(':');
  return name + (colon == std::string::npos ? "" : bound.substr(colon));
}

print::ServicePolicy policy_of(const ServerSettings& settings) {
  return {{settings.operators, settings.administrators}, settings.document_bytes_max};
}

long seconds(std::chrono::steady_clock::duration time) {
  return static_cast<long>(std::chrono::duration_cast<std::chrono::seconds>(time).count());
}

// ARCHITECTURE.md, "Threads and stop", tells which thread does what and why the members stand in
// this order.
class RunningServer {
 public:
  RunningServer(const ServerSettings& settings, const Places& places, Log& log)
      : settings_(settings),
        places_(places),
        log_(log),
        supervisor_(log),
        notices_(log),
        reloader_(settings, places, log, notices_),
        intake_(kIntakeThreads),
        io_(std::max(std::thread::hardware_concurrency(), 1U)) {}
  RunningServer(const RunningServer&) = delete;
  RunningServer& operator=(const RunningServer&) = delete;
  // Threads end before what they use: coroutines that still wait for one of the pools are destroyed
  // after the work that would resume them, and before the pools themselves.
  ~RunningServer() {
    supervisor_.release("the last threads");
    io_.stop();
    io_.join();
    reloader_.join();
    notices_.join();
    intake_.join();
    devices_.join();
  }

  void run() {
    build();
    listen();
    announce();
    manager_->start();
    supervise();
    io_.run();
    finish();
  }

 private:
  void build() {
    spool::Options spool_options;
    spool_options.database = places_.spool_database();
    spool_options.documents = places_.documents();
    if (settings_.reserve_bytes) spool_options.limits.reserve_bytes = *settings_.reserve_bytes;
    spool_options.limits.history_jobs_max = settings_.history_jobs_max;
    spool_options.limits.history_age_max = std::chrono::days{settings_.history_days_max};
    spool_ = spool::Spool::open(std::move(spool_options), log_);

    print::ManagerOptions manager_options;
    manager_options.contexts = io_.contexts();
    manager_options.pool = intake_.get_executor();
    manager_options.environment.pool = intake_.get_executor();
    manager_options.environment.devices = &devices_;
    manager_options.environment.generation = [this] { return generation(); };
    manager_options.fill_random = pki::fill_random;
    manager_.emplace(std::move(manager_options), *spool_, log_);
    manager_->load(spool_->load());
  }

  std::shared_ptr<const tls::Generation> generation() const {
    return reloader_.configuration().generation();
  }

  // No request is answered before the contexts run; by then there are routes.
  void listen() {
    http::ServerOptions options;
    options.contexts = io_.contexts();
    options.log = &log_;
    options.limits.connections = settings_.connections_max;
    options.limits.connections_per_address = settings_.connections_per_address_max;
    options.handler = [this](http::Request& request) { return routes_(request); };
    options.generation = [this] { return generation(); };
    server_.emplace(std::move(options));
    for (const auto& address : settings_.listen) bound_.push_back(server_->listen_tcp(address));
    // The folder's mode keeps strangers out; the peer's credentials decide the rest.
    server_->listen_local(places_.socket());
    reloader_.when_changed([this] {
      service_->change(policy_of(*reloader_.configuration().settings()));
      server_->generation_changed();
    });

    print::ServiceOptions service_options;
    service_options.policy = policy_of(settings_);
    service_options.own_uid = os::own_user();
    const std::string name = settings_.name.empty() ? os::host_name() : settings_.name;
    service_options.authority = authority_of(name, bound_.front());
    service_options.describe_system = [this, name](ipp::AttributeList& system) {
      system.add_name("system-name", name);
      const Configuration& configuration = reloader_.configuration();
      describe_encryption(system, *configuration.settings(), configuration.generation().get(),
                          reloader_.trust());
      const auto waiting = configuration.waiting();
      if (!waiting.empty())
        system.add_strings("imprimatur-waits-for-restart", ipp::Tag::Text, waiting);
    };
    service_.emplace(*manager_, std::move(service_options), log_);
    http::Router router;
    service_->add_routes(router);
    routes_ = router.handler();
  }

  void announce() {
    if (settings_.encrypted) {
      log_encryption_on(log_);
    } else {
      log_.write(Message::StartedPlaintext,
                 "ipmd started with encryption off: the traffic can be read and forged");
    }
    log_.write(Message::ServerStarted,
               fmt::format("ipmd is ready on {} and {}", fmt::join(bound_, ", "),
                           places_.socket().string()));
  }

  void supervise() {
    Supervisor::Tasks tasks;
    tasks.hang_up = [this] {
      reloader_.run([this] { log_.reopen(); });
      reloader_.reload();
    };
    tasks.look = [this] { look(); };
    tasks.stop = [this] { stop_serving(); };
    tasks.put_back = [this] { put_back(); };
    tasks.finish = [this] { io_.stop(); };
    tasks.who_is_stuck = [this] { return who_is_stuck(); };
    supervisor_.begin(std::move(tasks));
  }

  // --- On the supervisor's thread ---

  void look() {
    reloader_.look();
    name_devices_that_hang();
    const auto now = std::chrono::steady_clock::now();
    if (now - tended_ < kTendEvery || tending_.exchange(true)) return;
    tended_ = now;
    asio::post(io_.first(), [this] {
      manager_->tend();
      tending_ = false;
    });
  }

  void name_devices_that_hang() {
    const auto now = std::chrono::steady_clock::now();
    const auto hanging = devices_.busy(kDeviceSlow);
    std::erase_if(named_, [&](const auto& known) {
      return std::ranges::none_of(hanging,
                                  [&](const auto& one) { return one.name == known.first; });
    });
    for (const auto& one : hanging) {
      const auto [known, first] = named_.try_emplace(one.name, now);
      if (!first && now - known->second < kDeviceSlowAgain) continue;
      known->second = now;
      notices_.write(
          fmt::format("{} has not come back from a call for {} s; {} more waiting for it",
                      printable(one.name), seconds(one.running), one.waiting));
    }
  }

  // No new connections, and replies are finished; then deliveries are put back; then the threads
  // end. Each step begins when the one before is done, or when its time is over.
  void stop_serving() {
    server_->stop(kReplyGrace, [this] {
      served_ = true;
      put_back();
    });
  }

  void put_back() {
    if (putting_back_.exchange(true)) return;
    asio::post(io_.first(), [this] {
      asio::co_spawn(io_.first(), manager_->stop(), [this](std::exception_ptr failure) {
        if (failure) log_.write(Message::Unexpected, describe(failure));
        delivered_ = manager_->still_delivering().empty();
        // Replies that have had their time and hang are not waited for again.
        io_.stop();
      });
    });
  }

  std::string who_is_stuck() const {
    std::vector<std::string> all;
    if (const auto running = reloader_.busy(); running && *running > kReloadSlow) {
      all.push_back(fmt::format("the reading of certificates (for {} s)", seconds(*running)));
    }
    if (!served_) {
      if (const auto open = server_->statistics().connections_open; open > 0) {
        all.push_back(fmt::format("{} connection{}", open, open == 1 ? "" : "s"));
      }
    }
    if (!delivered_) {
      const auto devices = manager_->still_delivering();
      if (devices.empty()) all.emplace_back("a delivery");
      for (const auto& device : devices) all.push_back("the delivery to " + device);
    }
    for (const auto& one : devices_.busy(std::chrono::seconds(0))) {
      all.push_back(fmt::format("{} (for {} s)", printable(one.name), seconds(one.running)));
    }
    return fmt::format("{}", fmt::join(all, ", "));
  }

  // --- On the first thread, when the contexts have stopped ---

  // In order: everybody has ended, and destructors do the rest. Otherwise coroutines and threads
  // are left that cannot be destroyed, and that may be writing to the spool just now: it stays as it
  // is, with all that was handed in on the disk, and the process ends.
  void finish() {
    io_.join();
    const bool in_order = served_ && delivered_ && devices_.load() == 0;
    if (!in_order) {
      const std::string who = named(who_is_stuck());
      supervisor_.release(who);
      spool_->flush();
      supervisor_.end_now(who + " did not end");
    }
    supervisor_.release("the log");
    log_.write(Message::ServerStopped, "ipmd stopped; what is queued stays queued");
  }

  const ServerSettings& settings_;
  const Places& places_;
  Log& log_;
  Supervisor supervisor_;  // its watch lasts until all below have gone
  std::map<std::string, std::chrono::steady_clock::time_point> named_;  // devices, in the log
  std::chrono::steady_clock::time_point tended_{};
  std::atomic<bool> tending_{false};
  std::atomic<bool> putting_back_{false};
  std::atomic<bool> served_{false};      // every connection has ended
  std::atomic<bool> delivered_{false};   // every deliverer has ended
  std::unique_ptr<spool::Spool> spool_;  // outlives all that hands it work
  Notices notices_;
  Reloader reloader_;
  asio::thread_pool intake_;    // outlives the coroutines that hold its executors
  output::DevicePool devices_;  // likewise
  IoThreads io_;                // with it go the coroutines
  std::optional<print::Manager> manager_;
  std::optional<print::Service> service_;
  http::Handler routes_;
  std::optional<http::Server> server_;
  std::vector<std::string> bound_;
};

}  // namespace

void check_server(const ServerSettings& settings, const Places& places, const Log& log) {
  if (settings.encrypted)
    const tls::Keeper keeper(sources_of(settings, places), system_clock(), log);
}

void run_server(const ServerSettings& settings, const Places& places, Log& log) {
  os::raise_open_files();
  os::ignore_write_signals();
  make_folder(places.run);
  RunningServer(settings, places, log).run();
}

}  // namespace ipm::app
