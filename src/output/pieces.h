#pragma once
// A document in pieces, read on the pool while the caller's thread goes on with others.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <memory>
#include <span>
#include <vector>

#include "output/driver.h"

namespace ipm::output {

class Pieces {
 public:
  // Opens the document at the first next().
  Pieces(const Document& document, boost::asio::any_io_executor pool);
  // Empty at the end. The piece stays as it is until the next call. Throws what the source throws,
  // and Error{SpoolDamaged} when it is shorter or longer than the document.
  boost::asio::awaitable<std::span<const unsigned char>> next();

 private:
  const Document& document_;
  boost::asio::any_io_executor pool_;
  std::unique_ptr<Source> source_;
  std::vector<unsigned char> buffer_;
  std::uint64_t total_ = 0;
};

}  // namespace ipm::output
