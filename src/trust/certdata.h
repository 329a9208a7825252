#pragma once
// Mozilla's certdata.txt, as a value.
//
// The file lists PKCS#11 objects, an attribute a line: certificates, and beside each a trust object
// that says what it is trusted for. The comments before each object are for people: we pair objects
// by issuer and serial number, check the digests that the trust object names, and read names and
// dates from the certificate itself. Whatever could hide a root or add one is an error with its
// line, for a bundle that silently lacks a root is worse than none. All dialects since 2000 are
// read: NETSCAPE and NSS words, with and without the header, any line ends, labels with escapes.
// A certificate whose SHA-1 the trust object names is copied, not parsed: its bytes are those that
// Mozilla hashed. Without a digest OpenSSL must be able to read it.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "pki/certificate.h"
#include "pki/digest.h"
#include "trust/anchors.h"
#include "trust/purposes.h"

namespace ipm::trust {

inline constexpr std::size_t kCertdataBytesMax = 16U << 20U;  // Mozilla's newest has 1.3 MB.
inline constexpr std::size_t kCertdataObjectsMax = 20'000;
inline constexpr std::size_t kCertdataValueBytesMax = 64U << 10U;  // one attribute, decoded
inline constexpr std::size_t kCertdataRemarksMax = 1000;

struct StoreCertificate {
  std::string label;  // Decoded, otherwise as it stands; foreign text.
  std::string der;
  pki::Sha256 digest{};             // Of `der`.
  pki::Sha256 issuer_and_serial{};  // see issuer_and_serial_digest()
  TimePoint not_after;
  std::size_t line = 0;                            // Where its object begins.
  TrustStatements statements;                      // In the order of the file.
  std::optional<TimePoint> server_distrust_after;  // Leaves that begin later are not trusted (B12).
  std::optional<TimePoint> email_distrust_after;
  // The object's comment lines, without bare "#". Views into the text that was parsed.
  std::vector<std::string_view> comments;

  // Parsed on each call. Throws Error{CertificateUnusable}.
  pki::Certificate certificate() const;
};

// Something odd that changes nothing, for the person who converts.
struct Remark {
  std::size_t line = 0;
  std::string text;
};

struct Certdata {
  std::vector<StoreCertificate> certificates;  // In the order of the file.
  // Certificates that TLS must refuse: those above whose server or client trust is "not trusted",
  // and those that the file only names by issuer and serial number.
  std::vector<Distrusted> distrusted;
  std::vector<Remark> remarks;
};

// Reads the whole text, which must outlive the comments' use; `origin` is the file's name for
// messages. Linear in time; memory at most some four times the text. Throws
// Error{CertdataMalformed} naming the line.
Certdata parse_certdata(std::string_view text, std::string_view origin);

// Whether `text` looks like a certdata.txt rather than PEM.
bool is_certdata(std::string_view text);

}  // namespace ipm::trust
