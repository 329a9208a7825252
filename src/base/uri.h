#pragma once
// Addresses of printers, devices and servers: a strict reading of the part of RFC 3986 that print
// clients use. What is ambiguous or could carry a secret is refused rather than guessed at.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ipm {

inline constexpr std::size_t kUriBytesMax = 1023;     // RFC 8011, 5.1.6
inline constexpr std::size_t kUriZoneBytesMax = 15;   // an interface's name (IFNAMSIZ)
inline constexpr std::size_t kUriHostBytesMax = 255;  // RFC 8011, 5.1.6 and RFC 1035, 2.3.4

// An absolute hierarchical URI, taken apart. Always as parse_uri() leaves it: scheme and host are
// lower case, the path begins with "/" or is empty, and nothing holds NUL or control characters.
struct Uri {
  std::string scheme;  // "ipp", "ipps", "http", "https", "socket", "lpd", "file", or another
  // "ipmsrv.example.com", "10.0.0.1", "fc00::1" (no brackets), "fe80::1%eth0"; empty for file:
  std::string host;
  std::uint16_t port = 0;  // As written, or the scheme's default; 0 when there is neither.
  std::string path;        // Percent-decoded UTF-8: "/printers/büro", "/"
  std::string query;       // As written (still encoded), without "?"

  bool operator==(const Uri&) const = default;

  // The path's parts: "/ipp/print/a" gives {"ipp", "print", "a"}; a final "/" adds no empty part.
  std::vector<std::string_view> segments() const;

  // "[fc00::1]:631": for log lines and HTTP's Host field. The port is left out when it is the
  // scheme's default.
  std::string authority() const;
};

// Accepts absolute URIs of the kinds above and any other scheme://host form; file URIs as
// file:///PATH, file://localhost/PATH and file:/PATH. Refuses, each with its own words: user names
// and passwords, fragments, zone identifiers but of link-local addresses, encoded slashes and NUL, "." and ".." segments,
// broken escapes, paths that are not UTF-8, port 0, empty hosts, over-long text. Throws
// Error{UriInvalid}.
Uri parse_uri(std::string_view text);

// The same, absent instead of thrown.
std::optional<Uri> find_uri(std::string_view text);

// Scheme, path and query of any URI with an authority, of which only the form is judged: host and port
// stay empty. For servers, to whom a URI in a request is a path (RFC 8011, 5.1.6): what stands before it
// is the client's view of the network, with zones, blanks and empty ports that nobody here resolves.
std::optional<Uri> find_uri_path(std::string_view text);

// The normal form: parse_uri(to_string(uri)) == uri. A port that is the scheme's default is left
// out.
std::string to_string(const Uri& uri);

// ipp and ipps 631, http 80, https 443, socket 9100, lpd 515, otherwise 0.
std::uint16_t default_port(std::string_view scheme);

// Percent-encodes one path segment, everything but RFC 3986's unreserved characters.
std::string encode_segment(std::string_view segment);

}  // namespace ipm
