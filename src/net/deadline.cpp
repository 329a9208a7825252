#include "net/deadline.h"

namespace ipm::net {

Deadline::Deadline(Socket& socket) : socket_(&socket), timer_(socket.get_executor()) {}

void Deadline::set(Time when) {
  when_ = when;
  if (waiting_ > 0) arm();
}

void Deadline::begin_wait() {
  ++waiting_;
  arm();
}

void Deadline::rest() {
  armed_for_ = Time::max();
  timer_.cancel();
}

void Deadline::forget() {
  socket_ = nullptr;
  rest();
}

// An armed timer that fires too early is good enough, and one that would fire too late is not.
void Deadline::arm() {
  if (when_ == Time::max() || armed_for_ <= when_) return;
  armed_for_ = when_;
  timer_.expires_at(when_);  // cancels the wait that was armed for a later time
  timer_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
    if (!error) self->fired();
  });
}

void Deadline::fired() {
  armed_for_ = Time::max();
  if (socket_ == nullptr || waiting_ == 0) return;
  if (!passed()) return arm();
  boost::system::error_code ignored;
  socket_->cancel(ignored);
}

}  // namespace ipm::net
