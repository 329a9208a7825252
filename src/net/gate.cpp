#include "net/gate.h"

#include <algorithm>
#include <boost/asio/ip/address_v6.hpp>

namespace ipm::net {

Gate::Key Gate::key(const boost::asio::ip::address& address) {
  Key key{};
  const auto bytes =
      address.is_v4()
          ? boost::asio::ip::make_address_v6(boost::asio::ip::v4_mapped, address.to_v4()).to_bytes()
          : address.to_v6().to_bytes();
  const bool whole = address.is_v4() || address.to_v6().is_v4_mapped();
  std::copy_n(bytes.begin(), whole ? 16 : 8, key.begin());
  return key;
}

void Gate::drain(Entry& entry, Time now) const {
  const std::chrono::duration<double> elapsed = now - entry.drained;
  if (elapsed.count() > 0) {
    entry.refusals = std::max(0.0, entry.refusals - elapsed.count() * limits_.refusals_per_second);
    entry.drained = now;
  }
}

void Gate::forget_clean(Time now) {
  for (auto& item : entries_) drain(item.second, now);
  std::erase_if(entries_, [](const auto& item) {
    return item.second.connections == 0 && item.second.refusals <= 0;
  });
  if (entries_.size() < kGateAddressesMax) return;
  // Too many offenders to remember: those without a connection go, whatever they did.
  std::erase_if(entries_, [](const auto& item) { return item.second.connections == 0; });
}

Gate::Verdict Gate::enter(const Key& key, Time now) {
  const std::lock_guard lock(mutex_);
  if (connections_ >= limits_.connections) return Verdict::TooManyInAll;
  if (entries_.size() >= kGateAddressesMax) forget_clean(now);
  Entry& entry = entries_[key];
  drain(entry, now);
  if (entry.connections >= limits_.connections_per_address) return Verdict::TooManyOfAddress;
  const bool pause = entry.refusals >= limits_.refusals_burst;
  if (pause && entry.paused >= limits_.penalised) return Verdict::TooManyPaused;
  ++connections_;
  ++entry.connections;
  if (!pause) return Verdict::Enter;
  ++entry.paused;
  return Verdict::Pause;
}

void Gate::unpause(const Key& key) {
  const std::lock_guard lock(mutex_);
  if (const auto found = entries_.find(key); found != entries_.end() && found->second.paused > 0) {
    --found->second.paused;
  }
}

void Gate::leave(const Key& key, Time now) {
  const std::lock_guard lock(mutex_);
  if (connections_ > 0) --connections_;
  const auto found = entries_.find(key);
  if (found == entries_.end()) return;
  Entry& entry = found->second;
  if (entry.connections > 0) --entry.connections;
  drain(entry, now);
  if (entry.connections == 0 && entry.refusals <= 0) entries_.erase(found);
}

bool Gate::enter_local() {
  const std::lock_guard lock(mutex_);
  if (connections_ >= limits_.connections) return false;
  ++connections_;
  return true;
}

void Gate::leave_local() {
  const std::lock_guard lock(mutex_);
  if (connections_ > 0) --connections_;
}

void Gate::note_refusal(const Key& key, Time now) {
  const std::lock_guard lock(mutex_);
  if (entries_.size() >= kGateAddressesMax) forget_clean(now);
  Entry& entry = entries_[key];
  drain(entry, now);
  // Capped just above the burst, so an address that stops is forgiven after burst / rate seconds.
  entry.refusals = std::min(entry.refusals + 1, limits_.refusals_burst + 1);
}

std::size_t Gate::connections() const {
  const std::lock_guard lock(mutex_);
  return connections_;
}

std::size_t Gate::addresses() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

}  // namespace ipm::net
