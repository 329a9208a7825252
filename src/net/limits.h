#pragma once
// Every size, count and wait of the net floor, by name.

#include <chrono>
#include <cstddef>

namespace ipm::net {

inline constexpr std::size_t kYieldBytes = 256U * 1024U;      // moved before others have their turn
inline constexpr std::size_t kYieldStepBytes = 4096;          // what any operation counts at least
inline constexpr std::size_t kGateAddressesMax = 100'000;     // that the gate remembers
inline constexpr std::size_t kThrottledKeysMax = 10'000;      // that the throttled log remembers
inline constexpr std::size_t kThrottledTextBytesMax = 1'000;  // of each one's last message
inline constexpr int kBacklog = 4096;  // connections not yet accepted; the kernel lowers it
// A further address is tried beside the ones before after this time (RFC 8305, 5: 250 ms).
inline constexpr std::chrono::milliseconds kNextAddressPause{250};

// Probes of an idle connection (DialLimits::keep_alive): a peer that is gone is noticed so.
inline constexpr std::chrono::seconds kProbeIdle{60};
inline constexpr std::chrono::seconds kProbeBetween{20};
inline constexpr int kProbes = 6;

struct DialLimits {
  std::chrono::milliseconds wait{10'000};  // resolving and all addresses of a name together
  std::size_t addresses = 16;              // of a name, that are tried
  bool keep_alive = false;                 // probe the connection while it is idle
};

// Whom a server lets connect, and how often.
struct GateLimits {
  std::size_t connections = 10'000;  // in all; the process's limit of open files may lower it
  std::size_t connections_per_address = 1'000;  // an IPv6 address counts as its /64
  // Refused handshakes and plaintext attempts of one address: so many at once, then so many a
  // second. Beyond that its new connections wait `penalty_wait` first, at most `penalised` at once.
  double refusals_burst = 20;
  double refusals_per_second = 2;
  std::chrono::milliseconds penalty_wait{1'000};
  std::size_t penalised = 20;
};

}  // namespace ipm::net
