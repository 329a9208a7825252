#include "ipmd/supervisor.h"

#include <fmt/format.h>

#include <future>
#include <utility>

#include "ipmd/limits.h"
#include "os/process.h"

namespace ipm::app {

std::string named(std::string who) {
  return who.empty() ? "a part of the server" : std::move(who);
}

Supervisor::Supervisor(const Log& log)
    : log_(log),
      signals_(context_),
      look_(context_),
      put_back_(context_),
      finish_(context_),
      end_(context_) {
  for (const int signal : os::stop_signals()) signals_.add(signal);
  if (const auto again = os::reload_signal()) signals_.add(*again);
}

Supervisor::~Supervisor() {
  context_.stop();
  if (thread_.joinable()) thread_.join();
}

void Supervisor::begin(Tasks tasks) {
  tasks_ = std::move(tasks);
  wait_for_signal();
  look();
  thread_ = std::thread([this] { context_.run(); });
}

void Supervisor::release(std::string stage) {
  const std::lock_guard lock(mutex_);
  tasks_ = {};
  stage_ = std::move(stage);
}

void Supervisor::end_now(const std::string& why) const {
  std::promise<void> written;
  auto done = written.get_future();
  // Another thread may hang in the log with its lock. Nobody is joined, and nothing goes out of
  // scope before the process is no more.
  std::thread([&] {
    log_.write(Message::Notice,
               fmt::format("ipmd ended at once: {}; what is queued stays queued", why));
    written.set_value();
  }).detach();
  done.wait_for(kLastLineWait);
  os::end_at_once(0);
}

void Supervisor::call(std::function<void()> Tasks::* task) {
  const std::lock_guard lock(mutex_);
  if (tasks_.*task) (tasks_.*task)();
}

std::string Supervisor::stuck() const {
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock) return named({});
  std::string who = tasks_.who_is_stuck ? tasks_.who_is_stuck() : std::string();
  return who.empty() ? stage_ : who;
}

template <class Task>
void Supervisor::after(boost::asio::steady_timer& timer, std::chrono::milliseconds wait,
                       Task task) {
  timer.expires_after(wait);
  timer.async_wait([task = std::move(task)](boost::system::error_code cancelled) {
    if (!cancelled) task();
  });
}

void Supervisor::look() {
  after(look_, kLookPause, [this] {
    if (stopping_) return;
    call(&Tasks::look);
    look();
  });
}

void Supervisor::wait_for_signal() {
  signals_.async_wait([this](boost::system::error_code failure, int signal) {
    if (failure) return;
    if (signal == os::reload_signal()) {
      if (!stopping_) call(&Tasks::hang_up);
    } else if (stopping_) {
      const std::string under_way = stuck();
      end_now(under_way.empty() ? "a second signal" : "a second signal, during " + under_way);
    } else {
      begin_stop();
    }
    wait_for_signal();
  });
}

void Supervisor::begin_stop() {
  stopping_ = true;
  after(put_back_, kReplyGrace, [this] { call(&Tasks::put_back); });
  after(finish_, kDeliveryGrace, [this] { call(&Tasks::finish); });
  after(end_, kStopGrace - kLastLineWait, [this] {
    end_now(fmt::format("{} did not end within {} s", named(stuck()),
                        std::chrono::duration_cast<std::chrono::seconds>(kStopGrace).count()));
  });
  call(&Tasks::stop);
}

}  // namespace ipm::app
