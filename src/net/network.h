#pragma once
// The way to others: dials endpoints and listens for connections. Handed in to whatever needs one,
// so that a simulation can replace it.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>

#include "net/endpoint.h"
#include "net/limits.h"
#include "net/transport.h"

namespace ipm::net {

struct Accepted {
  std::unique_ptr<Transport> transport;  // null: nobody came, or has gone already
  std::error_code failure;               // why nobody could be accepted: out of files, of memory
};

// On one thread, the one of the executor that it was made with.
class Listener {
 public:
  Listener() = default;
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  virtual ~Listener() = default;

  // The next connection, which will live on `owner`. After close() nobody comes.
  virtual boost::asio::awaitable<Accepted> accept(boost::asio::any_io_executor owner) = 0;
  virtual bool is_open() const = 0;
  virtual void close() noexcept = 0;
  // Where it is reached: "[::]:631" with the port that the system chose, or the socket's path.
  virtual const std::string& bound() const = 0;
};

// Any thread.
class Network {
 public:
  Network() = default;
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;
  virtual ~Network() = default;

  // A connection to `to`, living on `executor`. All addresses of a name are tried, each a little
  // after the one before (RFC 8305), and the first that answers is taken. Throws
  // Error{ConnectionFailed, ConnectionTimedOut} with the reason of the last address and the mend.
  virtual boost::asio::awaitable<std::unique_ptr<Transport>> dial(
      boost::asio::any_io_executor executor, Endpoint to, DialLimits limits) const = 0;

  // "[::]:631" (both IPv6 and IPv4; where the machine has no IPv6 every IPv4 address),
  // "127.0.0.1:0", "*:631" as "[::]:631". Throws Error{ListenFailed} with the mend.
  virtual std::unique_ptr<Listener> listen_tcp(boost::asio::any_io_executor executor,
                                               std::string_view address) const = 0;
  // For every user of this machine. A socket that nobody answers on is replaced. Throws
  // Error{RunsAlready, ListenFailed}. The file is removed with the listener.
  virtual std::unique_ptr<Listener> listen_local(boost::asio::any_io_executor executor,
                                                 const std::filesystem::path& path) const = 0;
};

// The machine's own.
const Network& system_network();

}  // namespace ipm::net
