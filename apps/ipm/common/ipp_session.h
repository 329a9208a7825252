#pragma once
// A command's conversation with a print server: each request begins with what it must name, each
// refusal becomes an Error in the words that the server gave, with the number that it named.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ipm/common/context.h"
#include "ipm/common/ipp_session_target.h"
#include "ipp/message.h"
#include "ippclient/exchange.h"

namespace ipm::app {

class IppSession {
 public:
  IppSession(boost::asio::any_io_executor executor, ServerTarget target);
  IppSession(const IppSession&) = delete;
  IppSession& operator=(const IppSession&) = delete;

  // Requests to the server itself, to a destination (the default one where `name` is empty), to a
  // job. Their operation group ends with requesting-user-name; more may be added to it.
  ipp::Message to_system(ipp::Operation operation);
  ipp::Message to_server(ipp::Operation operation);
  ipp::Message to_printer(ipp::Operation operation, std::string_view name);
  ipp::Message to_job(ipp::Operation operation, int id);

  // The reply to a request that succeeded. Opens the connection where none is open; one that the
  // server closed meanwhile is opened once more, unless a document went with the request. Throws
  // what the connection throws, and the server's refusal: Error{PrinterNotFound, JobNotFound,
  // NotAllowed, …} as the server numbers it or its status tells, else Error{IppStatusUnexpected}.
  boost::asio::awaitable<ipp::Message> send(ipp::Message request,
                                            ippclient::Attachment attachment = {});

  // Waits between two requests of a command that runs for long, and takes up certificates and
  // anchors that change meanwhile: within a second, and without anything under way being cut.
  boost::asio::awaitable<void> pause(std::chrono::milliseconds wait);

  boost::asio::awaitable<void> close();
  // Ends what is under way with Error{ConnectionFailed}; the next request opens a new connection.
  void abort();
  // The requests that follow go over a new connection, each of whose steps may take so long.
  void hurry(std::chrono::milliseconds step);

  const ServerTarget& target() const { return target_; }
  // Null until something was sent.
  const http::Connection* connection() const { return connection_.get(); }

 private:
  ipp::Message begin(ipp::Operation operation, std::string_view attribute, std::string path);
  boost::asio::awaitable<void> connect();
  void look_for_changes();

  boost::asio::any_io_executor executor_;
  ServerTarget target_;
  std::string user_;
  http::ClientLimits limits_;
  std::unique_ptr<http::Connection> connection_;
  std::int32_t request_id_ = 0;
};

// Throws the refusal in `reply`, if it is one. `request` tells what was asked.
void require_granted(const ipp::Message& request, const ipp::Message& reply);

// All groups of that tag, in order.
std::vector<const ipp::Group*> groups_of(const ipp::Message& reply, ipp::GroupTag tag);
// The first group of that tag. Throws Error{IppMalformed} where the reply has none.
const ipp::Group& require_group(const ipp::Message& reply, ipp::GroupTag tag);

// The last part of a printer's or a job's URI, harmless to print: "office"; "-" where there is
// none.
std::string name_in_uri(std::string_view uri);

// Finds the server, runs `work` with a session to it and says goodbye. Returns what `work` returns.
using Conversation = std::function<boost::asio::awaitable<int>(IppSession& session)>;
int converse(const Context& context, const ServerChoice& choice, const Conversation& work);

// As Context::next(), with --server repeated where it was given.
void next_step(const Context& context, const ServerChoice& choice, std::string_view command);

}  // namespace ipm::app
