#pragma once
// Threads for work that may hang for ever, because a file system is away. What hangs holds at most
// kThreadsPerFileSystem of kDeviceThreadsMax threads, so it stands in the way of its own kind only;
// and busy() names it.
//
// A thread that hangs cannot be ended. Where busy() still names somebody when the process has to
// stop, the process ends by _exit: join() waits for all work.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "os/clock.h"
#include "output/limits.h"

namespace ipm::output {

// Any thread. It outlives the coroutines that use it, and is joined before their io_contexts go: a
// finished work's coroutine resumes by a post to its own executor.
class DevicePool {
 public:
  using Clock = os::SteadyClock;

  struct Options {
    std::size_t threads = kDeviceThreadsMax;
    std::size_t per_file_system = kThreadsPerFileSystem;
    // Where there is one: work is done there, in its order, and there are no threads. For what runs
    // on one thread as a whole.
    boost::asio::any_io_executor instead = {};
  };

  struct Place {
    std::string file_system;  // what hangs together
    std::string name;         // for people: the folder
  };

  // Work that has a thread and has not ended.
  struct Busy {
    std::string name;  // of its place
    Clock::duration running;
    std::size_t waiting = 0;  // further work for that file system, without a thread yet
  };

  DevicePool();
  explicit DevicePool(Options options);
  DevicePool(const DevicePool&) = delete;
  DevicePool& operator=(const DevicePool&) = delete;
  ~DevicePool();  // join()

  // Runs `work` when there is a thread for that file system, and returns what it returned or throws
  // what it threw, where the caller was. `work` returns a value.
  template <class Work>
  boost::asio::awaitable<std::invoke_result_t<Work&>> run(Place place, Work work);

  // Does what has been handed in, and ends the threads. Nothing is handed in any more.
  void join();

  // What has been running for `at_least`; the longest first.
  std::vector<Busy> busy(Clock::duration at_least) const;
  // Work that is running or waits.
  std::size_t load() const;

 private:
  struct State;
  void submit(Place place, std::function<void()> job);

  std::unique_ptr<State> state_;
};

template <class Work>
boost::asio::awaitable<std::invoke_result_t<Work&>> DevicePool::run(Place place, Work work) {
  struct Outcome {
    explicit Outcome(Work given) : work(std::move(given)) {}
    void perform() noexcept {
      try {
        result.emplace(work());
      } catch (...) {
        failure = std::current_exception();
      }
    }
    Work work;
    std::optional<std::invoke_result_t<Work&>> result;
    std::exception_ptr failure;
  };
  const auto outcome = std::make_shared<Outcome>(std::move(work));
  // Counted by its context as work, so that a context that runs until it is idle waits for it.
  const boost::asio::any_io_executor here = co_await boost::asio::this_coro::executor;
  const boost::asio::any_io_executor executor =
      boost::asio::prefer(here, boost::asio::execution::outstanding_work.tracked);
  auto begin = [this, outcome, executor, where = std::move(place)](auto handler) mutable {
    // std::function copies; the coroutine's handler only moves.
    auto kept = std::make_shared<decltype(handler)>(std::move(handler));
    submit(std::move(where), [outcome, executor, kept = std::move(kept)]() mutable {
      outcome->perform();
      boost::asio::post(executor, [resume = std::move(kept)] { (*resume)(); });
    });
  };
  co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void()>(
      std::move(begin), boost::asio::use_awaitable);
  if (outcome->failure) std::rethrow_exception(outcome->failure);
  co_return std::move(*outcome->result);
}

}  // namespace ipm::output
