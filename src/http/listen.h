#pragma once
// Opens the sockets that a server listens on, with words for what can go wrong. Private to the
// server.

#include <sys/types.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <filesystem>
#include <string>
#include <string_view>

namespace ipm::http {

// "[::]:631" (where the machine has no IPv6: every IPv4 address), "127.0.0.1:0", "*:631" as
// "[::]:631". Throws Error{ListenFailed}.
boost::asio::ip::tcp::acceptor listen_on(boost::asio::io_context& context,
                                         std::string_view address);

// "192.0.2.7:631", "[2001:db8::1]:631"; a mapped address as the IPv4 one that it is.
std::string to_text(const boost::asio::ip::tcp::endpoint& endpoint);

// A listening local socket, which owns its file: removes it, if it is still the same one.
class LocalListener {
 public:
  // Throws Error{RunsAlready} when somebody answers there, Error{ListenFailed}.
  LocalListener(boost::asio::io_context& context, std::filesystem::path path, unsigned mode);
  LocalListener(const LocalListener&) = delete;
  LocalListener& operator=(const LocalListener&) = delete;
  ~LocalListener();

  boost::asio::local::stream_protocol::acceptor& acceptor() { return acceptor_; }
  void close() noexcept;

 private:
  std::filesystem::path path_;
  boost::asio::local::stream_protocol::acceptor acceptor_;
  dev_t device_ = 0;
  ino_t inode_ = 0;
  bool owns_ = false;
};

}  // namespace ipm::http
