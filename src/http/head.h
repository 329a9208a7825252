#pragma once
// Reading and writing the heads of HTTP/1.1 messages: pure functions from bytes to values.
//
// A head is first found whole in a buffer (HeadScanner), then parsed in one go by Beast's parser,
// then judged more strictly than Beast does: whatever two servers could read in two ways is refused
// (RFC 9112, 11.2), because behind such a head a second request can be hidden.

#include <optional>
#include <span>
#include <string>
#include <variant>

#include "http/limits.h"
#include "http/message.h"

namespace ipm::http {

// Looks for the end of a head, line by line, over a buffer that grows between calls.
class HeadScanner {
 public:
  enum class Found { Incomplete, Whole, Refused };

  // Fields that go on in the next line (RFC 9112, 5.2): a server refuses them, a client unfolds.
  enum class Folds { Refused, Allowed };

  HeadScanner(std::size_t bytes_max, std::size_t fields_max, Folds folds = Folds::Refused)
      : bytes_max_(bytes_max), fields_max_(fields_max), folds_(folds) {}

  // `buffer` begins where the head begins and holds all that has arrived.
  Found scan(std::span<const unsigned char> buffer);
  // Of a whole head: where it begins, after empty lines, and where the byte after it is.
  std::size_t begin() const { return begin_; }
  std::size_t end() const { return line_; }
  const std::optional<Refusal>& refusal() const { return refusal_; }

 private:
  Found refuse(int status, Message message, std::string happened, std::string expected);

  std::size_t bytes_max_;
  std::size_t fields_max_;
  Folds folds_;
  std::size_t begin_ = 0;
  std::size_t line_ = 0;     // where the line under way begins
  std::size_t scanned_ = 0;  // nothing before it ends a line
  std::size_t lines_ = 0;
  std::optional<Refusal> refusal_;
};

// Parses a head that HeadScanner found whole. `into` is overwritten; its memory is used again.
// Nothing: it conforms.
std::optional<Refusal> parse_head(std::span<const unsigned char> head, RequestHead& into);
// `request` decides whether a body can follow (RFC 9112, 6.3): none follows the answer to HEAD.
std::optional<Refusal> parse_head(std::span<const unsigned char> head, Method request,
                                  ResponseHead& into);

// "POST /ipp/print HTTP/1.1\r\n…\r\n\r\n", appended. Throws Error{HttpMalformed} when method or
// target would break the message.
void write_request_head(std::string_view method, std::string_view target, const Headers& headers,
                        std::string& out);
// Status line and `headers`, appended, without the empty line: the caller may add fields.
void write_response_head(int status, const Headers& headers, std::string& out);

}  // namespace ipm::http
