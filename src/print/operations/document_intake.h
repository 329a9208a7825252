#pragma once
// A document on its way from a request's body into the spool: unpacked, bounded, in flat memory,
// and never blocking an I/O thread on the disk.

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <optional>
#include <string>

#include "ipp/compression.h"
#include "print/service.h"
#include "spool/document.h"

namespace ipm::print {

struct TakenDocument {
  spool::StoredDocument document;
  std::string first_bytes;  // at most 64, for guessing the format
};

// The rest of the request is the document; it may be empty. Throws Error{CompressionBroken,
// DocumentTooLarge, SpoolWriteFailed} and what the body throws. `begins` is called when there is a
// document, before it is taken, and may throw to refuse it.
boost::asio::awaitable<TakenDocument> take_document(Service& service, Call& call,
                                                    ipp::Compression compression,
                                                    std::function<void()> begins = {});

}  // namespace ipm::print
