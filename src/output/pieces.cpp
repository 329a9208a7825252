#include "output/pieces.h"

#include <fmt/format.h>
#include <algorithm>

#include "output/blocking.h"
#include "output/limits.h"

namespace ipm::output {
namespace asio = boost::asio;

Pieces::Pieces(const Document& document, asio::any_io_executor pool)
    : document_(document), pool_(std::move(pool)) {}

asio::awaitable<std::span<const unsigned char>> Pieces::next() {
  if (buffer_.empty()) {
    buffer_.resize(std::clamp<std::uint64_t>(document_.bytes, 1, kPieceBytes));
  }
  auto read = [this] {
    if (!source_) source_ = document_.open();
    std::size_t filled = 0;
    while (filled < buffer_.size()) {
      const std::size_t got = source_->read(std::span(buffer_).subspan(filled));
      if (got == 0) break;
      filled += got;
    }
    return filled;
  };
  const std::size_t filled = co_await run_blocking(pool_, std::move(read));
  total_ += filled;
  if (total_ > document_.bytes || (filled == 0 && total_ != document_.bytes)) {
    throw Error(Message::SpoolDamaged,
                fmt::format("document {} has {} bytes instead of {}", document_.number, total_,
                            document_.bytes),
                "the document as it was acknowledged");
  }
  co_return std::span<const unsigned char>(buffer_).first(filled);
}

}  // namespace ipm::output
