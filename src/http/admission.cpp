#include "http/admission.h"

#include <chrono>
#include <utility>

namespace ipm::http {

Admission::Admission(std::shared_ptr<Shared> shared, const net::Gate::Key& key, bool paused)
    : shared_(std::move(shared)), key_(key), paused_(paused) {}

Admission::Admission(std::shared_ptr<Shared> shared) : shared_(std::move(shared)), local_(true) {}

Admission::~Admission() {
  if (shared_ == nullptr) return;
  unpause();
  if (local_) {
    shared_->gate.leave_local();
  } else {
    shared_->gate.leave(key_, os::SteadyClock::now());
  }
}

void Admission::unpause() {
  if (std::exchange(paused_, false)) shared_->gate.unpause(key_);
}

void Admission::note_refusal() {
  if (!local_) shared_->gate.note_refusal(key_, os::SteadyClock::now());
}

}  // namespace ipm::http
