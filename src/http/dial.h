#pragma once
// Makes the connection to a server: the addresses of a name one after the other, or a local socket.
// Private to the client.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "http/client.h"
#include "http/limits.h"
#include "tls/stream.h"

namespace ipm::http {

// Throws Error{ConnectionFailed, ConnectionTimedOut} with the reason of the last address tried and
// the mend. `connect_wait` holds for all addresses together; a resolver that does not answer is
// bound by the system's own waits as well.
boost::asio::awaitable<tls::Socket> dial(boost::asio::any_io_executor executor,
                                         Destination destination, ClientLimits limits);

}  // namespace ipm::http
