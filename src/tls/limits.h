#pragma once
// Every size, count and wait of the TLS floor, by name.

#include <chrono>
#include <cstddef>

namespace ipm::tls {

inline constexpr std::size_t kPeerChainBytesMax = 64U * 1024U;  // certificates that a peer may send
inline constexpr std::size_t kClientAuthoritiesMax = 100;       // CA names in a certificate request
inline constexpr std::size_t kIdentityChainMax = 10;  // certificates in an identity's file
inline constexpr std::size_t kSentAlongMax = 10;      // certificates kept beside an admitted peer's
inline constexpr std::size_t kVerdictsMax = 4096;     // admitted peers that are remembered
inline constexpr std::size_t kSessionsMax = 2048;     // sessions that may be resumed
inline constexpr std::chrono::seconds kSessionLife{3600};  // shorter for a peer that expires sooner

// A reader with this much room takes a long body: then the kernel is asked for many records at
// once.
inline constexpr std::size_t kLongReadBytes = 64U * 1024U;
inline constexpr std::size_t kLongReadBufferBytes = 128U * 1024U;

// What OpenSSL may take from a socket before others have their turn: a peer that sends nothing but
// records without data would otherwise keep it reading for ever.
inline constexpr std::size_t kReadBudgetBytes = 128U * 1024U;
// KeyUpdates (RFC 8446, 4.6.3) without data between; then the connection ends. A peer that follows
// the limits of 5.5 sends one in 2^24 records.
inline constexpr unsigned kKeyUpdatesMax = 32;

inline constexpr std::chrono::milliseconds kGoodbyeWait{1'000};  // to send close_notify
inline constexpr std::chrono::milliseconds kRefusalWait{1'000};  // for the peer to take our alert
inline constexpr std::size_t kRefusalDrainBytes = 4U << 20U;     // read meanwhile, and dropped

inline constexpr std::chrono::hours kExpiryWarningPause{24};  // S14: once a day
inline constexpr std::chrono::hours kCrlWarningTime{48};      // before nextUpdate, at the latest
// Of the memory of the lists in force: those of a file of lists, and what it no longer gives.
inline constexpr std::size_t kListMemoryBytesMax = 256U << 20U;
inline constexpr std::size_t kListNameDigits = 16;            // of a list's digest, in messages
inline constexpr std::chrono::seconds kMemoryRetryPause{10};  // after it could not be written

}  // namespace ipm::tls
