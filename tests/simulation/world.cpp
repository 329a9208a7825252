#include "world.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <chrono>
#include <exception>
#include <memory>
#include <stdexcept>
#include <utility>

#include "../support/temporary_folder.h"
#include "base/error.h"
#include "checks.h"
#include "clients.h"
#include "device_checks.h"
#include "devices.h"
#include "dice.h"
#include "disk.h"
#include "server.h"
#include "timeline.h"
#include "trace.h"

namespace ipm::simulation {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;

constexpr std::size_t kActs = 40;
constexpr std::chrono::seconds kTendEvery{10};
constexpr std::chrono::hours kPatience{3};

class World {
 public:
  explicit World(std::uint64_t seed)
      : dice_(seed),
        disk_(folder_ / "disk"),
        log_({folder_ / "error.log", false}),
        timeline_({[this] { return after_handler(); }, [this] { when_idle(); }}),
        devices_(street_, disk_, dice_, trace_),
        checks_(papers_, trace_),
        clients_(papers_, dice_, trace_, [this] { return server_ && !dead(); }) {
    if (dice_.chance(25)) memory_ = std::make_shared<spool::memory::Disk>();
    checks_.order_is_known = !memory_;
    for (std::size_t count = dice_.between(1, 3); count > 0; --count) {
      printers_.push_back(devices_.add(count));
    }
    timeline_.add(street_);
  }

  World(const World&) = delete;
  World& operator=(const World&) = delete;
  ~World() {
    server_.reset();
    timeline_.remove(street_);
  }

  void run() {
    trace_.leave_out(folder_.path().string());
    trace_.note("{} with {} printers", memory_ ? "memory" : "SQLite", printers_.size());
    start();
    for (const auto& name : printers_) add(name);
    for (std::size_t act = 0; act < kActs; ++act) {
      pass(dice_.chance(50) ? std::chrono::milliseconds(dice_.below(50))
                            : std::chrono::milliseconds(dice_.below(20'000)));
      if (dice_.chance(80)) {
        clients_.act(*server_, printers_);
      } else {
        trouble();
      }
    }
    mend();
    if (dice_.chance(50)) crash();
    finish();
    check_devices(devices_, printers_, papers_, checks_.jobs(), trace_);
  }

  Report report(std::uint64_t seed) const {
    return {seed, trace_.digest(), {}, trace_.lines(), papers_.size(), lives_};
  }

 private:
  bool dead() const { return disk_.is_off(); }

  bool after_handler() {
    if (dead()) return false;
    if (server_) checks_.follow(server_->manager());
    return true;
  }

  void when_idle() {
    if (server_ && !dead()) checks_.idle(server_->manager());
  }

  void start() {
    for (;;) {
      try {
        ++lives_;
        server_ = std::make_unique<Server>(timeline_, Ground{disk_, memory_, devices_.network()},
                                           dice_, log_);
      } catch (const Error& error) {
        trace_.note("server: does not start: {}", error.happened());
        if (dead()) power_on();
        mend_disk();
        continue;
      }
      if (!dead()) break;
      end_life();
    }
    trace_.note("server: runs");
    checks_.begin(server_->manager());
  }

  // Time goes on, with all that a server does by the clock.
  void pass(std::chrono::nanoseconds time) {
    const Moment end = os::SteadyClock::now() + time;
    while (os::SteadyClock::now() < end) {
      if (tended_ + kTendEvery <= os::SteadyClock::now()) {
        tended_ = os::SteadyClock::now();
        server_->manager().tend();
      }
      if (!timeline_.run_until(std::min(end, tended_ + kTendEvery))) restart();
    }
    if (!timeline_.run_for(0ns)) restart();
  }

  void end_life() {
    if (memory_) memory_->crash();
    end_server();
    power_on();
  }

  void end_server() {
    for (const int id : checks_.under_way()) papers_[id].interrupted = true;
    server_.reset();
    clients_.lose_answers();
  }

  void power_on() {
    disk_.power_on(dice_);
    trace_.note("server: is gone");
  }

  void restart() {
    trace_.note("the power goes");
    end_life();
    start();
  }

  void crash() {
    disk_.cut_now();
    restart();
  }

  void stop_and_start() {
    trace_.note("server: stops");
    // What a raw device has taken by then may be printed.
    for (const int id : checks_.under_way()) papers_[id].interrupted = true;
    checks_.leaving = true;
    const bool stopped = server_->stop();
    checks_.leaving = false;
    if (dead()) return restart();
    if (!stopped) trace_.fail("the server does not stop");
    end_server();
    start();
  }

  void add(const std::string& name) {
    print::DestinationOrder order;
    order.name = name;
    order.device_uri = devices_.uri_of(name);
    order.policy.attempts = static_cast<int>(dice_.between(2, 4));
    bool added = false;
    boost::asio::co_spawn(server_->context(), server_->manager().add_printer(order),
                          [&](const std::exception_ptr& failure) { added = !failure; });
    timeline_.run_until_done([&] { return added; }, 1min);
    if (!added) trace_.fail("{} cannot be added", name);
  }

  void trouble() {
    switch (dice_.below(9)) {
      case 0:
      case 1:
        return devices_.trouble(printers_[dice_.below(printers_.size())]);
      case 2:
        return devices_.mend();
      case 3:
        trace_.note("trouble: the disk is full");
        if (memory_) memory_->set_full(true);
        return disk_.set_full(true);
      case 4:
        return mend_disk();
      case 5:
        return refuse();
      case 6: {
        const auto operations = static_cast<unsigned>(dice_.below(30));
        trace_.note("trouble: the power goes after {} more operations", operations);
        return disk_.cut_after(operations);
      }
      case 7:
        return crash();
      default:
        return stop_and_start();
    }
  }

  void refuse() {
    const auto count = static_cast<unsigned>(dice_.between(1, 4));
    if (!memory_) {
      trace_.note("trouble: {} syncs are refused", count);
      return disk_.refuse_syncs(count);
    }
    if (dice_.chance(50)) {
      trace_.note("trouble: nothing can be written");
      return memory_->set_dead(true);
    }
    const bool durable = dice_.chance(50);
    trace_.note("trouble: an answer is lost");
    memory_->lose_answer(durable);
  }

  void mend_disk() {
    trace_.note("mend: disk");
    disk_.set_full(false);
    disk_.refuse_syncs(0);
    disk_.keep_power();
    if (memory_) {
      memory_->set_full(false);
      memory_->set_dead(false);
    }
  }

  // Everything works, and everybody is waited for.
  void mend() {
    devices_.mend();
    mend_disk();
    const Moment end = os::SteadyClock::now() + kPatience;
    for (int round = 0; os::SteadyClock::now() < end; ++round) {
      clients_.release_all(*server_, printers_);
      pass(round < 2 ? 60s : 330s);
      if (checks_.quiet()) break;
    }
  }

  // In the memory, or from the disk.
  print::JobPtr find(int id) {
    struct Answer {
      bool is_there = false;
      print::JobPtr job;
    };
    const auto answer = std::make_shared<Answer>();
    asio::co_spawn(server_->context(), server_->manager().find_job(id),
                   [answer](const std::exception_ptr& failure, print::JobPtr job) {
                     if (failure) std::rethrow_exception(failure);
                     *answer = {true, std::move(job)};
                   });
    for (int waited = 0; !answer->is_there; ++waited) {
      if (waited > 10) throw std::runtime_error("nobody finds the job");
      pass(1s);
    }
    return answer->job;
  }

  void finish() {
    const auto find_one = [this](int id) { return find(id); };
    pass(10s);
    checks_.end(find_one);
    mend_disk();
    stop_and_start();
    checks_.end(find_one);
    end_server();
  }

  ipm::test::TemporaryFolder folder_;
  Dice dice_;
  Trace trace_;
  Disk disk_;
  std::shared_ptr<spool::memory::Disk> memory_;
  Log log_;
  Timeline timeline_;
  boost::asio::io_context street_{1};  // on which everybody but the server lives
  Papers papers_;
  Devices devices_;
  Checks checks_;
  Clients clients_;
  std::vector<std::string> printers_;
  std::unique_ptr<Server> server_;
  Moment tended_{};
  std::size_t lives_ = 0;
};

}  // namespace

Report run(std::uint64_t seed) {
  World world(seed);
  std::optional<std::string> broken;
  try {
    world.run();
  } catch (const std::exception& failure) {
    broken = failure.what();
  }
  Report report = world.report(seed);
  report.broken = std::move(broken);
  return report;
}

}  // namespace ipm::simulation
