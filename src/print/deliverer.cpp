#include "print/deliverer.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "base/error.h"

namespace ipm::print {
namespace asio = boost::asio;
using std::chrono::steady_clock;

Deliverer::Deliverer(std::string destination, std::shared_ptr<const output::Driver> driver,
                     DeliveryDesk desk, asio::io_context& context,
                     std::function<void(std::exception_ptr)> failed)
    : destination_(std::move(destination)),
      driver_(std::move(driver)),
      desk_(std::move(desk)),
      context_(context),
      failed_(std::move(failed)),
      timer_(context) {}

void Deliverer::start() {
  auto ended = [self = shared_from_this()](std::exception_ptr failure) {
    self->ended_ = true;
    if (failure) self->failed_(std::move(failure));
  };
  asio::co_spawn(context_, run(), std::move(ended));
}

void Deliverer::wake(bool at_once) {
  asio::post(context_, [self = shared_from_this(), at_once] {
    self->poked_ = true;
    if (at_once) self->hurry_ = true;
    self->timer_.cancel();
  });
}

void Deliverer::cancel(int job) {
  asio::post(context_, [self = shared_from_this(), job] {
    if (self->job_ == job && self->under_way_) self->under_way_->cancel();
  });
}

void Deliverer::stop() {
  asio::post(context_, [self = shared_from_this()] {
    self->stopping_ = true;
    self->timer_.cancel();
    if (self->under_way_) self->under_way_->stop();
  });
}

asio::awaitable<void> Deliverer::sleep(steady_clock::time_point until) {
  timer_.expires_at(until);
  auto ignored = co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable));
  static_cast<void>(ignored);
}

asio::awaitable<void> Deliverer::run() {
  const auto self = shared_from_this();  // A deleted printer's deliverer ends by itself.
  output::Progress progress;
  progress.waiting = [this](std::string_view text, std::vector<std::string> reasons) {
    desk_.report(destination_, job_, text, std::move(reasons));
  };
  auto not_before = steady_clock::now();
  while (!stopping_) {
    if (hurry_) not_before = steady_clock::now();
    hurry_ = false;
    if (steady_clock::now() < not_before) {
      co_await sleep(not_before);
      continue;
    }
    poked_ = false;
    auto assignment = desk_.take(destination_);
    if (!assignment) {
      if (!poked_) co_await sleep(steady_clock::time_point::max());
      continue;
    }
    job_ = assignment->job_id;
    under_way_ = std::make_unique<output::Cancellation>();
    output::Result result;
    try {
      result = co_await driver_->deliver(*assignment, *under_way_, progress);
    } catch (const std::exception& failure) {
      // A driver's own fault must not end the destination: the job is tried again like any other.
      result = {output::Outcome::DeviceAway, failure.what(), {"other"}};
    }
    under_way_.reset();
    const auto pause = desk_.settle(destination_, std::exchange(job_, 0), result);
    not_before = steady_clock::now() + pause;
  }
}

}  // namespace ipm::print
