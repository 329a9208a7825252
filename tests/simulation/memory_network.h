#pragma once
// A network of this process alone. A connection is a pair of buffers; a device at its other end can
// end it, reset it, and vanish from it.

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "net/network.h"

namespace ipm::simulation {

// One direction: what was sent, and not yet read.
struct Half {
  std::deque<unsigned char> bytes;
  bool ended = false;              // nothing more comes
  std::uint64_t acknowledged = 0;  // by the other side's system
  std::uint64_t lost = 0;          // sent to a side that has vanished
  os::SteadyClock::time_point acknowledged_at{};
};

// Both ends share it.
struct Wire {
  Half halves[2];
  bool reset = false;
  bool vanished = false;  // nothing reaches the other side any more, and nobody is told
  std::function<void()> news[2];

  void tell();  // both ends look again
};

// `side` 0 is who dialled.
std::unique_ptr<net::Transport> end_of(std::shared_ptr<Wire> wire, int side,
                                       boost::asio::any_io_executor executor, std::string peer);

class MemoryNetwork final : public net::Network {
 public:
  // Takes a new connection; false: it is refused.
  using Listener = std::function<bool(std::shared_ptr<Wire> wire)>;
  void listen(const std::string& host, Listener listener) {
    listeners_[host] = std::move(listener);
  }

  boost::asio::awaitable<std::unique_ptr<net::Transport>> dial(
      boost::asio::any_io_executor executor, net::Endpoint to,
      net::DialLimits limits) const override;
  std::unique_ptr<net::Listener> listen_tcp(boost::asio::any_io_executor executor,
                                            std::string_view address) const override;
  std::unique_ptr<net::Listener> listen_local(boost::asio::any_io_executor executor,
                                              const std::filesystem::path& path) const override;

 private:
  std::map<std::string, Listener> listeners_;
};

}  // namespace ipm::simulation
