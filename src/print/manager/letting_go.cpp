#include "print/manager/letting_go.h"

#include <fmt/format.h>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <utility>

#include "base/error.h"
#include "os/timer.h"

namespace ipm::print {
namespace asio = boost::asio;

Closing::Closing(std::shared_ptr<ManagerState> state, std::string destination)
    : state_(std::move(state)), name_(std::move(destination)) {
  const std::lock_guard lock(state_->mutex);
  static_cast<void>(state_->topology.logical_at(name_));
  if (!state_->closing.insert(name_).second) {
    throw Error(Message::PrinterNotFound, fmt::format("'{}' is being removed already", name_),
                "an existing destination");
  }
}

Closing::~Closing() {
  const std::lock_guard lock(state_->mutex);
  state_->closing.erase(name_);
}

Barring::Barring(std::shared_ptr<ManagerState> state, std::string device)
    : state_(std::move(state)), device_(std::move(device)) {
  const std::lock_guard lock(state_->mutex);
  state_->barred.insert(device_);
}

Barring::~Barring() {
  std::shared_ptr<Deliverer> deliverer;
  {
    const std::lock_guard lock(state_->mutex);
    state_->barred.erase(state_->barred.find(device_));
    // Once the server stops, the context that a wake is posted to may be gone.
    if (const auto at = state_->devices.find(device_);
        at != state_->devices.end() && !state_->stopping)
      deliverer = at->second.deliverer;
  }
  if (deliverer) deliverer->wake();
}

std::vector<InHand> in_hand(const ManagerState& state, const std::vector<std::string>& devices) {
  std::vector<InHand> found;
  for (const auto& name : devices) {
    const auto at = state.devices.find(name);
    if (at == state.devices.end()) continue;
    for (const int job : {at->second.state.job, at->second.upcoming}) {
      if (job != 0) found.push_back({name, job, at->second.deliverer});
    }
  }
  return found;
}

asio::awaitable<void> let_go(std::shared_ptr<ManagerState> state,
                             std::function<std::vector<InHand>(const ManagerState&)> find,
                             bool leave) {
  os::Timer timer(co_await asio::this_coro::executor);
  constexpr std::chrono::milliseconds kLook{10};
  for (std::chrono::milliseconds waited{0};; waited += kLook) {
    std::vector<InHand> there;
    {
      const std::lock_guard lock(state->mutex);
      there = find(*state);
    }
    if (there.empty()) co_return;
    if (waited >= state->options.limits.removal_wait) {
      throw Error(
          Message::PrinterHasJobs,
          fmt::format("{} is still printing job {}", there.front().device, there.front().job),
          "a device that lets its job go", "try again when that job has ended");
    }
    // Again and again: what has just been taken does not hear it yet.
    for (const auto& one : there) {
      if (leave && one.deliverer) one.deliverer->leave(one.job);
    }
    timer.expires_after(kLook);
    co_await timer.async_wait(asio::use_awaitable);
  }
}

}  // namespace ipm::print
