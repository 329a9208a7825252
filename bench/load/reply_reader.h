#pragma once
// Just enough of HTTP to know when a reply is whole and whether it says yes. It trusts its server:
// this is a load generator on one machine, not a client.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace ipm::bench {

class ReplyReader {
 public:
  void begin();
  // Takes bytes as they come; true when the reply is whole.
  bool feed(std::string_view bytes);

  bool closes() const { return closes_; }  // the server ends the connection after it
  // Empty for HTTP 200 with a successful IPP status; else what it was.
  std::string complaint() const;

 private:
  bool read_head();
  bool body_is_whole() const;

  std::string text_;
  std::size_t body_ = 0;  // where the body begins; 0: the head is not whole yet
  std::size_t length_ = 0;
  int status_ = 0;
  bool chunked_ = false;
  bool closes_ = false;
};

}  // namespace ipm::bench
