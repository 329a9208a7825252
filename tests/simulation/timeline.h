#pragma once
// Runs every io_context of the simulation, one handler after the other, until none has anything to
// do; only then does time go on, to the next timer.

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <list>

#include "virtual_time.h"

namespace ipm::simulation {

class Timeline {
 public:
  // Throws what the handlers throw. Each returns false to stop everything at once.
  struct Watch {
    std::function<bool()> after_handler;
    std::function<void()> when_idle;
  };
  explicit Timeline(Watch watch) : watch_(std::move(watch)) { begin_time(); }

  void add(boost::asio::io_context& context);
  void remove(boost::asio::io_context& context);

  // False when it was stopped.
  bool run_until(Moment when);
  bool run_for(std::chrono::nanoseconds time) { return run_until(os::SteadyClock::now() + time); }
  // Until `done`, but not for longer than `most`; returns whether it is done.
  bool run_until_done(const std::function<bool()>& done, std::chrono::nanoseconds most);

 private:
  struct Member {
    explicit Member(boost::asio::io_context& which)
        : context(&which), guard(which.get_executor()) {}
    boost::asio::io_context* context;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard;
  };

  bool run_handlers(bool& any);
  bool run_all(std::optional<Moment>& next);  // of this moment

  Watch watch_;
  std::size_t handlers_ = 0;  // of this moment
  std::list<Member> members_;
};

}  // namespace ipm::simulation
