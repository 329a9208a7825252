#pragma once
// What has been read from a peer and not yet consumed, and bodies taken out of it.

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <memory>
#include <span>

#include "http/body.h"
#include "net/stream.h"

namespace ipm::http {

class ReadBuffer {
 public:
  // Room for a head of `head_bytes`, and for a TLS record at least.
  explicit ReadBuffer(std::size_t head_bytes);

  std::span<unsigned char> unread() { return {bytes_.get() + begin_, end_ - begin_}; }
  std::span<unsigned char> space() { return {bytes_.get() + end_, capacity_ - end_}; }
  void add(std::size_t count) { end_ += count; }  // that were read into space()
  void consume(std::size_t count) { begin_ += count; }
  void clear() { begin_ = end_ = 0; }
  void move_to_front();
  std::size_t capacity() const { return capacity_; }

 private:
  std::size_t capacity_;
  std::unique_ptr<unsigned char[]> bytes_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

// Body out of what is in the buffer; 0 when that held none.
std::size_t take_body(ReadBuffer& buffer, BodyDecoder& decoder, std::span<unsigned char> into);

// Reads once from the stream, under its deadline, when the buffer is empty. Large spans are filled
// and decoded in place: what belongs to the next message goes to the buffer. Returns bytes of body,
// perhaps 0: the decoder tells whether it is done or broken (the connection's end breaks a body
// that is not whole).
boost::asio::awaitable<std::size_t> receive_body(net::Stream& stream, ReadBuffer& buffer,
                                                 BodyDecoder& decoder,
                                                 std::span<unsigned char> into);

}  // namespace ipm::http
