// Signing revocation lists (declared in crl.h), and the words for their reasons.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "pki/crl.h"
#include "pki/crl_reason.h"
#include "pki/general_names.h"
#include "pki/openssl.h"

namespace ipm::pki {
namespace {

using EnumeratedPtr = Ptr<ASN1_ENUMERATED, ASN1_ENUMERATED_free>;
using RevokedPtr = Ptr<X509_REVOKED, X509_REVOKED_free>;

struct ReasonRow {
  long code;
  std::string_view text;
};

constexpr long kUnspecified = 0;
constexpr long kRemoveFromCrl = 8;
constexpr std::array kReasons = {
    ReasonRow{kUnspecified, "unspecified"},
    ReasonRow{1, "keyCompromise"},
    ReasonRow{2, "cACompromise"},
    ReasonRow{3, "affiliationChanged"},
    ReasonRow{4, "superseded"},
    ReasonRow{5, "cessationOfOperation"},
    ReasonRow{6, "certificateHold"},
    ReasonRow{kRemoveFromCrl, "removeFromCRL"},
    ReasonRow{9, "privilegeWithdrawn"},
    ReasonRow{10, "aACompromise"},
};

Error refused(std::string happened, std::string expected) {
  return {Message::CrlUnusable, std::move(happened), std::move(expected)};
}

IntegerPtr serial_from(std::string_view text) {
  const bool negative = text.starts_with('-');
  const auto magnitude = parse_hex(negative ? text.substr(1) : text);
  if (!magnitude || magnitude->empty()) {
    throw refused(fmt::format("\"{}\" is not a serial number", printable(text)),
                  "hexadecimal digits, two an octet");
  }
  IntegerPtr serial = own<IntegerPtr>(ASN1_INTEGER_new(), "ASN1_INTEGER_new");
  const auto first = std::find_if(magnitude->begin(), magnitude->end() - 1,
                                  [](unsigned char octet) { return octet != 0; });
  const auto at = static_cast<std::size_t>(first - magnitude->begin());
  must(ASN1_STRING_set(serial.get(), magnitude->data() + at,
                       static_cast<int>(magnitude->size() - at)),
       "ASN1_STRING_set");
  if (negative) serial->type = V_ASN1_NEG_INTEGER;
  return serial;
}

IntegerPtr integer_from(std::uint64_t value) {
  IntegerPtr integer = own<IntegerPtr>(ASN1_INTEGER_new(), "ASN1_INTEGER_new");
  must(ASN1_INTEGER_set_uint64(integer.get(), value), "ASN1_INTEGER_set_uint64");
  return integer;
}

RevokedPtr make_entry(const Revocation& revocation) {
  const auto reason = find_crl_reason(revocation.reason);
  if (!reason) {
    throw refused(
        fmt::format("\"{}\" is not a reason for a revocation", printable(revocation.reason)),
        fmt::format("one of {}", fmt::join(revocation_reasons(), ", ")));
  }
  RevokedPtr entry = own<RevokedPtr>(X509_REVOKED_new(), "X509_REVOKED_new");
  must(X509_REVOKED_set_serialNumber(entry.get(), serial_from(revocation.serial).get()),
       "X509_REVOKED_set_serialNumber");
  must(X509_REVOKED_set_revocationDate(entry.get(), make_time(revocation.when).get()),
       "X509_REVOKED_set_revocationDate");
  if (*reason != kUnspecified) {
    const EnumeratedPtr code = own<EnumeratedPtr>(ASN1_ENUMERATED_new(), "ASN1_ENUMERATED_new");
    must(ASN1_ENUMERATED_set(code.get(), *reason), "ASN1_ENUMERATED_set");
    must(X509_REVOKED_add1_ext_i2d(entry.get(), NID_crl_reason, code.get(), 0, 0),
         "X509_REVOKED_add1_ext_i2d");
  }
  return entry;
}

// The issuer's own identifier; where it has none, what RFC 5280, 4.2.1.2 (1) makes of its key.
std::string key_identifier(const Certificate& issuer) {
  const auto& own_identifier = issuer.subject_key_identifier();
  if (own_identifier.value && !own_identifier.value->empty()) return *own_identifier.value;
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  must(X509_pubkey_digest(issuer.handle(), EVP_sha1(), digest.data(), &size), "X509_pubkey_digest");
  return std::string(as_text(digest.data(), size));
}

void add_authority_key(X509_CRL* crl, const Certificate& issuer) {
  const AuthorityKeyIdPtr identifier =
      own<AuthorityKeyIdPtr>(AUTHORITY_KEYID_new(), "AUTHORITY_KEYID_new");
  const std::string octets_of_key = key_identifier(issuer);
  identifier->keyid = ASN1_OCTET_STRING_new();
  must(identifier->keyid != nullptr ? 1 : 0, "ASN1_OCTET_STRING_new");
  must(ASN1_OCTET_STRING_set(identifier->keyid, octets(octets_of_key),
                             static_cast<int>(octets_of_key.size())),
       "ASN1_OCTET_STRING_set");
  must(X509_CRL_add1_ext_i2d(crl, NID_authority_key_identifier, identifier.get(), 0, 0),
       "X509_CRL_add1_ext_i2d");
}

}  // namespace

std::string crl_reason_text(long code) {
  for (const ReasonRow& row : kReasons) {
    if (row.code == code) return std::string(row.text);
  }
  return fmt::format("reason {}", code);
}

std::optional<long> find_crl_reason(std::string_view text) {
  for (const ReasonRow& row : kReasons) {
    if (row.text == text && row.code != kRemoveFromCrl) return row.code;
  }
  return std::nullopt;
}

std::vector<std::string_view> revocation_reasons() {
  std::vector<std::string_view> all;
  for (const ReasonRow& row : kReasons) {
    if (row.code != kRemoveFromCrl) all.push_back(row.text);
  }
  return all;
}

Crl Crl::sign(const Certificate& issuer, const PrivateKey& key,
              const std::vector<Revocation>& revoked, std::uint64_t number, TimePoint now,
              TimePoint next_update) {
  if (next_update <= now) {
    throw refused(fmt::format("the list's nextUpdate {} is not after {}", to_rfc3339(next_update),
                              to_rfc3339(now)),
                  "a nextUpdate in the future");
  }
  if (!(issuer.public_key() == key.public_key())) {
    throw Error(Message::KeyMismatch,
                "the key does not belong to the list's issuer " + issuer.subject(),
                "the CA's own key");
  }
  const CrlPtr crl = own<CrlPtr>(X509_CRL_new(), "X509_CRL_new");
  must(X509_CRL_set_version(crl.get(), X509_CRL_VERSION_2), "X509_CRL_set_version");
  must(X509_CRL_set_issuer_name(crl.get(), X509_get_subject_name(issuer.handle())),
       "X509_CRL_set_issuer_name");
  must(X509_CRL_set1_lastUpdate(crl.get(), make_time(now).get()), "X509_CRL_set1_lastUpdate");
  must(X509_CRL_set1_nextUpdate(crl.get(), make_time(next_update).get()),
       "X509_CRL_set1_nextUpdate");
  for (const Revocation& revocation : revoked) {
    RevokedPtr entry = make_entry(revocation);
    must(X509_CRL_add0_revoked(crl.get(), entry.get()), "X509_CRL_add0_revoked");
    entry.release();  // The list owns it now.
  }
  add_authority_key(crl.get(), issuer);
  must(X509_CRL_add1_ext_i2d(crl.get(), NID_crl_number, integer_from(number).get(), 0, 0),
       "X509_CRL_add1_ext_i2d");
  must(X509_CRL_sort(crl.get()), "X509_CRL_sort");
  must(X509_CRL_sign(crl.get(), key.handle(), signing_digest(key.handle())), "X509_CRL_sign");
  // Read anew: what was signed is what everybody else will read.
  return parse_der(encode(i2d_X509_CRL, crl.get()), "the new revocation list");
}

}  // namespace ipm::pki
