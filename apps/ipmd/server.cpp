#include "ipmd/server.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "base/files.h"
#include "http/server.h"
#include "ipmd/encryption.h"
#include "ipmd/trust_report.h"
#include "pki/random.h"
#include "print/limits.h"
#include "print/manager.h"
#include "print/service.h"
#include "spool/spool.h"
#include "tls/keeper.h"

namespace ipm::app {
namespace {

namespace asio = boost::asio;
using settings::ServerSettings;

constexpr std::size_t kBlockingThreads = 8;
constexpr std::chrono::milliseconds kReloadLook{500};  // S6 allows two seconds
constexpr std::chrono::seconds kTendEvery{5};
constexpr std::chrono::seconds kStopGrace{10};

std::string machine_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return "localhost";
  return name.data();
}

// "[::]:631" and "name" make "name:631": where clients find this server.
std::string authority_of(const std::string& name, const std::string& bound) {
  const auto colon = bound.rfind(':');
  return name + (colon == std::string::npos ? "" : bound.substr(colon));
}

// As many connections as the system lets this process have.
void raise_open_files() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

// Threads of the contexts: joined when it goes, whatever happens.
class Crew {
 public:
  explicit Crew(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      contexts_.push_back(std::make_unique<asio::io_context>(1));
      guards_.emplace_back(contexts_.back()->get_executor());
    }
  }
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;
  ~Crew() { dismiss(); }

  std::vector<asio::io_context*> contexts() const {
    std::vector<asio::io_context*> all;
    for (const auto& context : contexts_) all.push_back(context.get());
    return all;
  }
  asio::io_context& first() { return *contexts_.front(); }

  // The first context is run by the calling thread until dismiss().
  void work() {
    for (std::size_t i = 1; i < contexts_.size(); ++i) {
      threads_.emplace_back([context = contexts_[i].get()] { context->run(); });
    }
    contexts_.front()->run();
  }
  void stop() {
    for (const auto& context : contexts_) context->stop();
  }
  void dismiss() {
    stop();
    threads_.clear();  // joins
  }

 private:
  std::vector<std::unique_ptr<asio::io_context>> contexts_;
  std::vector<asio::executor_work_guard<asio::io_context::executor_type>> guards_;
  std::vector<std::jthread> threads_;
};

class RunningServer {
 public:
  RunningServer(const ServerSettings& settings, const Places& places, Log& log)
      : settings_(settings),
        places_(places),
        log_(log),
        trust_report_(places),
        crew_(std::max(std::thread::hardware_concurrency(), 1U)),
        pool_(kBlockingThreads),
        signals_(crew_.first(), SIGTERM, SIGINT, SIGHUP),
        look_(crew_.first()),
        tend_(crew_.first()) {}
  RunningServer(const RunningServer&) = delete;
  RunningServer& operator=(const RunningServer&) = delete;
  // Threads end before what they use: first the contexts', then the pool's.
  ~RunningServer() {
    crew_.dismiss();
    pool_.join();
  }

  void run() {
    build();
    listen();
    announce();
    manager_->start();
    wait_for_signals();
    look_for_changes();
    tend();
    crew_.work();
    log_.write(Message::ServerStopped, "ipmd stopped; what is queued stays queued");
  }

 private:
  void build() {
    if (settings_.encrypted) keeper_.emplace(sources_of(settings_, places_), system_clock(), log_);
    spool::Options spool_options;
    spool_options.database = places_.spool_database();
    spool_options.documents = places_.documents();
    spool_options.limits.document_bytes_max = settings_.document_bytes_max;
    spool_options.limits.history_jobs_max =
        print::kJobHistoryMax;  // one history, in memory and on disk
    spool_ = spool::Spool::open(std::move(spool_options), log_);

    print::ManagerOptions manager_options;
    manager_options.contexts = crew_.contexts();
    manager_options.pool = &pool_;
    manager_options.environment.pool = &pool_;
    if (keeper_) manager_options.environment.generation = [this] { return keeper_->current(); };
    manager_options.description.encrypted = settings_.encrypted;
    manager_options.description.mutual = settings_.mutual;
    manager_options.fill_random = pki::fill_random;
    manager_.emplace(std::move(manager_options), *spool_, log_);
    manager_->load(spool_->load());
  }

  void listen() {
    http::ServerOptions options;
    options.contexts = crew_.contexts();
    options.log = &log_;
    options.limits.connections = settings_.connections_max;
    options.limits.connections_per_address = settings_.connections_per_address_max;
    options.handler = [this](http::Request& request) { return service_->handle(request); };
    if (keeper_) options.generation = [this] { return keeper_->current(); };
    server_.emplace(std::move(options));
    for (const auto& address : settings_.listen) bound_.push_back(server_->listen_tcp(address));
    // The folder's mode keeps strangers out; the peer's credentials decide the rest.
    server_->listen_local(places_.socket(), 0666);

    print::ServiceOptions service_options;
    service_options.access = {settings_.operators, settings_.administrators};
    service_options.own_uid = ::getuid();
    const std::string name = settings_.name.empty() ? machine_name() : settings_.name;
    service_options.authority = authority_of(name, bound_.front());
    service_options.document_bytes_max = settings_.document_bytes_max;
    service_options.describe_system = [this, name](ipp::AttributeList& system) {
      system.add_name("system-name", name);
      describe_encryption(system, settings_, keeper_ ? &*keeper_ : nullptr, trust_report_);
    };
    service_.emplace(*manager_, std::move(service_options), log_);
  }

  void announce() {
    if (keeper_) {
      log_.write(Message::StartedEncrypted, "InfoPrint Manager started with SSL/TLS enabled.");
    } else {
      log_.write(Message::StartedPlaintext,
                 "ipmd started with encryption off: the traffic can be read and forged");
    }
    log_.write(Message::ServerStarted,
               fmt::format("ipmd is ready on {} and {}", fmt::join(bound_, ", "),
                           places_.socket().string()));
  }

  void wait_for_signals() {
    signals_.async_wait([this](boost::system::error_code failure, int signal) {
      if (failure) return;
      if (signal != SIGHUP) {
        stop();
        return;
      }
      log_.reopen();
      reload(true);
      wait_for_signals();
    });
  }

  // Files are read on the pool: a slow disk must not hold up the connections of this thread.
  // What is asked for during a reload is done at the next look.
  void reload(bool whatever_the_files_say) {
    reload_wanted_ = reload_wanted_ || whatever_the_files_say;
    if (!keeper_ || reloading_.exchange(true)) return;
    asio::post(pool_, [this, whatever = std::exchange(reload_wanted_, false)] {
      bool changed = false;
      if (whatever) {
        try {
          keeper_->reload();
          changed = true;
        } catch (const std::exception&) {
          // It is in the log.
        }
      } else {
        changed = keeper_->poll();
      }
      if (changed) server_->generation_changed();
      trust_report_.look();
      reloading_ = false;
    });
  }

  void look_for_changes() {
    look_.expires_after(kReloadLook);
    look_.async_wait([this](boost::system::error_code failure) {
      if (failure) return;
      reload(false);
      look_for_changes();
    });
  }

  void tend() {
    tend_.expires_after(kTendEvery);
    tend_.async_wait([this](boost::system::error_code failure) {
      if (failure) return;
      manager_->tend();
      tend();
    });
  }

  // No new connections, replies finished, deliveries ended and put back, then the threads.
  void stop() {
    look_.cancel();
    tend_.cancel();
    auto stop_manager = [this] {
      asio::co_spawn(crew_.first(), manager_->stop(), [this](std::exception_ptr failure) {
        if (failure) log_.write(Message::Unexpected, describe(failure));
        crew_.stop();
      });
    };
    server_->stop(kStopGrace, [this, stop_manager] { asio::post(crew_.first(), stop_manager); });
    // A second signal ends it at once.
    signals_.async_wait([this](boost::system::error_code failure, int) {
      if (!failure) crew_.stop();
    });
  }

  const ServerSettings& settings_;
  const Places& places_;
  Log& log_;
  std::unique_ptr<spool::Spool> spool_;  // outlives all that hands it work
  std::optional<tls::Keeper> keeper_;
  TrustReport trust_report_;
  Crew crew_;
  asio::thread_pool pool_;
  asio::signal_set signals_;
  asio::steady_timer look_;
  asio::steady_timer tend_;
  bool reload_wanted_ = false;  // on the first context's thread alone
  std::atomic<bool> reloading_{false};
  std::optional<print::Manager> manager_;
  std::optional<print::Service> service_;
  std::optional<http::Server> server_;
  std::vector<std::string> bound_;
};

}  // namespace

void check_server(const ServerSettings& settings, const Places& places, const Log& log) {
  if (settings.encrypted)
    const tls::Keeper keeper(sources_of(settings, places), system_clock(), log);
}

void run_server(const ServerSettings& settings, const Places& places, Log& log) {
  raise_open_files();
  // Before any thread; a broken pipe and a file that may not grow are error codes here.
  std::signal(SIGPIPE, SIG_IGN);  // NOLINT
  std::signal(SIGXFSZ, SIG_IGN);  // NOLINT
  make_folder(places.run);
  RunningServer(settings, places, log).run();
}

}  // namespace ipm::app
