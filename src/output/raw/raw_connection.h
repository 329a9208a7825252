#pragma once
// A raw connection to a device that takes as long as it lives: nothing limits a write, what the
// device says is read and dropped, and a dead device is noticed by what its system acknowledges.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "net/network.h"
#include "os/timer.h"
#include "output/limits.h"
#include "output/raw/raw_verdict.h"

namespace ipm::output {

// Shared with its own timer and reader, which end when it is closed.
class RawConnection : public std::enable_shared_from_this<RawConnection> {
 public:
  // Told at each look: how many bytes are acknowledged, and since when none has been.
  using Watch = std::function<void(std::uint64_t acknowledged, std::chrono::milliseconds standing,
                                   std::chrono::milliseconds since_sign_of_life)>;

  // `network` is borrowed.
  RawConnection(const boost::asio::any_io_executor& executor, const net::Network& network,
                const Patience& patience);

  // Empty, or why not.
  boost::asio::awaitable<std::string> connect(net::Endpoint device);
  // From now on the device is listened to and watched.
  void begin(Watch watch);
  // False when the connection broke or was closed.
  boost::asio::awaitable<bool> write(std::span<const unsigned char> bytes);
  // Until all that was written is acknowledged; false when the connection broke or was closed.
  boost::asio::awaitable<bool> drain();
  // Says that nothing more comes, and waits until the device has ended too, at most `wait`.
  boost::asio::awaitable<void> finish(std::chrono::milliseconds wait);
  void close();

  std::uint64_t acknowledged();  // bytes of ours; keeps its value after the end
  RawEnd end() const { return end_; }
  const std::string& why() const { return why_; }

 private:
  boost::asio::awaitable<void> dial(net::Endpoint device);
  boost::asio::awaitable<void> listen();
  boost::asio::awaitable<void> watch(Watch watch);
  void broke(const std::string& why);
  bool over() const { return closed_ || end_ == RawEnd::Broken; }

  Patience patience_;
  boost::asio::any_io_executor executor_;
  const net::Network& network_;
  std::unique_ptr<net::Transport> wire_;  // null before it is connected
  os::Timer looks_;
  os::Timer changed_;
  bool closed_ = false;
  RawEnd end_ = RawEnd::Open;
  std::string away_;  // why the device could not be reached
  std::string why_;
  std::uint64_t before_ = 0;  // what the system counts before our first byte
  std::uint64_t written_ = 0;
  std::uint64_t acknowledged_ = 0;
};

}  // namespace ipm::output
