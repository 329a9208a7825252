#pragma once
// What Imprimatur issues: the contents of a certificate of one role, and its signing.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "pki/certificate.h"
#include "pki/certificate_builder.h"
#include "pki/name_constraints.h"
#include "pki/request.h"
#include "pki/rules.h"

namespace ipm::pki {

inline constexpr std::chrono::days kLeafValidity{397};
inline constexpr std::chrono::days kAuthorityValidity{3650};
inline constexpr std::chrono::days kValidityMax{36'500};
inline constexpr std::chrono::minutes kBackdating{5};  // For peers whose clocks are a little late.

// 128 random bits, the highest clear, never zero.
Serial new_serial();
std::string to_text(const Serial& serial);  // as Certificate::serial()

// The contents of a leaf before anybody signs it.
struct LeafOrder {
  Role role = Role::Server;
  // A server's: a full DNS name, a whole-label wildcard, or localhost (S10). A client's: such a
  // name, or a user's ("alice", "alice@example.com").
  std::string common_name;
  Names names;  // Further ones; the common name is repeated in front of them where it is a name.
  // A server's common name may be an address, for a computer that has no name: an exception to S10
  // that somebody stated. Then no other name may stand beside it.
  bool address_only = false;
  TimePoint now;
  std::chrono::days validity = kLeafValidity;
};

struct AuthorityOrder {
  std::string common_name;
  NameConstraints constraints;
  TimePoint now;
  std::chrono::days validity = kAuthorityValidity;
};

// Why `name` cannot be the common name of `role`, or nothing when it can; a server's may be an address
// with `address_only`. A client's name holds
// ASCII letters, digits, blanks and .-_@ ; an "@" makes it a mailbox, which is repeated in the SAN.
std::optional<std::string> common_name_complaint(Role role, std::string_view name,
                                                 bool address_only = false);

// All names of the order as the SAN will carry them: the common name first (S11).
Names all_names(const LeafOrder& order);

// The validity that issue() will give: backdated, within the issuer's. Throws
// Error{CertificateExpired} when the issuer is not valid at order.now.
struct Validity {
  TimePoint not_before;
  TimePoint not_after;
  bool shortened = false;  // The issuer ends before the order's validity would.
};
Validity validity_of(const LeafOrder& order, const Certificate& issuer);

// A self-signed CA certificate: keyCertSign, cRLSign, pathlen 0, critical basic constraints. Throws
// Error{NameInvalid, CertificateBreaksRule}.
Certificate make_authority(const PrivateKey& key, const AuthorityOrder& order,
                           const Serial& serial);

// The rules refuse before the issuer signs (Error{CertificateBreaksRule}): the same contents,
// signed by a key that is thrown away, are judged by the same table as `ipm cert check`. Names that
// are no names or that the issuer's constraints forbid throw Error{NameInvalid}; an issuer that is
// no CA, or whose key this is not, throws Error{AuthorityDamaged}.
Certificate issue(const PublicKey& subject_key, const LeafOrder& order, const Certificate& issuer,
                  const PrivateKey& issuer_key, const Serial& serial);

// What a request may contribute beside its key: its common name (else its first DNS name; a
// client's one mailbox; with `address_only` its first address) and its SAN, where they are
// well-formed. Throws Error{NameInvalid}.
LeafOrder order_from_request(const Request& request, Role role, TimePoint now,
                             bool address_only = false);
// What of the request's names is not in the order: "email:ops@example.com, O = Example"; "" where
// all is.
std::string left_out_text(const Request& request, const LeafOrder& order);

}  // namespace ipm::pki
