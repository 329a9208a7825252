#include "print/delivery/deliverer.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "base/error.h"
#include "os/timer.h"
#include "print/limits.h"

namespace ipm::print {
namespace asio = boost::asio;
using os::SteadyClock;

Deliverer::Deliverer(Options options, std::shared_ptr<DeliveryDesk> desk)
    : options_(std::move(options)),
      desk_(std::move(desk)),
      timer_(*options_.context),
      describe_timer_(*options_.context) {}

void Deliverer::begin(asio::awaitable<void> work) {
  auto ended = [self = shared_from_this()](std::exception_ptr failure) {
    --self->running_;
    if (failure) self->options_.failed(std::move(failure));
  };
  asio::co_spawn(*options_.context, std::move(work), std::move(ended));
}

void Deliverer::start() {
  running_ = 2;
  begin(run());
  begin(describe());
}

void Deliverer::wake() {
  asio::post(*options_.context, [self = shared_from_this()] {
    self->poked_ = true;
    self->timer_.cancel();
  });
}

void Deliverer::cancel(int job) {
  asio::post(*options_.context, [self = shared_from_this(), job] {
    if (self->job_ == job && self->under_way_) self->under_way_->cancel();
  });
}

void Deliverer::leave(int job) {
  asio::post(*options_.context, [self = shared_from_this(), job] {
    if (self->job_ == job && self->under_way_) self->under_way_->stop();
  });
}

void Deliverer::stop() {
  asio::post(*options_.context, [self = shared_from_this()] {
    self->stopping_ = true;
    self->timer_.cancel();
    self->describe_timer_.cancel();
    if (self->under_way_) self->under_way_->stop();
    if (self->describing_) self->describing_->stop();
  });
}

void Deliverer::give_up() {
  asio::post(*options_.context, [self = shared_from_this()] {
    self->given_up_ = true;
    self->timer_.cancel();
  });
}

asio::awaitable<void> Deliverer::sleep(os::Timer& timer, SteadyClock::time_point until) {
  if (until == SteadyClock::time_point::max()) {
    timer.expires_at(until);
  } else {
    timer.expires_after(until - options_.monotonic());
  }
  auto ignored = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
  static_cast<void>(ignored);
}

// False when there is none now; then it has waited.
asio::awaitable<bool> Deliverer::make_driver() {
  const auto version = desk_->version(options_.device);
  if (!version) {
    stopping_ = true;  // It was removed.
    co_return false;
  }
  if (driver_ && version_ == *version) co_return true;
  std::string why;
  poked_ = false;
  try {
    auto make = [desk = desk_, device = options_.device] { return desk->make_driver(device); };
    driver_ = co_await options_.devices->run({options_.device, options_.device}, std::move(make));
    version_ = *version;
    desk_->ready(options_.device);
    describe_timer_.cancel();  // Another device may stand behind the new address.
    co_return true;
  } catch (const Error& error) {
    why = error.happened();
  }
  driver_.reset();
  const auto again = desk_->absent(options_.device, why);
  if (!poked_ && !stopping_) co_await sleep(timer_, again);
  co_return false;
}

asio::awaitable<void> Deliverer::run() {
  const auto self = shared_from_this();  // A removed printer's deliverer ends by itself.
  while (!stopping_) {
    if (!co_await make_driver()) continue;
    poked_ = false;
    auto turn = co_await desk_->take(options_.device, version_);
    if (!turn.assignment && !poked_ && !stopping_) {
      co_await sleep(timer_, turn.look_again.value_or(SteadyClock::time_point::max()));
    }
    while (turn.assignment) {
      auto next = co_await deliver(std::move(turn));
      turn = std::move(next);
    }
  }
}

asio::awaitable<DeliveryDesk::Turn> Deliverer::deliver(DeliveryDesk::Turn taken) {
  const output::Assignment assignment = *std::move(taken.assignment);
  job_ = assignment.job_id;
  under_way_ = std::make_unique<output::Cancellation>();
  if (stopping_) under_way_->stop();
  if (taken.canceled) under_way_->cancel();
  output::Progress progress;
  progress.waiting = [this](std::string_view text, std::vector<std::string> reasons) {
    desk_->report(options_.device, job_, text, std::move(reasons));
  };
  progress.accepted = [this](output::DeviceJob there) {
    return desk_->accepted(options_.device, job_, there);
  };
  output::Result result;
  const auto driver = driver_;  // Its settings may change meanwhile.
  try {
    result = co_await driver->deliver(assignment, *under_way_, progress);
  } catch (const std::exception& failure) {
    // A driver's own fault must not end the destination. Nobody knows how far it came.
    result = {};
    result.outcome = output::Outcome::DeviceAway;
    result.text = failure.what();
    result.printer_reasons = {"other"};
    result.may_be_there = true;
  }
  under_way_.reset();
  const int job = std::exchange(job_, 0);
  for (;;) {
    // Who stops takes nothing more.
    const std::uint64_t version = stopping_ ? 0 : version_;
    auto turn = co_await desk_->settle(options_.device, job, result, version);
    if (turn) co_return *std::move(turn);
    if (given_up_) co_return DeliveryDesk::Turn{};
    co_await sleep(timer_, options_.monotonic() + kUnwrittenPause);
    if (given_up_) co_return DeliveryDesk::Turn{};
  }
}

asio::awaitable<void> Deliverer::describe() {
  const auto self = shared_from_this();
  while (!stopping_) {
    if (const auto driver = driver_) {
      const std::uint64_t version = version_;
      describing_ = std::make_unique<output::Cancellation>();
      std::optional<output::DeviceDescription> description;
      try {
        description = co_await driver->describe(*describing_);
        co_await desk_->described(options_.device, version, std::move(description));
      } catch (const Error& error) {
        desk_->not_described(options_.device, version, error.happened());
      } catch (const std::exception& failure) {
        desk_->not_described(options_.device, version, failure.what());
      }
      describing_.reset();
      if (version_ != version) continue;  // Its settings changed meanwhile.
    }
    if (!stopping_) co_await sleep(describe_timer_, options_.monotonic() + kDescribeEvery);
  }
}

}  // namespace ipm::print
