#include "ipm/print/print_upload.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace ipm::app {
namespace asio = boost::asio;
namespace {

constexpr std::size_t kPackedBytes = 64U << 10U;

}  // namespace

Upload::Upload(PrintSource& source, ipp::Compression compression)
    : source_(source),
      compression_(compression),
      deflater_(compression),
      progress_(source.name(), source.bytes().value_or(0)),
      buffer_(compression == ipp::Compression::None ? 0 : kPackedBytes) {}

ippclient::Attachment Upload::attachment() {
  ippclient::Attachment attachment;
  if (compression_ == ipp::Compression::None) attachment.bytes = source_.bytes();
  attachment.producer = [this] { return next(); };
  return attachment;
}

asio::awaitable<std::span<const unsigned char>> Upload::next() {
  const auto piece =
      compression_ == ipp::Compression::None ? co_await source_.next() : co_await next_packed();
  progress_.update(source_.bytes_read());
  co_return piece;
}

asio::awaitable<std::span<const unsigned char>> Upload::next_packed() {
  for (;;) {
    const std::size_t written =
        ended_ ? deflater_.finish(buffer_) : deflater_.step(piece_, buffer_);
    if (written > 0) co_return std::span<const unsigned char>(buffer_).first(written);
    if (ended_) co_return std::span<const unsigned char>();
    piece_ = co_await source_.next();
    ended_ = piece_.empty();
  }
}

}  // namespace ipm::app
