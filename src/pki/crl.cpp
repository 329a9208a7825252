// Reading revocation lists. Signing is in crl_sign.cpp.
#include "pki/crl.h"

#include <fmt/format.h>

#include <algorithm>

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

using EnumeratedPtr = Ptr<ASN1_ENUMERATED, ASN1_ENUMERATED_free>;
using NumberPtr = Ptr<BIGNUM, BN_free>;

struct FreeText {
  void operator()(char* text) const noexcept { OPENSSL_free(text); }
};

// Null for one that is absent, damaged or there twice.
template <class Owner>
Owner read_extension(const X509_CRL* crl, int nid) {
  const ErrorQueueGuard guard;
  return Owner(
      static_cast<typename Owner::pointer>(X509_CRL_get_ext_d2i(crl, nid, nullptr, nullptr)));
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

// Borrowed from the list, in its order.
class Entries {
 public:
  explicit Entries(X509_CRL* crl) : stack_(X509_CRL_get_REVOKED(crl)) {}

  std::size_t size() const { return static_cast<std::size_t>(std::max(count(), 0)); }

  struct Iterator {
    const STACK_OF(X509_REVOKED) * stack;
    int at;
    const X509_REVOKED* operator*() const { return sk_X509_REVOKED_value(stack, at); }
    Iterator& operator++() {
      ++at;
      return *this;
    }
    bool operator!=(const Iterator& other) const { return at != other.at; }
  };
  Iterator begin() const { return {stack_, 0}; }
  Iterator end() const { return {stack_, std::max(count(), 0)}; }

 private:
  int count() const { return sk_X509_REVOKED_num(stack_); }

  const STACK_OF(X509_REVOKED) * stack_;
};

Entries entries_of(X509_CRL* crl) {
  return Entries(crl);
}

bool comes_before(const X509_REVOKED* entry, const X509_REVOKED* other) {
  return ASN1_INTEGER_cmp(X509_REVOKED_get0_serialNumber(entry),
                          X509_REVOKED_get0_serialNumber(other)) < 0;
}

// By serial number.
std::vector<const X509_REVOKED*> sorted_entries(X509_CRL* crl) {
  std::vector<const X509_REVOKED*> entries;
  entries.reserve(entries_of(crl).size());
  for (const X509_REVOKED* entry : entries_of(crl)) entries.push_back(entry);
  std::sort(entries.begin(), entries.end(), comes_before);
  return entries;
}

}  // namespace

struct Crl::Parsed {
  explicit Parsed(CrlPtr list) : crl(std::move(list)) {}

  CrlPtr crl;
  std::vector<Extension> extensions;
  TimePoint this_update;
  std::optional<TimePoint> next_update;
  std::optional<std::string> number;
  std::string authority_key_identifier;
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
  const auto number = read_extension<IntegerPtr>(crl, NID_crl_number);
  if (number) {
    const NumberPtr value(ASN1_INTEGER_to_BN(number.get(), nullptr));
    const std::unique_ptr<char, FreeText> decimal(value ? BN_bn2dec(value.get()) : nullptr);
    if (decimal) parsed->number = decimal.get();
  }
  const auto authority = read_extension<AuthorityKeyIdPtr>(crl, NID_authority_key_identifier);
  if (authority && authority->keyid != nullptr) {
    parsed->authority_key_identifier = content(authority->keyid);
  }
  for (const X509_REVOKED* entry : entries_of(crl)) {
    if (!find_time(X509_REVOKED_get0_revocationDate(entry))) {
      throw damaged(Wanted::Crl,
                    fmt::format("the revocation date of {} is not a time", serial_of(entry)),
                    origin);
    }
  }
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
std::size_t Crl::size() const {
  return entries_of(handle()).size();
}

std::vector<Revocation> Crl::revocations() const {
  std::vector<Revocation> all;
  for (const X509_REVOKED* entry : entries_of(handle())) all.push_back(to_revocation(entry));
  return all;
}

Crl::Missing Crl::missing_in(const Crl& later) const {
  const auto ours = sorted_entries(handle());
  const auto theirs = sorted_entries(later.handle());
  Missing missing;
  auto at = theirs.begin();
  for (const X509_REVOKED* entry : ours) {
    while (at != theirs.end() && comes_before(*at, entry)) ++at;
    if (at != theirs.end() && !comes_before(entry, *at)) continue;
    if (missing.count++ < kMissingNamed) missing.serials.push_back(serial_of(entry));
  }
  return missing;
}

X509_crl_st* Crl::handle() const {
  return parsed_->crl.get();
}

}  // namespace ipm::pki
