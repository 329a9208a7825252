#include "ipm/print/interruption.h"

#include <fmt/format.h>
#include <csignal>
#include <utility>

#include "os/streams.h"

namespace ipm::app {

struct Interruption::State {
  State(boost::asio::any_io_executor executor, std::function<void(int)> callback)
      : signals(std::move(executor)), on_signal(std::move(callback)) {}

  boost::asio::signal_set signals;
  std::function<void(int)> on_signal;
  int signal = 0;
};

std::string signal_name(int signal) {
  switch (signal) {
    case SIGINT:
      return "SIGINT";
    case SIGTERM:
      return "SIGTERM";
    case SIGHUP:
      return "SIGHUP";
    default:
      return fmt::format("signal {}", signal);
  }
}

Interruption::Interruption(boost::asio::any_io_executor executor,
                           std::function<void(int)> on_signal)
    : state_(std::make_shared<State>(std::move(executor), std::move(on_signal))) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    if (!os::is_ignored(signal)) state_->signals.add(signal);
  }
  state_->signals.async_wait([state = state_](boost::system::error_code failure, int signal) {
    if (failure) return;
    state->signal = signal;
    state->signals.clear();  // From here on a signal ends the program.
    if (state->on_signal) state->on_signal(signal);
  });
}

Interruption::~Interruption() {
  state_->on_signal = nullptr;
  boost::system::error_code ignored;
  state_->signals.cancel(ignored);
  state_->signals.clear(ignored);
}

int Interruption::signal() const {
  return state_->signal;
}

}  // namespace ipm::app
