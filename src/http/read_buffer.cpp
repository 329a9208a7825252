#include "http/read_buffer.h"

#include <algorithm>
#include <cstring>

#include "http/limits.h"

namespace asio = boost::asio;

namespace ipm::http {
namespace {

// Smaller spans are filled by way of the buffer: a system call for a few bytes costs more.
constexpr std::size_t kDirectBytesMin = 4096;

}  // namespace

ReadBuffer::ReadBuffer(std::size_t head_bytes)
    : capacity_(std::max(kReadBufferBytes, head_bytes) + 2 * kEmptyLinesMax + 1),
      bytes_(std::make_unique_for_overwrite<unsigned char[]>(capacity_)) {}

void ReadBuffer::move_to_front() {
  if (begin_ > 0) std::memmove(bytes_.get(), bytes_.get() + begin_, end_ - begin_);
  end_ -= begin_;
  begin_ = 0;
}

std::size_t take_body(ReadBuffer& buffer, BodyDecoder& decoder, std::span<unsigned char> into) {
  const auto unread = buffer.unread();
  const auto piece = unread.first(std::min(unread.size(), into.size()));
  const auto step = decoder.decode(piece);
  std::copy_n(piece.begin(), step.produced, into.begin());
  buffer.consume(step.consumed);
  return step.produced;
}

asio::awaitable<std::size_t> receive_body(net::Stream& stream, ReadBuffer& buffer,
                                          BodyDecoder& decoder, std::span<unsigned char> into) {
  buffer.clear();
  const bool direct = into.size() >= kDirectBytesMin;
  auto target = direct ? into : buffer.space();
  // Never beyond a known end; and of another body no more than the buffer could keep.
  if (const auto remaining = decoder.remaining()) {
    target =
        target.first(static_cast<std::size_t>(std::min<std::uint64_t>(target.size(), *remaining)));
  } else {
    target = target.first(std::min(target.size(), buffer.capacity()));
  }
  const auto received = co_await stream.read_some(target);
  if (received == 0) {
    decoder.end();
    co_return 0;
  }
  if (!direct) {
    buffer.add(received);
    co_return take_body(buffer, decoder, into);
  }
  const auto step = decoder.decode(target.first(received));
  const auto rest = target.subspan(step.consumed, received - step.consumed);
  std::copy(rest.begin(), rest.end(), buffer.space().begin());
  buffer.add(rest.size());
  co_return step.produced;
}

}  // namespace ipm::http
