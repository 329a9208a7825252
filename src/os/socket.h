#pragma once
// What Asio does not offer of sockets: calls that never raise a signal, and what the system knows of
// a connection. All borrow the socket (Asio's native_handle()).

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <system_error>

namespace ipm::os {

using NativeSocket = std::intptr_t;
inline constexpr NativeSocket kNoSocket = -1;

// The bytes moved. With `failure` errc::operation_would_block the socket must be waited for; without
// failure, 0 bytes received are the peer's end. Interrupted calls are made again.
std::size_t receive(NativeSocket socket, std::span<unsigned char> into, std::error_code& failure);
std::size_t peek(NativeSocket socket, std::span<unsigned char> into, std::error_code& failure);
std::size_t send(NativeSocket socket, std::span<const unsigned char> bytes,
                 std::error_code& failure);

std::error_code end_sending(NativeSocket socket);  // the peer reads an orderly end
void send_at_once(NativeSocket socket);            // without Nagle's wait, where there is one
// Probes an idle connection after `idle`, then every `between`; after so many `probes` without an
// answer pending calls fail with errc::timed_out.
void keep_alive(NativeSocket socket, std::chrono::seconds idle, std::chrono::seconds between,
                int probes);
void never_raise_signals(NativeSocket socket);  // where send() itself cannot say so

// What the system knows of a TCP connection.
struct TcpFacts {
  enum class State {
    Connecting,
    Open,       // both directions
    PeerEnded,  // the peer has ended its direction
    WeEnded,    // we have ended ours; the peer may not have acknowledged it yet
    Closed,     // both have ended, or a reset came
  };
  State state = State::Closed;
  // Bytes handed in that the peer's system has not acknowledged; our own end counts as one.
  std::uint64_t unacknowledged = 0;
  std::uint64_t unsent = 0;                            // of these, bytes that have not gone out yet
  std::uint64_t acknowledged = 0;                      // bytes, of the whole connection
  std::chrono::milliseconds since_acknowledgement{0};  // any, also one that only says "no room"
  std::chrono::milliseconds since_received{0};         // bytes from the peer
  unsigned probes = 0;           // to a peer without room, or idle, that have no answer yet
  unsigned retransmissions = 0;  // of the oldest bytes, without an answer yet
  std::optional<std::uint32_t> peer_window;  // bytes that the peer has room for, where it is told
};

// Nothing where it is no TCP socket, or the system cannot tell.
std::optional<TcpFacts> find_tcp_facts(NativeSocket socket);

// A local socket's path is at most so long, in bytes.
std::size_t local_path_bytes_max();
// Lets every user of the machine connect to a local socket that has been bound.
std::error_code let_everyone_connect(const std::filesystem::path& path);

}  // namespace ipm::os
