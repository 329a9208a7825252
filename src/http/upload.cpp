// Sending a large request while listening: a server that refuses may do so at any time (RFC
// 9112, 9.3), and then the rest of the document is not sent.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "http/client_state.h"

namespace asio = boost::asio;

namespace ipm::http {
namespace {

constexpr auto kNoThrow = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kPieceBytes = 256U * 1024U;  // written under one deadline
constexpr std::size_t kCopiedBytesMax =
    64U * 1024U;                                    // put behind their chunk's size, for one write
constexpr std::size_t kKeptBytesMax = 64U * 1024U;  // of a refusal's words
constexpr std::chrono::hours kNoDeadline{24};       // while the body's producer thinks

std::span<const unsigned char> bytes_of(std::string_view text) {
  return {reinterpret_cast<const unsigned char*>(text.data()), text.size()};
}

}  // namespace

Hearing::Hearing(const asio::any_io_executor& executor) : changed(executor) {
  changed.expires_at(os::Timer::time_point::max());
}

void Hearing::tell() {
  changed.cancel();
}

// False when the answer makes more sending pointless, or nothing can be sent any more.
asio::awaitable<bool> Connection::State::send(std::span<const unsigned char> bytes,
                                              const Hearing& hearing) {
  while (!bytes.empty()) {
    if (hearing.refused() || hearing.failure) co_return false;
    const auto piece = bytes.first(std::min(bytes.size(), kPieceBytes));
    stream().expires_after(limits.write_wait);
    try {
      co_await stream().write(piece);
    } catch (const Error& error) {
      send_failure.emplace(error);
      co_return false;
    }
    bytes = bytes.subspan(piece.size());
    if (sending.is_spent(piece.size())) co_await net::yield_now(stream().executor());
  }
  co_return true;
}

// Whether the body is to be sent: the server said so, or says nothing (RFC 9110, 10.1.1).
asio::awaitable<bool> Connection::State::ask_to_go_on(Hearing& hearing) {
  if (!hearing.go_on && !hearing.answered && !hearing.ended) {
    hearing.changed.expires_after(limits.continue_wait);
    co_await hearing.changed.async_wait(kNoThrow);
    hearing.changed.expires_at(os::Timer::time_point::max());
  }
  co_return !hearing.answered && !hearing.ended;
}

asio::awaitable<void> Connection::State::upload(const Outgoing& outgoing, std::string text,
                                                Hearing& hearing) {
  const bool chunked = outgoing.producer && !outgoing.producer_bytes;
  if (outgoing.expect_continue) {
    const bool asked = co_await send(bytes_of(text), hearing);
    if (!asked) co_return;
    text.clear();
    const bool wanted = co_await ask_to_go_on(hearing);
    if (!wanted) co_return;
  }
  const auto add = [&](std::string_view piece) {
    if (chunked && !piece.empty())
      fmt::format_to(std::back_inserter(text), "{:x}\r\n", piece.size());
    text.append(piece);
    if (chunked && !piece.empty()) text.append("\r\n");
  };
  if (outgoing.body.size() <= kCopiedBytesMax) {
    add(outgoing.body);
  } else {
    if (chunked) fmt::format_to(std::back_inserter(text), "{:x}\r\n", outgoing.body.size());
    bool sent = co_await send(bytes_of(text), hearing);
    if (sent) sent = co_await send(bytes_of(outgoing.body), hearing);
    if (!sent) co_return;
    text.assign(chunked ? "\r\n" : "");
  }
  std::uint64_t produced = 0;
  while (outgoing.producer) {
    stream().expires_after(kNoDeadline);
    const auto piece = co_await outgoing.producer();
    if (piece.empty()) break;
    produced += piece.size();
    if (outgoing.producer_bytes && produced > *outgoing.producer_bytes) break;
    bool sent = true;
    if (piece.size() <= kCopiedBytesMax) {
      add({reinterpret_cast<const char*>(piece.data()), piece.size()});
      sent = co_await send(bytes_of(text), hearing);
      text.clear();
    } else {
      if (chunked) fmt::format_to(std::back_inserter(text), "{:x}\r\n", piece.size());
      sent = co_await send(bytes_of(text), hearing);
      if (sent) sent = co_await send(piece, hearing);
      text.assign(chunked ? "\r\n" : "");
    }
    if (!sent) co_return;
  }
  if (outgoing.producer && outgoing.producer_bytes && produced != *outgoing.producer_bytes) {
    throw Error(Message::Unexpected, "a document has another length than was announced",
                fmt::format("{} bytes", *outgoing.producer_bytes),
                "the file changed while it was being sent: try again");
  }
  if (chunked) text.append("0\r\n\r\n");
  const bool sent = co_await send(bytes_of(text), hearing);
  uploading = !sent;
}

asio::awaitable<void> Connection::State::hear(Method method, Hearing& hearing) {
  co_await read_answer(method, hearing);
  if (!uploading || !hearing.refused()) co_return;
  // What the refusal says is read now; then a write that the server does not take any more is cut
  // off.
  std::array<unsigned char, 4096> piece;
  try {
    while (kept.size() < kKeptBytesMax) {
      const auto size = co_await read_body(piece);
      if (size == 0) break;
      kept.append(reinterpret_cast<const char*>(piece.data()), size);
    }
  } catch (const Error&) {
    // The status alone has to do.
  }
  stream().abort();
}

asio::awaitable<ResponseHead> Connection::State::exchange_both_ways(const Outgoing& outgoing,
                                                                    std::string text) {
  const auto hearing = std::make_shared<Hearing>(stream().executor());
  send_failure.reset();
  stream().expires_after(limits.response_wait);
  asio::co_spawn(stream().executor(), hear(method_of(outgoing.method), *hearing),
                 [hearing](std::exception_ptr failure) {
                   hearing->failure = std::move(failure);
                   hearing->ended = true;
                   hearing->tell();
                 });
  std::exception_ptr producer_failure;
  try {
    co_await upload(outgoing, std::move(text), *hearing);
  } catch (...) {
    producer_failure = std::current_exception();
  }
  // Our own failure leaves a request without its end: nobody may take it for a whole one.
  if (producer_failure) stream().abort();
  stream().expires_after(limits.response_wait);
  while (!hearing->ended) co_await hearing->changed.async_wait(kNoThrow);
  if (producer_failure) std::rethrow_exception(producer_failure);
  if (!hearing->answered) {
    // A refused certificate says more than the broken pipe that follows from it.
    if (send_failure && send_failure->reaction() == Reaction::Denied) throw *send_failure;
    try {
      std::rethrow_exception(hearing->failure);
    } catch (const Error& error) {
      if (!send_failure || error.reaction() == Reaction::Denied) throw;
    }
    throw *send_failure;
  }
  if (uploading) keep_alive = false;
  co_return std::move(hearing->head);
}

}  // namespace ipm::http
