#include "http/reply.h"

#include <fmt/format.h>

#include <algorithm>

#include "http/head.h"
#include "net/yield.h"

namespace asio = boost::asio;

namespace ipm::http {
namespace {

// A piece of a body up to this size is copied behind what goes before it, for one write of both.
constexpr std::size_t kCopiedBytesMax = 64U * 1024U;
// Larger bodies go in pieces of this size, so that the deadline is one of progress.
constexpr std::size_t kPieceBytes = 256U * 1024U;
constexpr std::size_t kScratchBytesMax = 256U * 1024U;  // kept for the next reply

std::span<const unsigned char> bytes_of(std::string_view text) {
  return {reinterpret_cast<const unsigned char*>(text.data()), text.size()};
}

void append(std::string& text, std::span<const unsigned char> bytes) {
  text.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

asio::awaitable<void> write_pieces(net::Stream& stream, Core& core,
                                   std::span<const unsigned char> bytes) {
  while (!bytes.empty()) {
    const auto piece = bytes.first(std::min(bytes.size(), kPieceBytes));
    stream.expires_after(core.shared().limits.write_wait);
    co_await stream.write(piece);
    bytes = bytes.subspan(piece.size());
    if (!bytes.empty()) co_await net::yield_now(stream.executor());
  }
}

// `text` holds the head, which goes with the first piece.
asio::awaitable<void> send_produced(net::Stream& stream, Core& core, const Response& response,
                                    bool chunked, std::string& text) {
  std::uint64_t sent = 0;
  net::YieldBudget turn;
  for (;;) {
    const auto piece = co_await response.producer();
    if (piece.empty()) break;
    sent += piece.size();
    if (turn.is_spent(piece.size())) co_await net::yield_now(stream.executor());
    if (response.producer_bytes && sent > *response.producer_bytes) break;
    core.counters().body_bytes_out.add(piece.size());
    if (chunked) fmt::format_to(std::back_inserter(text), "{:x}\r\n", piece.size());
    if (piece.size() <= kCopiedBytesMax) {
      append(text, piece);
      if (chunked) text.append("\r\n");
      co_await write_pieces(stream, core, bytes_of(text));
      text.clear();
    } else {
      co_await write_pieces(stream, core, bytes_of(text));
      co_await write_pieces(stream, core, piece);
      text.assign(chunked ? "\r\n" : "");
    }
  }
  if (response.producer_bytes && sent != *response.producer_bytes) {
    throw Error(Message::Unexpected, "a reply has another length than was announced",
                fmt::format("{} bytes", *response.producer_bytes));
  }
  if (chunked) text.append("0\r\n\r\n");
  co_await write_pieces(stream, core, bytes_of(text));
}

}  // namespace

asio::awaitable<bool> send_reply(net::Stream& stream, Core& core, const Response& response,
                                 ReplyContext context, std::string& text) {
  const bool bodiless = response.status == 204 || response.status == 304;
  const bool produced = static_cast<bool>(response.producer) && !bodiless;
  const bool chunked = produced && !response.producer_bytes && context.version >= 11;
  // HTTP/1.0 knows no chunks: the connection's end is the body's.
  const bool until_end = produced && !response.producer_bytes && !chunked;
  const bool keep = context.keep_alive && !until_end;

  text.clear();
  write_response_head(response.status, response.headers, text);
  text.append("Date: ").append(core.date()).append("\r\n");
  if (chunked) {
    text.append("Transfer-Encoding: chunked\r\n");
  } else if (!bodiless && !until_end) {
    const std::uint64_t size = produced ? *response.producer_bytes : response.body.size();
    fmt::format_to(std::back_inserter(text), "Content-Length: {}\r\n", size);
  }
  if (!keep) text.append("Connection: close\r\n");
  if (keep && context.version < 11) text.append("Connection: keep-alive\r\n");
  text.append("\r\n");

  if (response.status >= 500) core.counters().responses_5xx.add();
  if (response.status >= 400 && response.status < 500) core.counters().responses_4xx.add();

  if (bodiless || context.method == Method::Head) {
    co_await write_pieces(stream, core, bytes_of(text));
  } else if (produced) {
    co_await send_produced(stream, core, response, chunked, text);
  } else {
    core.counters().body_bytes_out.add(response.body.size());
    const bool together = response.body.size() <= kCopiedBytesMax;
    if (together) text.append(response.body);
    co_await write_pieces(stream, core, bytes_of(text));
    if (!together) co_await write_pieces(stream, core, bytes_of(response.body));
  }
  if (text.capacity() > kScratchBytesMax) std::string().swap(text);
  co_return keep;
}

}  // namespace ipm::http
