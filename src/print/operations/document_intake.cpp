#include "print/operations/document_intake.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "ipp/document_format.h"
#include "output/blocking.h"
#include "print/limits.h"
#include "print/receipt.h"

namespace ipm::print {
namespace asio = boost::asio;
namespace {

std::string_view as_text(std::span<const unsigned char> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Memory as the disk likes it.
struct alignas(spool::kDocumentAlignment) Piece {
  std::array<unsigned char, spool::kDocumentPieceBytes> bytes;
};

// Of a large document: one comes in while the others wait for the disk, which is not steady. Only
// as many are made as wait together.
constexpr std::size_t kPieces = 4;

// What work on the pool needs; it holds it too, should the request's coroutine end before.
struct Store {
  explicit Store(spool::DocumentWriter begun) : writer(std::move(begun)) {}

  spool::DocumentWriter writer;
  std::exception_ptr failure;  // of the writer, which is then of no use to what still waits for it
  std::vector<std::unique_ptr<Piece>> pieces;
};

// A piece on its way to the disk.
struct Writing {
  Receipt receipt;
  Piece* piece;
};

class Intake {
 public:
  // `bytes` as announced; more or fewer may come.
  Intake(Service& service, ipp::Compression compression, std::uint64_t bytes)
      : pool_(service.manager().pool()),
        in_order_(pool_),
        store_(std::make_shared<Store>(service.manager().new_document(bytes))),
        limit_(service.policy()->document_bytes_max),
        compression_(compression),
        inflater_(compression, {limit_ == 0 ? UINT64_MAX : limit_}) {}

  bool stays_inline(std::size_t next) const { return store_->writer.stays_inline(next); }
  bool unpacks() const { return compression_ != ipp::Compression::None; }

  asio::awaitable<void> take(std::span<const unsigned char> piece) {
    if (!unpacks()) {
      co_await put(piece);
      co_return;
    }
    while (true) {
      unpacked_.resize(kBodyChunkBytes);
      const std::size_t written = inflater_.step(piece, unpacked_);
      if (written == 0) break;
      co_await put(std::span<const unsigned char>(unpacked_).first(written));
    }
  }

  // The rest of a large document, unpacked already: while one piece goes to the disk, the next one
  // comes in.
  asio::awaitable<void> take_large(http::RequestBody& body) {
    std::deque<Writing> writing;  // in the order of the document
    for (bool ended = false; !ended;) {
      Piece& piece = *co_await free_piece(writing);
      // The first one only goes up to the file's next border.
      const auto behind = static_cast<std::size_t>(bytes_ % piece.bytes.size());
      const auto room = std::span(piece.bytes).first(piece.bytes.size() - behind);
      std::size_t filled = 0;
      while (filled < room.size() && !ended) {
        const std::size_t got = co_await body.read_some(room.subspan(filled));
        filled += got;
        ended = got == 0;
      }
      if (filled > 0) writing.push_back({begin_append(room.first(filled)), &piece});
    }
    while (!writing.empty()) co_await take_oldest(writing);
  }

  asio::awaitable<TakenDocument> finish() {
    if (unpacks() && inflater_.bytes_in() > 0) inflater_.finish();
    TakenDocument taken;
    taken.first_bytes = std::move(first_);
    if (store_->writer.stays_inline()) {
      taken.document = store_->writer.finish();
    } else {
      auto work = [store = store_] { return store->writer.finish(); };
      taken.document = co_await output::run_blocking(pool_, std::move(work));
    }
    co_return taken;
  }

 private:
  asio::awaitable<void> put(std::span<const unsigned char> bytes) {
    if (stays_inline(bytes.size())) {
      count(bytes);
      store_->writer.append(as_text(bytes));
      co_return;
    }
    const Receipt writing = begin_append(bytes);
    co_await writing.wait();
  }

  asio::awaitable<Piece*> take_oldest(std::deque<Writing>& writing) {
    const Writing oldest = std::move(writing.front());
    writing.pop_front();
    co_await oldest.receipt.wait();
    co_return oldest.piece;
  }

  // One that has been written, or else a new one, or else the first that will have been.
  asio::awaitable<Piece*> free_piece(std::deque<Writing>& writing) {
    if (!writing.empty() && (writing.front().receipt.is_done() || writing.size() == kPieces)) {
      co_return co_await take_oldest(writing);
    }
    store_->pieces.push_back(std::make_unique_for_overwrite<Piece>());
    co_return store_->pieces.back().get();
  }

  // `bytes` lie in the store, or stay as they are until the receipt comes.
  Receipt begin_append(std::span<const unsigned char> bytes) {
    count(bytes);
    Receipt done;
    asio::post(in_order_, [store = store_, bytes, completion = done.completion()]() mutable {
      try {
        if (!store->failure) store->writer.append(as_text(bytes));
      } catch (...) {
        store->failure = std::current_exception();
      }
      std::exception_ptr failure = store->failure;
      store.reset();
      completion(std::move(failure));
    });
    return done;
  }

  void count(std::span<const unsigned char> bytes) {
    if (first_.size() < ipp::kFormatGuessBytes)
      first_.append(as_text(bytes).substr(0, ipp::kFormatGuessBytes - first_.size()));
    if (limit_ != 0 && bytes.size() > limit_ - bytes_) {
      throw Error(Message::DocumentTooLarge,
                  fmt::format("the document is larger than {} bytes", limit_),
                  fmt::format("at most {} bytes", limit_));
    }
    bytes_ += bytes.size();
  }

  asio::any_io_executor pool_;
  asio::strand<asio::any_io_executor> in_order_;  // for what goes to the writer
  std::shared_ptr<Store> store_;
  std::uint64_t limit_;
  std::uint64_t bytes_ = 0;  // taken, unpacked
  ipp::Compression compression_;
  ipp::Inflater inflater_;
  std::vector<unsigned char> unpacked_;
  std::string first_;
};

}  // namespace

asio::awaitable<TakenDocument> take_document(Service& service, Call& call,
                                             ipp::Compression compression,
                                             std::function<void()> begins) {
  Intake intake(service, compression, call.body.content_length().value_or(0));
  const auto begin = [&] {
    if (begins) std::exchange(begins, {})();
  };
  if (!call.leftover.empty()) {
    begin();
    co_await intake.take(call.leftover);
  }
  // A short body needs one short buffer.
  const std::uint64_t announced = call.body.content_length().value_or(kBodyChunkBytes);
  const std::uint64_t left = announced - std::min(announced, call.body.bytes_read());
  std::vector<unsigned char> buffer(std::clamp<std::uint64_t>(left + 1, 1, kBodyChunkBytes));
  for (;;) {
    const std::size_t got = co_await call.body.read_some(buffer);
    if (got == 0) break;
    begin();
    co_await intake.take(std::span<const unsigned char>(buffer).first(got));
    if (!intake.unpacks() && !intake.stays_inline(1)) {
      co_await intake.take_large(call.body);
      break;
    }
  }
  co_return co_await intake.finish();
}

}  // namespace ipm::print
