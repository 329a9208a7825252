#include "pki/certificate.h"

#include <fmt/format.h>

#include <array>
#include <mutex>

#include "base/text.h"
#include "pki/file_kind.h"
#include "pki/general_names.h"
#include "pki/limits.h"
#include "pki/openssl.h"
#include "pki/pem.h"

namespace ipm::pki {
namespace {

struct ExtensionSet {
  ExtensionValue<std::uint16_t> key_usage;
  ExtensionValue<std::vector<std::string>> extended_key_usage;
  ExtensionValue<BasicConstraints> basic_constraints;
  ExtensionValue<RawNames> subject_alternative_names;
  ExtensionValue<std::string> subject_key_identifier;
  ExtensionValue<std::string> authority_key_identifier;
  std::vector<Extension> all;
};

// Fills `extension` from `value`; a second one, or an absent value, breaks it.
template <class T>
void put(ExtensionValue<T>& extension, bool critical, std::optional<T> value) {
  extension.broken = extension.present() || !value;
  extension.critical = extension.critical || critical;
  extension.value = extension.broken ? std::nullopt : std::move(value);
}

std::optional<std::uint16_t> read_key_usage(std::string_view der) {
  const auto bits = decode_whole<BitStringPtr>(d2i_ASN1_BIT_STRING, der);
  if (!bits) return std::nullopt;
  std::uint16_t usage = 0;
  for (int bit = 0; bit <= 8; ++bit) {
    if (ASN1_BIT_STRING_get_bit(bits.get(), bit) == 1) {
      usage = static_cast<std::uint16_t>(usage | (1U << static_cast<unsigned>(bit)));
    }
  }
  return usage;
}

std::optional<std::vector<std::string>> read_extended_key_usage(std::string_view der) {
  const auto usages = decode_whole<ExtendedKeyUsagePtr>(d2i_EXTENDED_KEY_USAGE, der);
  if (!usages) return std::nullopt;
  std::vector<std::string> oids;
  const int count = sk_ASN1_OBJECT_num(usages.get());
  for (int i = 0; i < count; ++i) oids.push_back(dotted(sk_ASN1_OBJECT_value(usages.get(), i)));
  return oids;
}

std::optional<BasicConstraints> read_basic_constraints(std::string_view der) {
  const auto parsed = decode_whole<BasicConstraintsPtr>(d2i_BASIC_CONSTRAINTS, der);
  if (!parsed) return std::nullopt;
  BasicConstraints constraints;
  constraints.ca = parsed->ca != 0;
  if (parsed->pathlen != nullptr) {
    const ErrorQueueGuard guard;
    std::int64_t length = 0;
    if (ASN1_INTEGER_get_int64(&length, parsed->pathlen) != 1 || length < 0) return std::nullopt;
    constraints.path_length = static_cast<long>(length);
  }
  return constraints;
}

std::optional<RawNames> read_names(std::string_view der) {
  const auto names = decode_whole<GeneralNamesPtr>(d2i_GENERAL_NAMES, der);
  if (!names) return std::nullopt;
  return read_general_names(*names);
}

std::optional<std::string> read_octets(std::string_view der) {
  const auto string = decode_whole<OctetStringPtr>(d2i_ASN1_OCTET_STRING, der);
  if (!string) return std::nullopt;
  return std::string(content(string.get()));
}

std::optional<std::string> read_authority_key_identifier(std::string_view der) {
  const auto identifier = decode_whole<AuthorityKeyIdPtr>(d2i_AUTHORITY_KEYID, der);
  if (!identifier) return std::nullopt;
  if (identifier->keyid == nullptr) return std::string();
  return std::string(content(identifier->keyid));
}

// One walk over the extensions. OpenSSL's X509_get_ext_d2i() would walk once for each kind, and
// would overlook bytes that follow a value.
ExtensionSet read_all(const X509* certificate) {
  ExtensionSet set;
  const STACK_OF(X509_EXTENSION)* stack = X509_get0_extensions(certificate);
  set.all = read_extensions(stack);
  for (std::size_t i = 0; i < set.all.size(); ++i) {
    const bool critical = set.all[i].critical;
    const std::string_view der = set.all[i].value;
    switch (OBJ_obj2nid(
        X509_EXTENSION_get_object(sk_X509_EXTENSION_value(stack, static_cast<int>(i))))) {
      case NID_key_usage:
        put(set.key_usage, critical, read_key_usage(der));
        break;
      case NID_ext_key_usage:
        put(set.extended_key_usage, critical, read_extended_key_usage(der));
        break;
      case NID_basic_constraints:
        put(set.basic_constraints, critical, read_basic_constraints(der));
        break;
      case NID_subject_alt_name:
        put(set.subject_alternative_names, critical, read_names(der));
        break;
      case NID_subject_key_identifier:
        put(set.subject_key_identifier, critical, read_octets(der));
        break;
      case NID_authority_key_identifier:
        put(set.authority_key_identifier, critical, read_authority_key_identifier(der));
        break;
      default:
        break;
    }
  }
  return set;
}

bool is_certificate(const PemBlock& block) {
  return block.label == "CERTIFICATE" || block.label == "X509 CERTIFICATE";
}

Error too_large(std::size_t size, std::string_view origin) {
  return {Message::CertificateUnusable,
          fmt::format("{} holds a certificate of {} bytes", printable(origin, 4096), size),
          fmt::format("at most {} bytes", kCertificateBytesMax), ""};
}

// Null where `der` is not exactly one certificate.
CertificatePtr decode_certificate(std::string_view der, std::string_view origin) {
  if (der.size() > kCertificateBytesMax) throw too_large(der.size(), origin);
  return decode_whole<CertificatePtr>(d2i_X509, der);
}

}  // namespace

struct Certificate::Parsed {
  explicit Parsed(CertificatePtr certificate) : x509(std::move(certificate)) {}

  CertificatePtr x509;
  std::string der;
  Sha256 digest{};
  TimePoint not_before;
  TimePoint not_after;

  // A peer that is known by its digest never needs its extensions read again.
  const ExtensionSet& extensions() const {
    std::call_once(once_, [this] { extensions_ = read_all(x509.get()); });
    return extensions_;
  }

 private:
  mutable std::once_flag once_;
  mutable ExtensionSet extensions_;
};

Certificate Certificate::finish(std::shared_ptr<Parsed> parsed, std::string_view origin) {
  const X509* x509 = parsed->x509.get();
  parsed->der = encode(i2d_X509, x509);
  if (parsed->der.size() > kCertificateBytesMax) throw too_large(parsed->der.size(), origin);
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
  CertificatePtr certificate = decode_certificate(der, origin);
  if (certificate) return finish(std::make_shared<Parsed>(std::move(certificate)), origin);
  throw damaged(
      Wanted::Certificate,
      fmt::format("its bytes are {}, not one DER certificate", file_kind_words(file_kind(der))),
      origin);
}

std::vector<Certificate> Certificate::parse_all(std::string_view pem, std::string_view origin,
                                                std::size_t count_max) {
  const PemText text = scan_pem(pem, kPemBlocksMax);
  if (!text.damage.empty()) throw damaged(Wanted::Certificate, text.damage, origin);
  std::vector<Certificate> all;
  for (const PemBlock& block : text.blocks) {
    // Ignoring it would lose a certificate that somebody put there.
    if (block.label == "TRUSTED CERTIFICATE") throw wrong_kind(Wanted::Certificate, pem, origin);
    if (!is_certificate(block)) continue;
    if (all.size() == count_max) {
      throw Error(
          Message::CertificateUnusable,
          fmt::format("{} holds more than {} certificates", printable(origin, 4096), count_max),
          fmt::format("at most {}", count_max), "");
    }
    const auto der = decode_pem(block);
    CertificatePtr certificate = der ? decode_certificate(*der, origin) : nullptr;
    if (!certificate) {
      throw damaged(Wanted::Certificate,
                    fmt::format("the block {} of line {} {}", block.label, block.line,
                                der ? "does not hold a certificate" : "is not base64"),
                    origin);
    }
    all.push_back(finish(std::make_shared<Parsed>(std::move(certificate)), origin));
  }
  if (all.empty()) throw wrong_kind(Wanted::Certificate, pem, origin);
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
  for (std::string& name : common_names()) {
    if (!name.empty()) return printable(name);
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
