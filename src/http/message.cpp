#include "http/message.h"

namespace ipm::http {

std::string_view to_text(Method method) {
  switch (method) {
    case Method::Get:
      return "GET";
    case Method::Head:
      return "HEAD";
    case Method::Options:
      return "OPTIONS";
    case Method::Post:
      return "POST";
    case Method::Other:
      break;
  }
  return "another method";
}

Method method_of(std::string_view name) {
  for (const Method known : {Method::Get, Method::Head, Method::Options, Method::Post}) {
    if (name == to_text(known)) return known;
  }
  return Method::Other;
}

std::string_view RequestHead::path() const {
  std::string_view rest = target;
  if (const auto scheme = rest.find("://");
      !rest.starts_with('/') && scheme != std::string_view::npos) {
    // A whole URI (RFC 9112, 3.2.2): what matters here begins behind the authority.
    rest.remove_prefix(scheme + 3);
    const auto begin = rest.find_first_of("/?");
    if (begin == std::string_view::npos || rest[begin] == '?') return "/";
    rest.remove_prefix(begin);
  }
  return rest.substr(0, rest.find('?'));
}

std::string_view RequestHead::query() const {
  const std::string_view all = target;
  const auto mark = all.find('?');
  return mark == std::string_view::npos ? std::string_view() : all.substr(mark + 1);
}

std::string_view reason_phrase(int status) {
  switch (status) {
    case 100:
      return "Continue";
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 411:
      return "Length Required";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 421:
      return "Misdirected Request";
    case 422:
      return "Unprocessable Content";
    case 426:
      return "Upgrade Required";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    case 507:
      return "Insufficient Storage";
    default:
      return "";
  }
}

}  // namespace ipm::http
