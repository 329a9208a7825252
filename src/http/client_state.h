#pragma once
// What a client connection consists of. Private to client.cpp and upload.cpp.

#include <exception>
#include <memory>
#include <optional>
#include <string>

#include "http/body.h"
#include "http/client.h"
#include "http/read_buffer.h"
#include "net/yield.h"
#include "os/timer.h"

namespace ipm::http {

// The answer's head, as it is heard while the request may still be under way. Shared by the two
// coroutines, which run on one thread.
struct Hearing {
  explicit Hearing(const boost::asio::any_io_executor& executor);
  void tell();  // wakes who waits for a change

  bool go_on = false;     // "100 Continue" has come
  bool answered = false;  // an answer has come
  bool ended = false;     // nothing more will be heard
  std::exception_ptr failure;
  ResponseHead head;
  os::Timer changed;

  // A refusal makes the rest of the body pointless.
  bool refused() const { return answered && head.status >= 300; }
};

struct Connection::State {
  State(std::unique_ptr<net::Transport> connected, Destination to, ClientLimits granted);

  // Sends the request and hears nothing meanwhile: for what fits into the kernel's buffers.
  boost::asio::awaitable<ResponseHead> exchange_plainly(const Outgoing& outgoing, std::string text);
  // Sends with one coroutine and hears with another.
  boost::asio::awaitable<ResponseHead> exchange_both_ways(const Outgoing& outgoing,
                                                          std::string text);
  boost::asio::awaitable<void> upload(const Outgoing& outgoing, std::string text, Hearing& hearing);
  boost::asio::awaitable<bool> ask_to_go_on(Hearing& hearing);
  boost::asio::awaitable<bool> send(std::span<const unsigned char> bytes, const Hearing& hearing);
  boost::asio::awaitable<void> hear(Method method, Hearing& hearing);

  boost::asio::awaitable<void> read_answer(Method method, Hearing& hearing);
  boost::asio::awaitable<bool> read_head(Method method, ResponseHead& into);
  boost::asio::awaitable<std::size_t> read_body(std::span<unsigned char> into);
  boost::asio::awaitable<void> finish_answer();
  std::string request_head(const Outgoing& outgoing) const;
  Error broken(std::string happened) const;
  net::Stream& stream() { return tls ? static_cast<net::Stream&>(*tls) : *wire; }

  Destination destination;
  ClientLimits limits;
  std::unique_ptr<net::Transport> wire;  // null once TLS has taken it
  std::unique_ptr<tls::Stream> tls;
  ReadBuffer buffer;
  BodyDecoder body;  // of the answer
  std::string kept;  // body of an answer that came while we were sending
  std::size_t kept_read = 0;
  std::optional<Error> send_failure;
  net::YieldBudget sending;
  net::YieldBudget reading;
  bool uploading = false;  // the request is not wholly sent
  bool keep_alive = true;
  bool spent = false;  // something failed: never to be used again
  std::size_t exchanges = 0;
};

}  // namespace ipm::http
