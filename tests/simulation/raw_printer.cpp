#include "raw_printer.h"

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "os/timer.h"

namespace ipm::simulation {
namespace asio = boost::asio;

RawPrinter::RawPrinter(std::string name, asio::io_context& context, MemoryNetwork& network,
                       Dice& dice, Trace& trace)
    : name_(std::move(name)), context_(context), dice_(dice), trace_(trace) {
  network.listen(name_ + ".test", [this](std::shared_ptr<Wire> wire) {
    if (off_) return false;
    asio::co_spawn(context_, serve(std::move(wire)), [](const std::exception_ptr& failure) {
      if (failure) std::rethrow_exception(failure);
    });
    return true;
  });
}

asio::awaitable<void> RawPrinter::serve(std::shared_ptr<Wire> wire) {
  enum class Mood { Well, Stalls, ResetsWithin, ResetsAtTheEnd, NeverEnds, Vanishes };
  const Mood mood = dice_.chance(moody_) ? static_cast<Mood>(dice_.between(1, 5)) : Mood::Well;
  const auto end = end_of(wire, 1, context_.get_executor(), "the server");
  const std::size_t enough =
      mood == Mood::ResetsWithin || mood == Mood::Vanishes ? dice_.below(1500) : SIZE_MAX;
  os::Timer pause(context_);
  if (mood == Mood::Stalls) {
    pause.expires_after(std::chrono::seconds(dice_.between(1, 900)));
    co_await pause.async_wait(asio::use_awaitable);
  }
  Print print;
  std::array<unsigned char, 256> piece{};
  while (print.bytes.size() < enough) {
    std::size_t got = 0;
    try {
      got = co_await end->read_some(
          std::span(piece).first(std::min(piece.size(), enough - print.bytes.size())));
    } catch (const Error&) {  // The server has reset it.
    }
    if (got == 0) break;
    print.bytes.append(piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(got));
    pause.expires_after(std::chrono::milliseconds(20));
    co_await pause.async_wait(asio::use_awaitable);
  }
  print.troubled =
      mood == Mood::ResetsWithin || mood == Mood::ResetsAtTheEnd || mood == Mood::Vanishes;
  trace_.note("{}: prints {} bytes{}", name_, print.bytes.size(),
              print.troubled ? ", troubled" : "");
  prints_.push_back(std::move(print));
  if (mood == Mood::ResetsWithin || mood == Mood::ResetsAtTheEnd) {
    wire->reset = true;
    wire->tell();
  } else if (mood == Mood::Vanishes) {
    wire->vanished = true;
  } else if (mood == Mood::NeverEnds) {
    pause.expires_after(std::chrono::hours(1));
    co_await pause.async_wait(asio::use_awaitable);
  }
}

}  // namespace ipm::simulation
