#include "http/head.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <cstring>
#include <utility>

#include "base/text.h"

namespace ipm::http {
namespace {

namespace beast_http = boost::beast::http;
using boost::beast::string_view;
using boost::system::error_code;

std::string_view view(string_view text) {
  return {text.data(), text.size()};
}

// Beast's parser, told that no body follows: it ends with the head and hands the fields over.
template <bool kRequest, class Head>
class Parser : public beast_http::basic_parser<kRequest> {
 public:
  explicit Parser(Head& into) : into_(into) {
    this->header_limit(std::numeric_limits<std::uint32_t>::max());  // HeadScanner has seen to it
    this->body_limit(boost::none);
    this->eager(false);
    this->skip(true);
  }

 private:
  void on_request_impl(beast_http::verb, string_view method, string_view target, int version,
                       error_code&) override {
    if constexpr (kRequest) {
      into_.method = method_of(view(method));
      into_.target.assign(view(target));
      into_.version = version;
    }
  }
  void on_response_impl(int status, string_view reason, int version, error_code&) override {
    if constexpr (!kRequest) {
      into_.status = status;
      into_.reason.assign(view(reason));
      into_.version = version;
    }
  }
  void on_field_impl(beast_http::field, string_view name, string_view value,
                     error_code& failure) override {
    try {
      into_.headers.add(view(name), view(value));
    } catch (const Error&) {
      failure = beast_http::error::bad_value;
    }
  }
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(string_view text, error_code&) override { return text.size(); }
  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, string_view text, error_code&) override {
    return text.size();
  }
  void on_finish_impl(error_code&) override {}

  Head& into_;
};

Refusal refusal(int status, std::string happened, std::string expected, std::string mend = {}) {
  return {status,
          Error(Message::HttpMalformed, std::move(happened), std::move(expected), std::move(mend))};
}

// The foreign version on a request line that could not be parsed, "HTTP/2.0"; else empty.
std::string_view version_of(std::span<const unsigned char> head) {
  std::string_view line(reinterpret_cast<const char*>(head.data()), head.size());
  line = line.substr(0, line.find('\r'));
  const auto blank = line.rfind(' ');
  if (blank == std::string_view::npos) return {};
  const std::string_view version = line.substr(blank + 1);
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  const bool whole = version.size() == 8 && version.starts_with("HTTP/") && digit(version[5]) &&
                     version[6] == '.' && digit(version[7]);
  return whole && !version.starts_with("HTTP/1.") ? version : std::string_view();
}

// Length, chunked or neither, of the fields alone. Two readings of one head must not be possible.
std::optional<Refusal> find_framing(const Headers& headers, int version, Framing& framing) {
  const std::size_t lengths = headers.count("Content-Length");
  const std::size_t codings = headers.count("Transfer-Encoding");
  if (lengths > 0 && codings > 0) {
    return refusal(400, "a head with both Content-Length and Transfer-Encoding",
                   "one of them (RFC 9112, 6.3)");
  }
  if (lengths > 1 || codings > 1) {
    return refusal(400, "a head that says twice how long its body is", "one field (RFC 9112, 6.3)");
  }
  framing = {};
  if (codings == 1) {
    if (version < 11) {
      return refusal(400, "Transfer-Encoding in HTTP/1.0", "Content-Length (RFC 9112, 6.1)");
    }
    const std::string_view coding = *headers.find("Transfer-Encoding");
    if (!equal_ascii_nocase(coding, "chunked")) {
      return refusal(501, fmt::format("the transfer coding \"{}\"", printable(coding, 64)),
                     "\"chunked\" alone");
    }
    framing.kind = Framing::Kind::Chunked;
  } else if (lengths == 1) {
    const std::string_view text = *headers.find("Content-Length");
    const bool digits = !text.empty() && text.size() <= 18 &&
                        text.find_first_not_of("0123456789") == std::string_view::npos;
    if (!digits) {
      return refusal(400, fmt::format("the Content-Length \"{}\"", printable(text, 64)),
                     "a number of at most 18 digits");
    }
    std::uint64_t length = 0;
    for (const char c : text) length = length * 10 + static_cast<std::uint64_t>(c - '0');
    if (length > 0) framing = {Framing::Kind::Length, length};
  }
  return std::nullopt;
}

std::optional<Refusal> judge_target(const RequestHead& head) {
  const std::string_view target = head.target;
  const auto plain = [](char c) { return c > ' ' && c < 0x7f && c != '#'; };
  if (!std::all_of(target.begin(), target.end(), plain)) {
    return refusal(400, fmt::format("the request target \"{}\"", printable(target, 64)),
                   "a path of ASCII characters, others percent-encoded (RFC 3986)");
  }
  if (head.method == Method::Other || target.starts_with('/')) return std::nullopt;
  if (target == "*" && head.method == Method::Options) return std::nullopt;
  for (const std::string_view scheme : {"http://", "https://", "ipp://", "ipps://"}) {
    if (target.size() > scheme.size() &&
        equal_ascii_nocase(target.substr(0, scheme.size()), scheme)) {
      return std::nullopt;
    }
  }
  return refusal(400, fmt::format("the request target \"{}\"", printable(target, 64)),
                 "a path that begins with /, or an http or ipp URI");
}

std::optional<Refusal> judge_host(const RequestHead& head) {
  const std::size_t hosts = head.headers.count("Host");
  if (hosts > 1 || (hosts == 0 && head.version >= 11)) {
    return refusal(400, hosts == 0 ? "a head without Host" : "a head with more than one Host",
                   "exactly one (RFC 9112, 3.2)");
  }
  if (hosts == 0) return std::nullopt;
  const std::string_view host = *head.headers.find("Host");
  if (host.find_first_of(" \t/\\?#@,\"<>") != std::string_view::npos) {
    return refusal(400, fmt::format("the Host \"{}\"", printable(host, 64)),
                   "HOST or HOST:PORT (RFC 9110, 7.2)");
  }
  return std::nullopt;
}

std::optional<Refusal> judge_expectation(RequestHead& head) {
  const auto expect = head.headers.find("Expect");
  if (!expect || head.version < 11) return std::nullopt;
  if (head.headers.count("Expect") > 1 || !equal_ascii_nocase(*expect, "100-continue")) {
    return refusal(417, fmt::format("the expectation \"{}\"", printable(*expect, 64)),
                   "100-continue (RFC 9110, 10.1.1)");
  }
  head.expects_continue = head.framing.kind != Framing::Kind::None;
  return std::nullopt;
}

// RFC 9110, 8.4: a body in a coding that is not decoded must not be taken for what is in it.
std::optional<Refusal> judge_coding(const RequestHead& head) {
  const auto coding = head.headers.find("Content-Encoding");
  if (!coding) return std::nullopt;
  if (head.headers.count("Content-Encoding") == 1 && equal_ascii_nocase(*coding, "identity")) {
    return std::nullopt;
  }
  return refusal(
      415, fmt::format("the content coding \"{}\"", printable(*coding, 64)),
      "a body as it is; of a document IPP's attribute compression says that it is packed");
}

// Whether a parse came to the head's last byte; otherwise what is wrong with it.
std::optional<Refusal> judge_parse(const error_code& failure, std::size_t consumed,
                                   std::span<const unsigned char> head, bool done) {
  if (failure == beast_http::error::bad_version) {
    const std::string_view version = version_of(head);
    if (!version.empty()) {
      return refusal(505, fmt::format("a message of {}", version), "HTTP/1.1 or HTTP/1.0");
    }
  }
  if (failure) {
    return refusal(400, fmt::format("a head that is not HTTP/1.1 ({})", failure.message()),
                   "a message head as RFC 9112 defines it");
  }
  if (consumed != head.size() || !done) {
    return refusal(400, "a head that ends before its empty line",
                   "a message head as RFC 9112 defines it");
  }
  return std::nullopt;
}

bool is_token_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
}

}  // namespace

HeadScanner::Found HeadScanner::refuse(int status, Message message, std::string happened,
                                       std::string expected) {
  refusal_ = Refusal{status, Error(message, std::move(happened), std::move(expected))};
  return Found::Refused;
}

HeadScanner::Found HeadScanner::scan(std::span<const unsigned char> buffer) {
  if (refusal_) return Found::Refused;
  const auto too_large = [this] {
    return refuse(431, Message::HttpTooLarge,
                  fmt::format("a message head of more than {} bytes", bytes_max_),
                  fmt::format("at most {} bytes", bytes_max_));
  };
  // What cannot become a message is refused at its first byte, not when the wait is over.
  const auto is_strange = [&] {
    return lines_ == 0 && buffer.size() > line_ && buffer[line_] != '\r' &&
           !is_token_char(static_cast<char>(buffer[line_]));
  };
  const auto strange = [this] {
    return refuse(400, Message::HttpMalformed, "bytes that do not begin an HTTP message",
                  "a request line (RFC 9112, 3)");
  };
  while (scanned_ < buffer.size()) {
    if (is_strange()) return strange();
    const auto* const found = static_cast<const unsigned char*>(
        std::memchr(buffer.data() + scanned_, '\n', buffer.size() - scanned_));
    if (found == nullptr) break;
    const auto at = static_cast<std::size_t>(found - buffer.data());
    if (at + 1 - begin_ > bytes_max_) return too_large();
    if (at == line_ || buffer[at - 1] != '\r') {
      return refuse(400, Message::HttpMalformed, "a line of the head that ends without CR",
                    "CR LF at the end of each line (RFC 9112, 2.2)");
    }
    const bool empty = at - line_ == 1;
    const unsigned char first = buffer[line_];
    scanned_ = at + 1;
    line_ = at + 1;
    if (empty && lines_ > 0) return Found::Whole;
    if (empty) {
      begin_ = line_;
      if (begin_ > 2 * kEmptyLinesMax) {
        return refuse(400, Message::HttpMalformed, "empty lines instead of a request",
                      "a request line (RFC 9112, 2.2)");
      }
      continue;
    }
    const bool goes_on = lines_ > 0 && (first == ' ' || first == '\t');
    if (goes_on && (folds_ == Folds::Refused || lines_ == 1)) {
      return refuse(400, Message::HttpMalformed, "a header field that goes on in the next line",
                    "one line for each field (RFC 9112, 5.2)");
    }
    if (++lines_ > fields_max_ + 1) {
      return refuse(431, Message::HttpTooLarge,
                    fmt::format("more than {} header fields", fields_max_),
                    fmt::format("at most {}", fields_max_));
    }
  }
  scanned_ = buffer.size();
  if (buffer.size() - begin_ > bytes_max_) return too_large();
  if (is_strange()) return strange();
  return Found::Incomplete;
}

std::optional<Refusal> parse_head(std::span<const unsigned char> head, RequestHead& into) {
  into.headers.clear();
  into.expects_continue = false;
  Parser<true, RequestHead> parser(into);
  error_code failure;
  const std::size_t consumed =
      parser.put(boost::asio::const_buffer(head.data(), head.size()), failure);
  const bool done = !failure && parser.is_header_done();
  if (auto wrong = judge_parse(failure, consumed, head, done)) return wrong;
  if (auto wrong = find_framing(into.headers, into.version, into.framing)) return wrong;
  if (auto wrong = judge_target(into)) return wrong;
  if (auto wrong = judge_host(into)) return wrong;
  if (auto wrong = judge_expectation(into)) return wrong;
  if (auto wrong = judge_coding(into)) return wrong;
  into.keep_alive = parser.keep_alive();
  return std::nullopt;
}

std::optional<Refusal> parse_head(std::span<const unsigned char> head, Method request,
                                  ResponseHead& into) {
  into.headers.clear();
  Parser<false, ResponseHead> parser(into);
  error_code failure;
  const std::size_t consumed =
      parser.put(boost::asio::const_buffer(head.data(), head.size()), failure);
  const bool done = !failure && parser.is_header_done();
  if (auto wrong = judge_parse(failure, consumed, head, done)) return wrong;
  if (into.status < 100 || into.status > 599) {
    return refusal(400, fmt::format("the status {}", into.status), "100 to 599 (RFC 9110, 15)");
  }
  if (auto wrong = find_framing(into.headers, into.version, into.framing)) return wrong;
  into.keep_alive = parser.keep_alive();
  const bool without =
      request == Method::Head || into.status < 200 || into.status == 204 || into.status == 304;
  if (without) {
    into.framing = {};
  } else if (into.framing.kind == Framing::Kind::None &&
             into.headers.count("Content-Length") == 0) {
    into.framing.kind = Framing::Kind::UntilEnd;
    into.keep_alive = false;
  }
  return std::nullopt;
}

void write_request_head(std::string_view method, std::string_view target, const Headers& headers,
                        std::string& out) {
  const auto plain = [](char c) { return c > ' ' && c < 0x7f && c != '#'; };
  if (method.empty() || !std::all_of(method.begin(), method.end(), is_token_char) ||
      target.empty() || !std::all_of(target.begin(), target.end(), plain)) {
    throw Error(Message::HttpMalformed,
                fmt::format("the request \"{} {}\" cannot be sent", printable(method, 16),
                            printable(target, 64)),
                "a method and a path of ASCII characters, others percent-encoded");
  }
  out.append(method).append(" ").append(target).append(" HTTP/1.1\r\n");
  for (std::size_t i = 0; i < headers.size(); ++i) {
    const Headers::Field field = headers[i];
    out.append(field.name).append(": ").append(field.value).append("\r\n");
  }
  out.append("\r\n");
}

void write_response_head(int status, const Headers& headers, std::string& out) {
  fmt::format_to(std::back_inserter(out), "HTTP/1.1 {} {}\r\n", status, reason_phrase(status));
  for (std::size_t i = 0; i < headers.size(); ++i) {
    const Headers::Field field = headers[i];
    out.append(field.name).append(": ").append(field.value).append("\r\n");
  }
}

}  // namespace ipm::http
