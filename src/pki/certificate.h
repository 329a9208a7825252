#pragma once
// An X.509 certificate (RFC 5280) as a value: parsed once, shared by threads, never changed.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "pki/digest.h"
#include "pki/key.h"
#include "pki/names.h"

struct x509_st;

namespace ipm::pki {

// RFC 5280, 4.2.1.3, as bits: bit 0 (digitalSignature) is 1 << 0, … decipherOnly is 1 << 8.
enum KeyUsageBit : std::uint16_t {
  kDigitalSignature = 1U << 0U,
  kNonRepudiation = 1U << 1U,
  kKeyEncipherment = 1U << 2U,
  kDataEncipherment = 1U << 3U,
  kKeyAgreement = 1U << 4U,
  kKeyCertSign = 1U << 5U,
  kCrlSign = 1U << 6U,
  kEncipherOnly = 1U << 7U,
  kDecipherOnly = 1U << 8U,
};
std::string key_usage_text(std::uint16_t bits);  // "digitalSignature, keyEncipherment"

// What a standard extension's reading gave: absent, present once and whole, or broken (damaged or
// twice). A broken extension is a finding, never silently "absent".
template <class T>
struct ExtensionValue {
  std::optional<T> value;
  bool critical = false;
  bool broken = false;

  bool present() const { return value.has_value() || broken; }
};

struct BasicConstraints {
  bool ca = false;
  std::optional<long> path_length;
};

// Names as they stand in the certificate, valid or not: judging them is the rules' work.
struct RawNames {
  std::vector<std::string> dns;        // dNSName, byte for byte (may hold NUL)
  std::vector<std::string> addresses;  // iPAddress octets
  std::vector<std::string> emails;     // rfc822Name
  std::vector<std::string> uris;
  std::vector<std::string> directory_names;  // DER
  std::size_t others = 0;                    // otherName, registeredID, x400, ediParty

  bool operator==(const RawNames&) const = default;

  Names valid() const;  // those DNS names and addresses that are ones
};

struct Extension {
  std::string oid;  // dotted
  bool critical = false;
  std::string value;  // the DER inside the OCTET STRING
};

// A serial number's text: whole octets in upper-case hex without leading zero octets, as OpenSSL
// prints it: "0A1B", "00", "-01". `magnitude` is big-endian.
std::string serial_text(std::span<const unsigned char> magnitude, bool negative = false);

class Certificate {
 public:
  // Exactly one certificate, PEM or (parse_der) DER; other blocks and text around it are ignored.
  // `origin` is the file name for messages. Throws Error{CertificateUnusable}: DER where PEM is
  // expected, PKCS#12, a key, a request, a raw certdata.txt are told apart, each with its mend
  // (S4, S12).
  static Certificate parse(std::string_view pem, std::string_view origin);
  static Certificate parse_der(std::string_view der, std::string_view origin);
  // All certificates of a PEM text, in order; at least one; text between blocks is ignored, damage
  // is not. At most `count_max`.
  static std::vector<Certificate> parse_all(std::string_view pem, std::string_view origin,
                                            std::size_t count_max = 10'000);
  // Takes a reference of its own to what OpenSSL holds (a peer's certificate). Extensions are read
  // when first asked for. Throws Error{CertificateUnusable} for unreadable times or too many bytes.
  static Certificate from_handle(x509_st* borrowed);

  std::string pem() const;
  const std::string& der() const;
  const Sha256& digest() const;     // SHA-256 of der()
  std::string fingerprint() const;  // "AA:BB:…" of the same
  std::string serial() const;       // as serial_text()
  int version() const;              // 1, 2, 3; others as they stand
  std::string subject() const;      // one line as OpenSSL prints it, in UTF-8: "C = DE, CN = a"
  std::string issuer() const;
  std::string subject_der() const;
  std::string issuer_der() const;
  std::optional<std::string> common_name() const;  // of the subject, if exactly one
  std::vector<std::string> common_names() const;   // UTF-8, by length: may hold NUL
  TimePoint not_before() const;
  TimePoint not_after() const;              // inclusive (RFC 5280, 4.1.2.5)
  bool is_self_issued() const;              // subject equals issuer
  PublicKey public_key() const;             // Throws Error{CertificateUnusable} for an unknown kind
  std::string signature_algorithm() const;  // "sha256WithRSAEncryption"

  const ExtensionValue<std::uint16_t>& key_usage() const;
  const ExtensionValue<std::vector<std::string>>& extended_key_usage() const;  // dotted OIDs
  const ExtensionValue<BasicConstraints>& basic_constraints() const;
  const ExtensionValue<RawNames>& subject_alternative_names() const;
  const ExtensionValue<std::string>& subject_key_identifier() const;    // octets
  const ExtensionValue<std::string>& authority_key_identifier() const;  // keyid octets, "" if none
  const std::vector<Extension>& extensions() const;

  // The valid DNS names and addresses of the SAN; the common name where it is a name and the SAN
  // does not repeat it (S11). For showing and for naming a peer; verification has its own rules.
  Names names() const;
  // The name a person would use: the common name, else the first SAN, else the subject line.
  std::string display_name() const;
  // The same to the letter: never cut, nothing escaped. For comparing, not for showing.
  std::string whole_name() const;

  x509_st* handle() const;
  friend bool operator==(const Certificate& a, const Certificate& b) {
    return a.digest() == b.digest();
  }

 private:
  struct Parsed;
  explicit Certificate(std::shared_ptr<const Parsed> parsed) : parsed_(std::move(parsed)) {}
  static Certificate finish(std::shared_ptr<Parsed> parsed, std::string_view origin);

  std::shared_ptr<const Parsed> parsed_;
};

inline constexpr std::string_view kServerAuth = "1.3.6.1.5.5.7.3.1";
inline constexpr std::string_view kClientAuth = "1.3.6.1.5.5.7.3.2";
inline constexpr std::string_view kAnyExtendedKeyUsage = "2.5.29.37.0";

}  // namespace ipm::pki
