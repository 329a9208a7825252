#pragma once
// Blocking work from a coroutine, on the pool; the coroutine comes back to where it was.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <type_traits>
#include <utility>

namespace ipm::output {

// Posting to a pool alone would not leave the caller's own thread: the work is a coroutine of the
// pool.
template <class Work>
boost::asio::awaitable<std::invoke_result_t<Work&>> run_blocking(boost::asio::any_io_executor pool,
                                                                 Work work) {
  auto task = [&work]() -> boost::asio::awaitable<std::invoke_result_t<Work&>> {
    co_return work();
  };
  co_return co_await boost::asio::co_spawn(pool, std::move(task), boost::asio::use_awaitable);
}

}  // namespace ipm::output
