#include "print/document_intake.h"

#include <fmt/format.h>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <vector>

#include "ipp/document_format.h"
#include "output/blocking.h"
#include "print/limits.h"

namespace ipm::print {
namespace asio = boost::asio;
namespace {

std::string_view as_text(std::span<const unsigned char> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

class Intake {
 public:
  Intake(Service& service, ipp::Compression compression)
      : service_(service),
        writer_(service.manager().new_document()),
        limit_(service.options().document_bytes_max),
        compression_(compression),
        inflater_(compression, {limit_ == 0 ? UINT64_MAX : limit_}) {}

  asio::awaitable<void> take(std::span<const unsigned char> piece) {
    if (compression_ == ipp::Compression::None) {
      co_await store(piece);
      co_return;
    }
    while (true) {
      unpacked_.resize(kBodyChunkBytes);
      const std::size_t written = inflater_.step(piece, unpacked_);
      if (written == 0) break;
      co_await store(std::span<const unsigned char>(unpacked_).first(written));
    }
  }

  asio::awaitable<TakenDocument> finish() {
    if (compression_ != ipp::Compression::None && inflater_.bytes_in() > 0) inflater_.finish();
    TakenDocument taken;
    taken.first_bytes = std::move(first_);
    if (writer_.stays_inline()) {
      taken.document = writer_.finish();
    } else {
      auto work = [this] { return writer_.finish(); };
      taken.document = co_await output::run_blocking(service_.manager().pool(), std::move(work));
    }
    co_return taken;
  }

  bool stays_inline(std::size_t next) const { return writer_.stays_inline(next); }

 private:
  asio::awaitable<void> store(std::span<const unsigned char> bytes) {
    if (first_.size() < ipp::kFormatGuessBytes)
      first_.append(as_text(bytes).substr(0, ipp::kFormatGuessBytes - first_.size()));
    if (limit_ != 0 && writer_.bytes() + bytes.size() > limit_) {
      throw Error(Message::DocumentTooLarge,
                  fmt::format("the document is larger than {} bytes", limit_),
                  fmt::format("at most {} bytes", limit_));
    }
    if (writer_.stays_inline(bytes.size())) {
      writer_.append(as_text(bytes));
      co_return;
    }
    auto work = [this, bytes] { writer_.append(as_text(bytes)); };
    co_await output::run_blocking(service_.manager().pool(), std::move(work));
  }

  Service& service_;
  spool::DocumentWriter writer_;
  std::uint64_t limit_;
  ipp::Compression compression_;
  ipp::Inflater inflater_;
  std::vector<unsigned char> unpacked_;
  std::string first_;
};

}  // namespace

asio::awaitable<TakenDocument> take_document(Service& service, Call& call,
                                             ipp::Compression compression) {
  Intake intake(service, compression);
  if (!call.leftover.empty()) co_await intake.take(call.leftover);
  // A short body needs one short buffer; a long one is taken in large pieces, each a trip to the
  // pool.
  const std::uint64_t announced = call.body.content_length().value_or(kBodyChunkBytes);
  const std::uint64_t left = announced - std::min(announced, call.body.bytes_read());
  std::vector<unsigned char> buffer(std::clamp<std::uint64_t>(left + 1, 1, kBodyChunkBytes));
  for (;;) {
    if (!intake.stays_inline(1) && buffer.size() < kLargeChunkBytes)
      buffer.resize(kLargeChunkBytes);
    std::size_t filled = 0;
    bool ended = false;
    while (filled < buffer.size() && !ended) {
      const std::size_t got = co_await call.body.read_some(std::span(buffer).subspan(filled));
      filled += got;
      ended = got == 0;
    }
    if (filled > 0) co_await intake.take(std::span<const unsigned char>(buffer).first(filled));
    if (ended) break;
  }
  co_return co_await intake.finish();
}

}  // namespace ipm::print
