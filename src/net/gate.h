#pragma once
// Who may connect: a limit in all, a limit for each address, and a pause for addresses whose
// handshakes keep being refused (a client without a certificate may try dozens of times a second).
//
// The pause costs the innocent behind the same address a second, and the others nothing: refusing
// such an address outright would shut both out. Safe to call from any thread.

#include <array>
#include <boost/asio/ip/address.hpp>
#include <chrono>
#include <cstddef>
#include <map>
#include <mutex>

#include "net/limits.h"
#include "os/clock.h"

namespace ipm::net {

class Gate {
 public:
  using Time = os::SteadyClock::time_point;
  // An address as the gate counts it: IPv4 whole (mapped ones too), IPv6 by its /64.
  using Key = std::array<unsigned char, 16>;
  static Key key(const boost::asio::ip::address& address);

  enum class Verdict { Enter, Pause, TooManyInAll, TooManyOfAddress, TooManyPaused };

  explicit Gate(const GateLimits& limits) : limits_(limits) {}

  // Enter and Pause count the connection until leave(); Pause, also as paused until unpause().
  Verdict enter(const Key& key, Time now);
  void unpause(const Key& key);
  void leave(const Key& key, Time now);
  // A local connection has no address; false when there are too many in all.
  bool enter_local();
  void leave_local();

  // A handshake of this address was refused, or it spoke plaintext.
  void note_refusal(const Key& key, Time now);

  std::size_t connections() const;
  std::size_t addresses() const;  // remembered

 private:
  struct Entry {
    std::size_t connections = 0;
    std::size_t paused = 0;
    double refusals = 0;  // the bucket's level: 0 is clean
    Time drained = {};    // when `refusals` was last brought up to date
  };
  void drain(Entry& entry, Time now) const;
  void forget_clean(Time now);

  GateLimits limits_;
  mutable std::mutex mutex_;
  std::map<Key, Entry> entries_;  // a tree: no choice of addresses makes it slow
  std::size_t connections_ = 0;
};

}  // namespace ipm::net
