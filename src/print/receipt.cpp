#include "print/receipt.h"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

namespace ipm::print {
namespace asio = boost::asio;

// The word may come before anybody waits, or after: whoever is second resumes the waiters.
struct Receipt::State {
  std::mutex mutex;
  bool done = false;
  std::exception_ptr failure;
  std::vector<spool::Completion> waiters;
};

Receipt::Receipt() : state_(std::make_shared<State>()) {}

spool::Completion Receipt::completion() const {
  return spool::Completion(
      [receipt = *this](std::exception_ptr failure) { receipt.decide(std::move(failure)); });
}

void Receipt::decide(std::exception_ptr failure) const {
  std::vector<spool::Completion> waiters;
  {
    const std::lock_guard lock(state_->mutex);
    state_->done = true;
    state_->failure = failure;
    waiters = std::move(state_->waiters);
  }
  for (auto& waiter : waiters) waiter(failure);
}

bool Receipt::is_done() const {
  const std::lock_guard lock(state_->mutex);
  return state_->done;
}

asio::awaitable<void> Receipt::wait() const {
  const auto state = state_;
  auto begin = [state](auto handler) {
    auto executor = asio::get_associated_executor(handler);
    auto resume = [handler = std::move(handler), executor](std::exception_ptr failure) mutable {
      asio::post(executor, [handler = std::move(handler), failure = std::move(failure)]() mutable {
        std::move(handler)(std::move(failure));
      });
    };
    spool::Completion waiter(std::move(resume));
    {
      const std::lock_guard lock(state->mutex);
      if (!state->done) {
        state->waiters.push_back(std::move(waiter));
        return;
      }
    }
    waiter(state->failure);
  };
  co_await asio::async_initiate<const asio::use_awaitable_t<>&, void(std::exception_ptr)>(
      std::move(begin), asio::use_awaitable);
}

}  // namespace ipm::print
