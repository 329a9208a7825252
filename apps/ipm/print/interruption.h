#pragma once
// Ctrl-C and the other requests to end (SIGINT, SIGTERM, SIGHUP) while something has to be put in
// order first.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/signal_set.hpp>
#include <functional>
#include <memory>
#include <string>

namespace ipm::app {

// The program ends by this signal, as whoever sent it expects. Thrown past all that goes on after
// an Error.
struct Interrupted {
  int signal = 0;
};

std::string signal_name(int signal);  // "SIGINT"

// While it lives, signals that would end the program are kept, and `on_signal` is called on the
// executor, once. A second one ends the program at once. Signals that are ignored (nohup) stay so.
class Interruption {
 public:
  Interruption(boost::asio::any_io_executor executor, std::function<void(int signal)> on_signal);
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;
  ~Interruption();

  int signal() const;  // 0 as long as none came

 private:
  struct State;
  std::shared_ptr<State> state_;  // shared with the handler, which may come later
};

}  // namespace ipm::app
