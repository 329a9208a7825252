// Reading revocation lists and asking them. Signing is in crl_sign.cpp.
#include "pki/crl.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/text.h"
#include "pki/crl_reason.h"
#include "pki/file_kind.h"
#include "pki/general_names.h"
#include "pki/limits.h"
#include "pki/openssl.h"
#include "pki/pem.h"
#include "pki/wanted.h"

namespace ipm::pki {
namespace {

using DistributionPointPtr = Ptr<ISSUING_DIST_POINT, ISSUING_DIST_POINT_free>;
using EnumeratedPtr = Ptr<ASN1_ENUMERATED, ASN1_ENUMERATED_free>;
using NumberPtr = Ptr<BIGNUM, BN_free>;

struct FreeText {
  void operator()(char* text) const noexcept { OPENSSL_free(text); }
};

// An extension of a list or an entry: the value; `present` tells absent from broken.
template <class Owner>
struct Read {
  Owner value;
  bool present = false;

  bool broken() const { return present && !value; }
};

template <class Owner>
Read<Owner> read_extension(const X509_CRL* crl, int nid) {
  const ErrorQueueGuard guard;
  int critical = -1;
  auto* value =
      static_cast<typename Owner::pointer>(X509_CRL_get_ext_d2i(crl, nid, &critical, nullptr));
  return {Owner(value), critical != -1};
}

TimePoint time_of(const ASN1_TIME* time) {
  return find_time(time).value_or(TimePoint());
}

std::string serial_of(const X509_REVOKED* entry) {
  const ASN1_INTEGER* serial = X509_REVOKED_get0_serialNumber(entry);
  const std::string_view magnitude = content(serial);
  return serial_text(std::span(octets(magnitude), magnitude.size()),
                     ASN1_STRING_type(serial) == V_ASN1_NEG_INTEGER);
}

std::string reason_of(const X509_REVOKED* entry) {
  const ErrorQueueGuard guard;
  int critical = -1;
  const EnumeratedPtr code(static_cast<ASN1_ENUMERATED*>(
      X509_REVOKED_get_ext_d2i(entry, NID_crl_reason, &critical, nullptr)));
  return crl_reason_text(code ? ASN1_ENUMERATED_get(code.get()) : 0);
}

Revocation to_revocation(const X509_REVOKED* entry) {
  return {serial_of(entry), time_of(X509_REVOKED_get0_revocationDate(entry)), reason_of(entry)};
}

bool comes_before(const X509_REVOKED* entry, const ASN1_INTEGER* serial) {
  return ASN1_INTEGER_cmp(X509_REVOKED_get0_serialNumber(entry), serial) < 0;
}

// Entries may carry a reason and an invalidity date. A certificate issuer makes the list indirect.
std::optional<std::string> unsupported_entry(const X509_REVOKED* entry) {
  const STACK_OF(X509_EXTENSION)* extensions = X509_REVOKED_get0_extensions(entry);
  const int count = sk_X509_EXTENSION_num(extensions);
  for (int i = 0; i < count; ++i) {
    auto* extension = sk_X509_EXTENSION_value(extensions, i);
    const ASN1_OBJECT* kind = X509_EXTENSION_get_object(extension);
    const int nid = OBJ_obj2nid(kind);
    if (nid == NID_certificate_issuer) return "it is an indirect list";
    if (nid != NID_crl_reason && nid != NID_invalidity_date &&
        X509_EXTENSION_get_critical(extension) == 1) {
      return fmt::format("an entry has the unknown critical extension {}", dotted(kind));
    }
  }
  return std::nullopt;
}

std::optional<std::string> unsupported_scope(const X509_CRL* crl) {
  const auto point = read_extension<DistributionPointPtr>(crl, NID_issuing_distribution_point);
  if (point.broken()) return "its issuing distribution point is damaged or there twice";
  if (!point.value) return std::nullopt;
  if (point.value->indirectCRL > 0) return "it is an indirect list";
  if (point.value->onlysomereasons != nullptr) return "it is a list for some reasons only";
  if (point.value->onlyCA > 0) return "it is a list of CA certificates only";
  if (point.value->onlyattr > 0) return "it is a list of attribute certificates only";
  return std::nullopt;
}

std::optional<std::string> unsupported_extension(const std::vector<Extension>& extensions) {
  static constexpr std::string_view kAuthorityKey = "2.5.29.35";
  static constexpr std::string_view kNumber = "2.5.29.20";
  static constexpr std::string_view kIssuingPoint = "2.5.29.28";
  static constexpr std::string_view kDelta = "2.5.29.27";
  for (const Extension& extension : extensions) {
    if (extension.oid == kDelta) return "it is a delta list";
    const bool known = extension.oid == kAuthorityKey || extension.oid == kNumber ||
                       extension.oid == kIssuingPoint;
    if (extension.critical && !known) {
      return fmt::format("it has the unknown critical extension {}", extension.oid);
    }
  }
  return std::nullopt;
}

}  // namespace

struct Crl::Parsed {
  explicit Parsed(CrlPtr list) : crl(std::move(list)) {}

  CrlPtr crl;
  // By serial, so that asking needs no lock: OpenSSL sorts its own stack when first asked. Borrowed
  // from `crl`.
  std::vector<const X509_REVOKED*> entries;
  std::vector<Extension> extensions;
  TimePoint this_update;
  std::optional<TimePoint> next_update;
  std::optional<std::string> number;
  std::string authority_key_identifier;
  std::optional<std::string> unsupported;
};

Crl Crl::finish(std::shared_ptr<Parsed> parsed, std::string_view origin) {
  X509_CRL* crl = parsed->crl.get();
  const auto this_update = find_time(X509_CRL_get0_lastUpdate(crl));
  if (!this_update) throw damaged(Wanted::Crl, "its thisUpdate is not a time", origin);
  parsed->this_update = *this_update;
  if (const ASN1_TIME* next = X509_CRL_get0_nextUpdate(crl)) {
    parsed->next_update = find_time(next);
    if (!parsed->next_update) throw damaged(Wanted::Crl, "its nextUpdate is not a time", origin);
  }
  parsed->extensions = read_extensions(X509_CRL_get0_extensions(crl));
  parsed->unsupported = unsupported_extension(parsed->extensions);
  if (!parsed->unsupported) parsed->unsupported = unsupported_scope(crl);
  const auto number = read_extension<IntegerPtr>(crl, NID_crl_number);
  if (number.value) {
    const NumberPtr value(ASN1_INTEGER_to_BN(number.value.get(), nullptr));
    const std::unique_ptr<char, FreeText> decimal(value ? BN_bn2dec(value.get()) : nullptr);
    if (decimal) parsed->number = decimal.get();
  }
  const auto authority = read_extension<AuthorityKeyIdPtr>(crl, NID_authority_key_identifier);
  if (authority.value && authority.value->keyid != nullptr) {
    parsed->authority_key_identifier = content(authority.value->keyid);
  }
  if (!parsed->unsupported && number.broken()) {
    parsed->unsupported = "its CRL number is damaged or there twice";
  }
  if (!parsed->unsupported && authority.broken()) {
    parsed->unsupported = "its authority key identifier is damaged or there twice";
  }
  STACK_OF(X509_REVOKED)* stack = X509_CRL_get_REVOKED(crl);
  const int count = sk_X509_REVOKED_num(stack);
  parsed->entries.reserve(static_cast<std::size_t>(std::max(count, 0)));
  for (int i = 0; i < count; ++i) {
    const X509_REVOKED* entry = sk_X509_REVOKED_value(stack, i);
    if (!find_time(X509_REVOKED_get0_revocationDate(entry))) {
      throw damaged(Wanted::Crl,
                    fmt::format("the revocation date of {} is not a time", serial_of(entry)),
                    origin);
    }
    if (!parsed->unsupported) parsed->unsupported = unsupported_entry(entry);
    parsed->entries.push_back(entry);
  }
  std::sort(parsed->entries.begin(), parsed->entries.end(), [](const auto* a, const auto* b) {
    return comes_before(a, X509_REVOKED_get0_serialNumber(b));
  });
  return Crl(std::move(parsed));
}

Crl Crl::parse(std::string_view pem, std::string_view origin) {
  auto all = parse_all(pem, origin);
  if (all.size() == 1) return std::move(all.front());
  throw Error(Message::CrlUnusable,
              fmt::format("{} holds {} revocation lists", printable(origin, 4096), all.size()),
              "exactly one", "keep the newest of them");
}

Crl Crl::parse_der(std::string_view der, std::string_view origin) {
  if (der.size() > kCrlBytesMax) throw beyond_limit(Wanted::Crl, "bytes", kCrlBytesMax, origin);
  auto crl = decode_whole<CrlPtr>(d2i_X509_CRL, der);
  if (crl) return finish(std::make_shared<Parsed>(std::move(crl)), origin);
  throw damaged(
      Wanted::Crl,
      fmt::format("it is {}, not one DER revocation list", file_kind_words(file_kind(der))),
      origin);
}

std::vector<Crl> Crl::parse_all(std::string_view pem, std::string_view origin) {
  std::vector<Crl> all;
  for (const DerBlock& block : read_blocks(Wanted::Crl, pem, origin, kPemBlocksMax, kCrlBytesMax)) {
    auto crl = decode_whole<CrlPtr>(d2i_X509_CRL, block.der);
    if (!crl) {
      throw damaged(Wanted::Crl,
                    fmt::format("the block of line {} does not hold a list", block.line), origin);
    }
    all.push_back(finish(std::make_shared<Parsed>(std::move(crl)), origin));
  }
  return all;
}

std::string Crl::pem() const {
  return pem_text("X509 CRL", der());
}
std::string Crl::der() const {
  return encode(i2d_X509_CRL, parsed_->crl.get());
}
std::string Crl::issuer_der() const {
  return name_der(X509_CRL_get_issuer(handle()));
}
std::string Crl::issuer() const {
  return name_line(X509_CRL_get_issuer(handle()));
}
int Crl::version() const {
  return static_cast<int>(X509_CRL_get_version(handle())) + 1;
}
TimePoint Crl::this_update() const {
  return parsed_->this_update;
}
std::optional<TimePoint> Crl::next_update() const {
  return parsed_->next_update;
}
std::optional<std::string> Crl::number() const {
  return parsed_->number;
}
const std::vector<Extension>& Crl::extensions() const {
  return parsed_->extensions;
}
std::string Crl::authority_key_identifier() const {
  return parsed_->authority_key_identifier;
}
std::optional<std::string> Crl::unsupported() const {
  return parsed_->unsupported;
}
std::size_t Crl::size() const {
  return parsed_->entries.size();
}

std::vector<Revocation> Crl::revocations() const {
  std::vector<Revocation> all;
  all.reserve(parsed_->entries.size());
  std::transform(parsed_->entries.begin(), parsed_->entries.end(), std::back_inserter(all),
                 to_revocation);
  return all;
}

std::optional<Revocation> Crl::find(const Certificate& certificate) const {
  const X509* x509 = certificate.handle();
  if (X509_NAME_cmp(X509_CRL_get_issuer(handle()), X509_get_issuer_name(x509)) != 0) {
    return std::nullopt;
  }
  const ASN1_INTEGER* serial = X509_get0_serialNumber(x509);
  const auto at =
      std::lower_bound(parsed_->entries.begin(), parsed_->entries.end(), serial, comes_before);
  if (at == parsed_->entries.end() ||
      ASN1_INTEGER_cmp(X509_REVOKED_get0_serialNumber(*at), serial) != 0) {
    return std::nullopt;
  }
  return to_revocation(*at);
}

bool Crl::is_signed_by(const Certificate& issuer) const {
  const ErrorQueueGuard guard;
  EVP_PKEY* key = X509_get0_pubkey(issuer.handle());
  return key != nullptr && X509_CRL_verify(handle(), key) == 1;
}

X509_crl_st* Crl::handle() const {
  return parsed_->crl.get();
}

}  // namespace ipm::pki
