#pragma once
// A document as it goes over the wire: packed where that is asked for, with a bar where it is
// large.

#include <span>
#include <vector>

#include "ipm/print/print_progress.h"
#include "ipm/print/print_source.h"
#include "ipp/compression.h"
#include "ippclient/exchange.h"

namespace ipm::app {

class Upload {
 public:
  // `source` outlives it.
  Upload(PrintSource& source, ipp::Compression compression);
  Upload(const Upload&) = delete;
  Upload& operator=(const Upload&) = delete;

  // Refers to this object, which outlives the exchange.
  ippclient::Attachment attachment();

 private:
  boost::asio::awaitable<std::span<const unsigned char>> next();
  boost::asio::awaitable<std::span<const unsigned char>> next_packed();

  PrintSource& source_;
  ipp::Compression compression_;
  ipp::Deflater deflater_;
  Progress progress_;
  std::vector<unsigned char> buffer_;  // of packed bytes
  std::span<const unsigned char> piece_;
  bool ended_ = false;
};

}  // namespace ipm::app
