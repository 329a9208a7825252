#pragma once
// DNS names, addresses and the subject alternative names of certificates, in the notation of S11:
// "DNS:alt1.example.com, DNS:alt2.example.com, IP:10.0.0.1, IP:fc00::1".

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ipm::pki {

// A DNS host name of LDH labels (RFC 952, RFC 1123, RFC 5890), or with a whole left-most wildcard
// label (S10). Lower case, without the final dot. Always valid. A-labels (xn--…) pass as they are.
class DnsName {
 public:
  // What a person or a configuration says: any case, and a final dot, are accepted and normalised.
  // Throws Error{NameInvalid} that says why; partial wildcards are refused by name (S10).
  static DnsName parse(std::string_view text);
  // What stands in a certificate, where a final dot is not allowed (RFC 5280, 4.2.1.6).
  static std::optional<DnsName> find(std::string_view text);
  // Why `text` is not a name (as for find), or nothing when it is.
  static std::optional<std::string> complaint(std::string_view text);

  const std::string& text() const { return text_; }
  bool is_wildcard() const { return text_.starts_with("*."); }
  bool is_fully_qualified() const;  // Two labels or more.

  // Whether this (possibly wildcard) name of a certificate stands for `host`. A wildcard stands for
  // exactly one label (RFC 9525, 6.3). A wildcard is no host: nothing stands for it.
  bool matches(const DnsName& host) const;

  auto operator<=>(const DnsName&) const = default;

 private:
  explicit DnsName(std::string text) : text_(std::move(text)) {}

  std::string text_;
};

// An IPv4 or IPv6 address, as its 4 or 16 bytes.
class IpAddress {
 public:
  // Four decimal numbers without leading zeros, or RFC 4291 text without a zone. Throws
  // Error{NameInvalid}.
  static IpAddress parse(std::string_view text);
  static std::optional<IpAddress> find(std::string_view text);
  static std::optional<IpAddress> from_bytes(std::string_view bytes);  // 4 or 16

  const std::string& bytes() const { return bytes_; }
  bool is_v6() const { return bytes_.size() == 16; }
  std::string text() const;  // "10.0.0.1", "fc00::1" (RFC 5952)

  auto operator<=>(const IpAddress&) const = default;

 private:
  explicit IpAddress(std::string_view bytes) : bytes_(bytes) {}

  std::string bytes_;
};

// The names of a certificate or of a machine: DNS names and addresses, in the order given.
struct Names {
  std::vector<DnsName> dns;
  std::vector<IpAddress> addresses;

  // Takes typed ("DNS:a, IP:10.0.0.1", also "IP Address:" as openssl prints it) and bare
  // ("a 10.0.0.1") notation, separated by commas or blanks. Throws Error{NameInvalid}, also for
  // more than kNamesMax.
  static Names parse(std::string_view text);

  std::string text() const;  // typed
  bool empty() const { return dns.empty() && addresses.empty(); }
  void add(const DnsName& name);       // unless it is there
  void add(const IpAddress& address);  // unless it is there
  void add(const Names& others);
  bool stands_for(const DnsName& host) const;  // any DNS name matches
  bool contains(const DnsName& name) const;    // exactly, wildcards too
  bool contains(const IpAddress& address) const;

  bool operator==(const Names&) const = default;
};

}  // namespace ipm::pki
