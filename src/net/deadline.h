#pragma once
// The deadline of a stream's operations: one timer a stream, touched only when an operation really
// has to wait, and not re-armed when the deadline moves on: it looks again when it fires.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <memory>

#include "os/timer.h"

namespace ipm::net {

// Shared by the stream and the timer's handler, which may come after the stream has gone.
class Deadline : public std::enable_shared_from_this<Deadline> {
 public:
  using Time = os::SteadyClock::time_point;
  using Socket = boost::asio::generic::stream_protocol::socket;

  // `socket` is borrowed until forget(). There is no deadline until one is set.
  explicit Deadline(Socket& socket);

  void set(Time when);
  Time when() const { return when_; }
  bool passed() const { return when_ <= os::SteadyClock::now(); }

  // Around each wait on the socket; when the deadline passes within, the wait is cancelled.
  void begin_wait();
  void end_wait() { --waiting_; }

  // Nothing more will be waited for: an io_context need not live on for the timer.
  void rest();

  // The stream is going: the handler touches the socket no more.
  void forget();

 private:
  void arm();
  void fired();

  Socket* socket_;
  os::Timer timer_;
  Time when_ = Time::max();
  Time armed_for_ = Time::max();  // max: not armed
  int waiting_ = 0;               // a read and a write may wait together
};

}  // namespace ipm::net
