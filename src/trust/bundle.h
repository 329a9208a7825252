#pragma once
// From Mozilla's store to ca-cert.pem: which roots, and how they are written.
//
// The listing of a root is what `openssl x509 -text` prints, byte for byte, and its PEM too.
// Foreign text (labels, comments) is made harmless: it can neither begin a PEM block nor pose as
// one of our own lines. A fixed source, selection and day give fixed bytes.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "pki/digest.h"
#include "trust/anchors.h"
#include "trust/certdata.h"
#include "trust/purposes.h"

namespace ipm::trust {

inline constexpr std::size_t kPemWidth = 64;  // RFC 7468, 2
inline constexpr std::size_t kPemWidthMax = 65'534;

// The roots of `certdata` that a selection takes, and those that it would take but for their age or
// the local deny list. Pointers into `certdata`.
struct Choice {
  std::vector<const StoreCertificate*> roots;
  std::vector<const StoreCertificate*> expired;
  std::vector<const StoreCertificate*> denied;
};

// A root expires after its last second.
Choice choose_roots(const Certdata& certdata, const Selection& selection,
                    const std::vector<pki::Sha256>& denied, TimePoint now);

struct BundleStyle {
  bool text = false;                          // The listing of each root, and its purposes.
  bool meta = false;                          // The source's comments on each root.
  std::vector<pki::DigestKind> digests = {};  // A fingerprint line for each.
  std::size_t width = kPemWidth;              // Of the PEM lines; with `text` always kPemWidth.
};

struct BundleSource {
  std::string name;      // A file or an address.
  pki::Sha256 digest{};  // Of its bytes.
};

// "sha256,sha384", ALL; in any case. Throws Error{UsageWrong}.
std::vector<pki::DigestKind> parse_digests(std::string_view text);

// The whole file. Throws Error{CertdataMalformed} where a root's listing would break it.
std::string write_bundle(const Choice& choice, const Certdata& certdata, const Selection& selection,
                         const BundleStyle& style, const BundleSource& source);

// One anchor that is not Mozilla's, as a part of such a file: its name, what it vouches for, its
// PEM.
std::string write_anchor(const Anchor& anchor);

// Foreign text as a line of a PEM file: printable, and neither a PEM boundary nor a comment.
std::string safe_line(std::string_view text);

}  // namespace ipm::trust
