#include "pki/certificate.h"

#include <fmt/format.h>

#include <array>
#include <mutex>

#include "base/text.h"
#include "pki/extension_set.h"
#include "pki/file_kind.h"
#include "pki/general_names.h"
#include "pki/limits.h"
#include "pki/openssl.h"
#include "pki/pem.h"
#include "pki/wanted.h"

namespace ipm::pki {

struct Certificate::Parsed {
  explicit Parsed(CertificatePtr certificate) : x509(std::move(certificate)) {}

  CertificatePtr x509;
  std::string der;
  Sha256 digest{};
  TimePoint not_before;
  TimePoint not_after;

  // A peer that is known by its digest never needs its extensions read again.
  const ExtensionSet& extensions() const {
    std::call_once(once_, [this] { extensions_ = read_extension_set(x509.get()); });
    return extensions_;
  }

 private:
  mutable std::once_flag once_;
  mutable ExtensionSet extensions_;
};

Certificate Certificate::finish(std::shared_ptr<Parsed> parsed, std::string_view origin) {
  const X509* x509 = parsed->x509.get();
  parsed->der = encode(i2d_X509, x509);
  if (parsed->der.size() > kCertificateBytesMax) {
    throw beyond_limit(Wanted::Certificate, "bytes", kCertificateBytesMax, origin);
  }
  const auto not_before = find_time(X509_get0_notBefore(x509));
  const auto not_after = find_time(X509_get0_notAfter(x509));
  if (!not_before || !not_after) {
    throw damaged(Wanted::Certificate,
                  fmt::format("its {} is not a time", not_before ? "notAfter" : "notBefore"),
                  origin);
  }
  parsed->digest = sha256(parsed->der);
  parsed->not_before = *not_before;
  parsed->not_after = *not_after;
  return Certificate(std::move(parsed));
}

Certificate Certificate::parse(std::string_view pem, std::string_view origin) {
  auto all = parse_all(pem, origin, kPemBlocksMax);
  if (all.size() == 1) return std::move(all.front());
  throw Error(Message::CertificateUnusable,
              fmt::format("{} holds {} certificates", printable(origin, 4096), all.size()),
              "exactly one certificate in PEM",
              "keep one of them; a chain goes where a chain is asked for");
}

Certificate Certificate::parse_der(std::string_view der, std::string_view origin) {
  if (der.size() > kCertificateBytesMax) {
    throw beyond_limit(Wanted::Certificate, "bytes", kCertificateBytesMax, origin);
  }
  auto certificate = decode_whole<CertificatePtr>(d2i_X509, der);
  if (certificate) return finish(std::make_shared<Parsed>(std::move(certificate)), origin);
  throw damaged(Wanted::Certificate,
                fmt::format("it is {}, not one DER certificate", file_kind_words(file_kind(der))),
                origin);
}

std::vector<Certificate> Certificate::parse_all(std::string_view pem, std::string_view origin,
                                                std::size_t count_max) {
  std::vector<Certificate> all;
  for (const DerBlock& block :
       read_blocks(Wanted::Certificate, pem, origin, count_max, kCertificateBytesMax)) {
    auto certificate = decode_whole<CertificatePtr>(d2i_X509, block.der);
    if (!certificate) {
      // The label says little of what stands inside (RFC 7468, 2).
      if (file_kind(block.der) != FileKind::Unknown) {
        throw wrong_kind(Wanted::Certificate, block.der, origin);
      }
      throw damaged(Wanted::Certificate,
                    fmt::format("the block of line {} does not hold a certificate", block.line),
                    origin);
    }
    all.push_back(finish(std::make_shared<Parsed>(std::move(certificate)), origin));
  }
  return all;
}

Certificate Certificate::from_handle(x509_st* borrowed) {
  X509_up_ref(borrowed);
  return finish(std::make_shared<Parsed>(CertificatePtr(borrowed)), "the peer's certificate");
}

std::string Certificate::pem() const {
  return pem_text("CERTIFICATE", der());
}
const std::string& Certificate::der() const {
  return parsed_->der;
}
const Sha256& Certificate::digest() const {
  return parsed_->digest;
}
std::string Certificate::fingerprint() const {
  return to_hex_colons(digest());
}

std::string Certificate::serial() const {
  const ASN1_INTEGER* serial = X509_get0_serialNumber(parsed_->x509.get());
  const std::string_view magnitude = content(serial);
  return serial_text(std::span(octets(magnitude), magnitude.size()),
                     ASN1_STRING_type(serial) == V_ASN1_NEG_INTEGER);
}

int Certificate::version() const {
  return static_cast<int>(X509_get_version(parsed_->x509.get())) + 1;
}

std::string Certificate::subject() const {
  return name_line(X509_get_subject_name(handle()));
}
std::string Certificate::issuer() const {
  return name_line(X509_get_issuer_name(handle()));
}
std::string Certificate::subject_der() const {
  return name_der(X509_get_subject_name(handle()));
}
std::string Certificate::issuer_der() const {
  return name_der(X509_get_issuer_name(handle()));
}

std::vector<std::string> Certificate::common_names() const {
  return name_entries(X509_get_subject_name(handle()), NID_commonName);
}

std::optional<std::string> Certificate::common_name() const {
  auto all = common_names();
  if (all.size() != 1) return std::nullopt;
  return std::move(all.front());
}

TimePoint Certificate::not_before() const {
  return parsed_->not_before;
}
TimePoint Certificate::not_after() const {
  return parsed_->not_after;
}

bool Certificate::is_self_issued() const {
  const ErrorQueueGuard guard;
  return X509_NAME_cmp(X509_get_subject_name(handle()), X509_get_issuer_name(handle())) == 0;
}

PublicKey Certificate::public_key() const {
  EVP_PKEY* key = X509_get0_pubkey(handle());
  if (key == nullptr) {
    throw_openssl(Message::CertificateUnusable, "the public key of the certificate is not readable",
                  "RSA, P-256, P-384, P-521 or Ed25519");
  }
  return PublicKey(key);
}

std::string Certificate::signature_algorithm() const {
  const ASN1_OBJECT* algorithm = nullptr;
  X509_ALGOR_get0(&algorithm, nullptr, nullptr, X509_get0_tbs_sigalg(handle()));
  const int nid = OBJ_obj2nid(algorithm);
  return nid == NID_undef ? dotted(algorithm) : OBJ_nid2ln(nid);
}

const ExtensionValue<std::uint16_t>& Certificate::key_usage() const {
  return parsed_->extensions().key_usage;
}
const ExtensionValue<std::vector<std::string>>& Certificate::extended_key_usage() const {
  return parsed_->extensions().extended_key_usage;
}
const ExtensionValue<BasicConstraints>& Certificate::basic_constraints() const {
  return parsed_->extensions().basic_constraints;
}
const ExtensionValue<RawNames>& Certificate::subject_alternative_names() const {
  return parsed_->extensions().subject_alternative_names;
}
const ExtensionValue<std::string>& Certificate::subject_key_identifier() const {
  return parsed_->extensions().subject_key_identifier;
}
const ExtensionValue<std::string>& Certificate::authority_key_identifier() const {
  return parsed_->extensions().authority_key_identifier;
}
const std::vector<Extension>& Certificate::extensions() const {
  return parsed_->extensions().all;
}

Names Certificate::names() const {
  const auto& alternative = subject_alternative_names();
  Names names = alternative.value ? alternative.value->valid() : Names();
  const auto common = common_name();
  if (const auto name = common ? DnsName::find(*common) : std::nullopt) names.add(*name);
  return names;
}

std::string Certificate::display_name() const {
  for (const std::string& name : common_names()) {
    if (!name.empty()) return printable(name);
  }
  return whole_name();
}

std::string Certificate::whole_name() const {
  for (std::string& name : common_names()) {
    if (!name.empty()) return std::move(name);
  }
  const Names all = names();
  if (!all.dns.empty()) return all.dns.front().text();
  if (!all.addresses.empty()) return all.addresses.front().text();
  return subject();
}

x509_st* Certificate::handle() const {
  return parsed_->x509.get();
}

std::string serial_text(std::span<const unsigned char> magnitude, bool negative) {
  static constexpr std::string_view kDigits = "0123456789ABCDEF";
  while (!magnitude.empty() && magnitude.front() == 0) magnitude = magnitude.subspan(1);
  if (magnitude.empty()) return "00";
  std::string text = negative ? "-" : "";
  for (const unsigned char octet : magnitude) {
    text += kDigits[octet >> 4U];
    text += kDigits[octet & 15U];
  }
  return text;
}

std::string key_usage_text(std::uint16_t bits) {
  static constexpr std::array<std::string_view, 9> kWords = {
      "digitalSignature", "nonRepudiation", "keyEncipherment", "dataEncipherment", "keyAgreement",
      "keyCertSign",      "cRLSign",        "encipherOnly",    "decipherOnly"};
  std::string text;
  for (std::size_t i = 0; i < kWords.size(); ++i) {
    if ((bits >> i & 1U) == 0) continue;
    if (!text.empty()) text += ", ";
    text += kWords.at(i);
  }
  return text;
}

}  // namespace ipm::pki
