#pragma once
// The thread that never waits for a disk, a device, the log or a lock of others: it hears the signals, looks
// after the other threads, and sees to it that a stop ends in time, whoever hangs.

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "base/log.h"

namespace ipm::app {

// Whoever hangs, for a line of the log: nobody goes without a name.
std::string named(std::string who);

class Supervisor {
 public:
  // All but `stuck` run on the supervisor's thread, and none of them waits.
  struct Tasks {
    std::function<void()> hang_up;              // SIGHUP
    std::function<void()> look;                 // every kLookPause, until a stop begins
    std::function<void()> stop;                 // the first SIGTERM or SIGINT
    std::function<void()> put_back;             // kReplyGrace after it
    std::function<void()> finish;               // kDeliveryGrace after it
    std::function<std::string()> who_is_stuck;  // "" for nobody; any thread
  };

  // From here on signals are taken, and kept for begin(). `log` outlives it.
  explicit Supervisor(const Log& log);
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;
  // Last of all: until then a second signal, and kStopGrace, end the process by _exit.
  ~Supervisor();

  void begin(Tasks tasks);
  // What the tasks speak of is about to go: they are called no more. `stage` is what may still take
  // time: "closing the spool".
  void release(std::string stage);

  // Ends the process at once, without destructors: the spool is safe against that, and threads that
  // hang cannot be joined. One line says why, if the log takes it within kLastLineWait.
  [[noreturn]] void end_now(const std::string& why) const;

 private:
  void wait_for_signal();
  void begin_stop();
  void look();
  template <class Task>
  void after(boost::asio::steady_timer& timer, std::chrono::milliseconds wait, Task task);
  void call(std::function<void()> Tasks::* task);
  std::string stuck() const;

  const Log& log_;
  boost::asio::io_context context_{1};
  boost::asio::signal_set signals_;
  boost::asio::steady_timer look_;
  boost::asio::steady_timer put_back_;
  boost::asio::steady_timer finish_;
  boost::asio::steady_timer end_;
  mutable std::mutex
      mutex_;  // of the two below; held while a task runs, so that release() is final
  Tasks tasks_;
  std::string stage_;
  bool stopping_ = false;  // on its thread only
  std::thread thread_;
};

}  // namespace ipm::app
