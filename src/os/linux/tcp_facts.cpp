// What the kernel knows of a TCP connection: tcp(7), TCP_INFO; SIOCOUTQ and SIOCOUTQNSD.
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cstddef>

#include "os/socket.h"

namespace ipm::os {
namespace {

// The kernel's numbers (include/net/tcp_states.h); <netinet/tcp.h> names them, but cannot stand
// beside <linux/tcp.h>, which has the newer fields.
TcpFacts::State state_of(unsigned state) {
  switch (state) {
    case 1:  // ESTABLISHED
      return TcpFacts::State::Open;
    case 2:  // SYN_SENT
    case 3:  // SYN_RECV
      return TcpFacts::State::Connecting;
    case 4:  // FIN_WAIT1
    case 5:  // FIN_WAIT2
      return TcpFacts::State::WeEnded;
    case 8:  // CLOSE_WAIT
      return TcpFacts::State::PeerEnded;
    default:
      return TcpFacts::State::Closed;
  }
}

std::uint64_t queued(int descriptor, unsigned long question) {
  int bytes = 0;
  return ::ioctl(descriptor, question, &bytes) == 0 && bytes > 0 ? static_cast<std::uint64_t>(bytes)
                                                                 : 0;
}

}  // namespace

std::optional<TcpFacts> find_tcp_facts(NativeSocket socket) {
  const int descriptor = static_cast<int>(socket);
  struct tcp_info info{};  // Older kernels fill less of it.
  socklen_t size = sizeof info;
  if (::getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return std::nullopt;
  TcpFacts facts;
  facts.state = state_of(info.tcpi_state);
  facts.unacknowledged = queued(descriptor, SIOCOUTQ);
  facts.unsent = queued(descriptor, SIOCOUTQNSD);
  facts.acknowledged = info.tcpi_bytes_acked;
  facts.since_acknowledgement = std::chrono::milliseconds(info.tcpi_last_ack_recv);
  facts.since_received = std::chrono::milliseconds(info.tcpi_last_data_recv);
  facts.probes = info.tcpi_probes;
  facts.retransmissions = info.tcpi_retransmits;
  if (size >= offsetof(struct tcp_info, tcpi_snd_wnd) + sizeof info.tcpi_snd_wnd) {
    facts.peer_window = info.tcpi_snd_wnd;
  }
  return facts;
}

}  // namespace ipm::os
