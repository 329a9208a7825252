#pragma once
// Anchors: certificates that are trusted by themselves, with what each of them vouches for, and the
// PEM file that holds them (ca-cert.pem).
//
// The file is plain PEM, so that every OpenSSL user can read it. What PEM cannot say stands in
// comment lines of our own, which others skip. One before a block speaks of that certificate alone:
//
//   # ipm-trust: purposes=SERVER_AUTH,EMAIL_PROTECTION; server-distrust-after=2024-11-30T23:59:59Z;
//   public
//
// A certificate without such a line is a private CA's and vouches for everything. One line for each
// certificate that is explicitly distrusted, anywhere in the file:
//
//   # ipm-distrust: issuer-serial=HEX; sha256=HEX; label=Name
//
// A key that is not known is an error, not ignored: it may be a restriction that a later version
// wrote. We rejected OpenSSL's TRUSTED CERTIFICATE blocks as our own form, because GnuTLS and Go
// find no certificate in them and they hold no dates; they are read where they occur.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "pki/certificate.h"
#include "pki/digest.h"

namespace ipm::trust {

inline constexpr std::string_view kTrustLine = "# ipm-trust:";
inline constexpr std::string_view kDistrustLine = "# ipm-distrust:";
inline constexpr std::size_t kAnchorsMax = 10'000;
inline constexpr std::size_t kDistrustedMax = 10'000;

// What an anchor vouches for; from a plain PEM file: everything.
struct Anchor {
  pki::Certificate certificate;
  bool vouches_for_servers = true;
  bool vouches_for_clients = true;
  std::optional<TimePoint>
      server_distrust_after;  // leaves whose notBefore is later are refused (B12)
  bool is_public = false;     // Publicly trusted (S18): the common name never stands for a host.
  // Web PKI rules that chains to this anchor need not keep, by name (see path_rules.def): for old
  // devices under a CA of their own. From the configuration; never written to the file.
  std::vector<std::string> relaxed{};

  bool operator==(const Anchor&) const = default;
};

// A certificate that is refused wherever it stands in a chain. Known by issuer and serial number,
// for Mozilla distrusts certificates that its file does not hold; by its own digest too where it is
// known.
struct Distrusted {
  pki::Sha256 issuer_and_serial{};  // see issuer_and_serial_digest()
  std::optional<pki::Sha256> sha256;
  std::string label;  // printable

  bool matches(const pki::Certificate& certificate) const;
  bool operator==(const Distrusted&) const = default;
};

// The DER of the serial number: tag, length and value.
std::string serial_der(const pki::Certificate& certificate);

// SHA-256 over the DER of the issuer's name followed by the DER of the serial number (tag, length
// and value).
pki::Sha256 issuer_and_serial_digest(std::string_view issuer_der, std::string_view serial_der);
pki::Sha256 issuer_and_serial_digest(const pki::Certificate& certificate);

// The anchors of a PEM text, in order, at most kAnchorsMax. A certificate that stands there twice
// counts once, with the restrictions of both. A raw certdata.txt, an empty file, a block that is
// not a certificate and any damage throw Error{AnchorsUnusable} with line and mend (S4).
std::vector<Anchor> parse_anchors(std::string_view pem, std::string_view origin);

// The explicit distrusts of the same text; empty where it names none. Throws as parse_anchors.
std::vector<Distrusted> parse_distrusted(std::string_view pem, std::string_view origin);

// Lets publicly trusted anchors vouch for clients as they do for servers: for an administrator who
// states it by name (S18). Mozilla's roots vouch for no client by themselves.
void let_public_vouch_for_clients(std::vector<Anchor>& anchors);

}  // namespace ipm::trust
