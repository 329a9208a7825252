#include "print/manager.h"

#include <utility>

#include "print/delivery/delivery_log.h"
#include "print/manager/state.h"

namespace ipm::print {

struct Manager::Parts {
  Parts(ManagerOptions options, spool::Spool& spool, const Log& log)
      : state(std::make_shared<ManagerState>(std::move(options), spool, log)),
        delivery_log(state->stream, log) {}
  std::shared_ptr<ManagerState> state;
  DeliveryLog delivery_log;
};

Manager::Manager(ManagerOptions options, spool::Spool& spool, const Log& log)
    : parts_(std::make_unique<Parts>(std::move(options), spool, log)), state_(parts_->state) {}

Manager::~Manager() {
  {
    // Completions may still come; they wake nobody any more.
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
    state_->devices.clear();
  }
  state_->stream->close();
}

const events::Stream& Manager::events() const {
  return *state_->stream;
}

spool::DocumentWriter Manager::new_document(std::uint64_t bytes) {
  return state_->spool.new_document(bytes);
}

const boost::asio::any_io_executor& Manager::pool() const {
  return state_->options.pool;
}

TimePoint Manager::now() const {
  return state_->options.clock();
}

TimePoint Manager::started() const {
  return state_->started;
}

}  // namespace ipm::print
