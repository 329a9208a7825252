#pragma once
// A conversation with one IPP printer or server: opens connections as they are needed, and speaks as
// the other side can: its version of IPP, with or without Expect, with the credentials it asks for.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/uri.h"
#include "http/client.h"
#include "ippclient/answer.h"
#include "ippclient/credentials.h"
#include "ippclient/exchange.h"

namespace ipm::ippclient {

// What has been learnt of the other side; worth keeping for the next conversation.
struct Habits {
  ipp::Version version{2, 0};
  bool expect_continue = true;
};

struct CallerOptions {
  Uri uri;
  std::function<std::shared_ptr<const tls::Generation>()> generation = {};  // for ipps
  std::optional<Credentials> credentials = {};                              // sent over TLS only
  http::ClientLimits limits = {};
  const net::Network* network = &net::system_network();  // outlives the caller and its connections
};

// On one thread.
class Caller {
 public:
  using MakeAttachment = std::function<Attachment()>;  // anew for each time that it is sent

  Caller(boost::asio::any_io_executor executor, CallerOptions options, Habits habits = {});

  // Never throws. Asks again where that is safe: in an older version after
  // server-error-version-not-supported (RFC 8011, 4.1.8), without Expect after 417 (RFC 9110,
  // 10.1.1), with credentials after 401, and over a new connection where an old one had been closed
  // before an answer: a question, or a document of which nothing was read. The other side may have
  // done what else it was told (a second Create-Job is a second job). The request's version is the
  // caller's.
  boost::asio::awaitable<Answer> ask(ipp::Message request, MakeAttachment document = {});

  // As Connection::wait_at_most, for the requests from now on.
  void wait_at_most(std::chrono::milliseconds wait);
  // Ends what is under way; the next request opens a new connection.
  void abort();
  const Habits& habits() const { return habits_; }
  bool is_encrypted() const { return options_.uri.scheme == "ipps"; }

 private:
  boost::asio::awaitable<Answer> ask_once(const ipp::Message& request,
                                          const MakeAttachment& document, bool& read);
  struct Opening;
  boost::asio::awaitable<std::optional<Answer>> connect();
  bool adapt(const Answer& answer, const ipp::Message& request);

  boost::asio::any_io_executor executor_;
  CallerOptions options_;
  Habits habits_;
  std::string resource_;
  std::shared_ptr<http::Connection> connection_;
  std::string challenges_;     // that are answered with each request; empty: none
  std::string authorization_;  // the last answer to them
  int nonce_count_ = 0;        // answers to these (RFC 7616, 3.4: each with a count of its own)
  std::shared_ptr<Opening> opening_;
  bool aborted_ = false;  // since the request under way began
  int authorized_ = 0;    // how often credentials were tried
};

}  // namespace ipm::ippclient
