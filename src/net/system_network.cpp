// The machine's own network: sockets of the operating system.
#include "net/dial.h"
#include "net/listen.h"
#include "net/network.h"

namespace ipm::net {
namespace asio = boost::asio;
namespace {

class SystemNetwork final : public Network {
 public:
  asio::awaitable<std::unique_ptr<Transport>> dial(asio::any_io_executor executor, Endpoint to,
                                                   DialLimits limits) const override {
    std::string name = to.text();
    const bool tcp = to.local_socket.empty();
    auto socket = co_await dial_socket(std::move(executor), std::move(to), limits);
    if (limits.keep_alive && tcp) {
      os::keep_alive(socket.native_handle(), kProbeIdle, kProbeBetween, kProbes);
    }
    co_return make_transport(std::move(socket), std::move(name));
  }
  std::unique_ptr<Listener> listen_tcp(asio::any_io_executor executor,
                                       std::string_view address) const override {
    return make_tcp_listener(std::move(executor), address);
  }
  std::unique_ptr<Listener> listen_local(asio::any_io_executor executor,
                                         const std::filesystem::path& path) const override {
    return make_local_listener(std::move(executor), path);
  }
};

}  // namespace

const Network& system_network() {
  static const SystemNetwork kNetwork;  // without a state
  return kNetwork;
}

}  // namespace ipm::net
