#pragma once
// Runs one coroutine to its end on an io_context of its own: for the command line program, whose
// every command is one walk through the network.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

namespace ipm::net {

// `work` takes the executor and returns an awaitable<T>; its result or exception comes back.
// Blocks.
template <class Work>
auto run_to_end(Work work) {
  boost::asio::io_context context{1};
  using Awaitable = std::invoke_result_t<Work&, boost::asio::any_io_executor>;
  using Result = typename Awaitable::value_type;
  std::exception_ptr failure;
  const auto keep_failure = [&failure](std::exception_ptr thrown) { failure = std::move(thrown); };
  if constexpr (std::is_void_v<Result>) {
    boost::asio::co_spawn(context, work(context.get_executor()), keep_failure);
    context.run();
    if (failure) std::rethrow_exception(failure);
  } else {
    std::optional<Result> result;
    auto walk = [&]() -> boost::asio::awaitable<void> {
      result.emplace(co_await work(context.get_executor()));
    };
    boost::asio::co_spawn(context, walk, keep_failure);
    context.run();
    if (failure) std::rethrow_exception(failure);
    return Result(std::move(*result));
  }
}

}  // namespace ipm::net
