#include "tls/wire_bio.h"

#include <algorithm>
#include <span>

namespace ipm::tls {
namespace {

WireEnd& end_of(BIO* bio) {
  return *static_cast<WireEnd*>(BIO_get_data(bio));
}

bool must_wait(const std::error_code& failure) {
  return failure == std::errc::operation_would_block;
}

int read_bio(BIO* bio, char* into, std::size_t size, std::size_t* moved) noexcept {
  WireEnd& end = end_of(bio);
  BIO_clear_retry_flags(bio);
  *moved = 0;
  if (end.budget == 0) {
    end.paused = true;
    BIO_set_retry_read(bio);
    return -1;
  }
  void* const bytes = into;
  std::error_code failure;
  const std::size_t count =
      end.wire.receive({static_cast<unsigned char*>(bytes), std::min(size, end.budget)}, failure);
  if (failure) {
    if (must_wait(failure)) {
      BIO_set_retry_read(bio);
    } else {
      end.error = failure;
    }
    return -1;
  }
  *moved = count;
  end.budget -= count;
  end.ended = count == 0;
  return count > 0 ? 1 : 0;
}

int write_bio(BIO* bio, const char* from, std::size_t size, std::size_t* moved) noexcept {
  WireEnd& end = end_of(bio);
  BIO_clear_retry_flags(bio);
  const void* const bytes = from;
  std::error_code failure;
  *moved = end.wire.send({static_cast<const unsigned char*>(bytes), size}, failure);
  if (!failure) return *moved > 0 ? 1 : 0;
  *moved = 0;
  if (must_wait(failure)) {
    BIO_set_retry_write(bio);
  } else {
    end.error = failure;
  }
  return -1;
}

long control_bio(BIO* bio, int command, long, void*) noexcept {
  switch (command) {
    case BIO_CTRL_FLUSH:
      return 1;
    case BIO_CTRL_EOF:  // OpenSSL tells a truncated stream from a failed call by it.
      return end_of(bio).ended ? 1 : 0;
    default:
      return 0;
  }
}

pki::Ptr<BIO_METHOD, BIO_meth_free> make_method() {
  auto method = pki::own<pki::Ptr<BIO_METHOD, BIO_meth_free>>(
      BIO_meth_new(BIO_TYPE_SOURCE_SINK, "wire"), "BIO_meth_new");
  BIO_meth_set_read_ex(method.get(), read_bio);
  BIO_meth_set_write_ex(method.get(), write_bio);
  BIO_meth_set_ctrl(method.get(), control_bio);
  return method;
}

}  // namespace

pki::BioPtr make_wire_bio(WireEnd& end) {
  // A table of functions that never changes; it outlives every BIO made of it.
  static const auto kMethod = make_method();
  auto bio = pki::own<pki::BioPtr>(BIO_new(kMethod.get()), "BIO_new");
  BIO_set_data(bio.get(), &end);
  BIO_set_init(bio.get(), 1);
  return bio;
}

}  // namespace ipm::tls
