#include "trust/certdata.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <unordered_map>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "pki/openssl.h"
#include "trust/certdata_objects.h"
#include "trust/certificate_outline.h"

namespace ipm::trust {
namespace {

constexpr char kIntegerTag = 2;
constexpr std::size_t kShortLengthMax = 127;

// The value of a whole DER INTEGER with a short length, as every serial number has.
std::optional<std::string_view> integer_value(std::string_view der) {
  if (der.size() < 3 || der[0] != kIntegerTag) return std::nullopt;
  const auto length = static_cast<unsigned char>(der[1]);
  if (length > kShortLengthMax || der.size() != length + 2U) return std::nullopt;
  return der.substr(2);
}

std::string as_integer(std::string_view value) {
  if (value.size() > kShortLengthMax) return std::string(value);
  std::string der = {kIntegerTag, static_cast<char>(value.size())};
  return der += value;
}

std::string digest(const char* algorithm, std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  std::size_t size = 0;
  const int done =
      EVP_Q_digest(nullptr, algorithm, nullptr, bytes.data(), bytes.size(), out.data(), &size);
  pki::take_openssl_errors();
  if (done != 1) return {};  // A library that has no MD5 any more.
  return {out.begin(), out.begin() + static_cast<std::ptrdiff_t>(size)};
}

// The earlier of two dates, either of which may be absent.
void take_earlier(std::optional<TimePoint>& date, const std::optional<TimePoint>& other) {
  if (other && (!date || *other < *date)) date = other;
}

// Collects the objects, and pairs them at the end: no order is relied upon.
class Store {
 public:
  explicit Store(std::string_view origin) : origin_(origin) {}

  void add_certificate(CertdataObject object) {
    for (const std::string_view name : {"CKA_VALUE", "CKA_ISSUER", "CKA_SERIAL_NUMBER"}) {
      if (!object.has(name)) {
        fail(object.line, fmt::format("the certificate {} has no {}", quoted(object), name),
             "the whole object");
      }
    }
    const auto fields = read_fields(object);
    if (fields.issuer != object.issuer) {
      fail(object.line, fmt::format("CKA_ISSUER of {} is not its certificate's", quoted(object)),
           "the issuer that stands in the certificate");
    }
    if (object.serial != fields.serial && as_integer(object.serial) != fields.serial) {
      fail(object.line,
           fmt::format("CKA_SERIAL_NUMBER of {} is not its certificate's", quoted(object)),
           "the serial number that stands in the certificate");
    }
    const auto [place, is_new] =
        places_.emplace(key(fields.issuer, fields.serial), data_.certificates.size());
    if (!is_new) {
      fail(object.line,
           fmt::format("issuer and serial number of {} are those of line {} too", quoted(object),
                       data_.certificates[place->second].line),
           "each certificate once");
    }
    has_trust_.push_back(false);
    StoreCertificate certificate;
    certificate.label = std::move(object.label);
    certificate.digest = pki::sha256(object.value);
    certificate.issuer_and_serial = issuer_and_serial_digest(fields.issuer, fields.serial);
    certificate.not_after = fields.not_after;
    certificate.line = object.line;
    certificate.server_distrust_after = object.server_distrust_after;
    certificate.email_distrust_after = object.email_distrust_after;
    certificate.comments = std::move(object.comments);
    certificate.der = std::move(object.value);
    data_.certificates.push_back(std::move(certificate));
  }

  void add_trust(CertdataObject object) {
    for (const std::string_view name : {"CKA_ISSUER", "CKA_SERIAL_NUMBER"}) {
      if (!object.has(name)) {
        fail(object.line, fmt::format("the trust object {} has no {}", quoted(object), name),
             "the whole object");
      }
    }
    const bool names_servers = std::ranges::any_of(object.statements, [](const auto& statement) {
      return statement.purpose == TrustPurpose::ServerAuth;
    });
    // A new purpose beside the known ones is news; instead of them it is damage.
    if (object.statements.empty() || (object.has_unknown_purpose && !names_servers)) {
      fail(object.line, fmt::format("the trust object {} does not say for what", quoted(object)),
           "CKA_TRUST_SERVER_AUTH and its like");
    }
    object.comments.clear();
    object.comments.shrink_to_fit();
    trusts_.push_back(std::move(object));
  }

  // Once all objects are there. `last_line` is the file's.
  Certdata finish(bool ends_with_trust, std::size_t last_line, std::vector<Remark> remarks) {
    data_.remarks = std::move(remarks);
    if (ends_with_trust) refuse_cut_off(last_line);
    for (const auto& trust : trusts_) pair(trust);
    for (std::size_t i = 0; i < has_trust_.size(); ++i) {
      const auto& certificate = data_.certificates[i];
      if (!has_trust_[i]) {
        fail(certificate.line,
             fmt::format("the certificate \"{}\" has no trust object",
                         printable(certificate.label, 80)),
             "a trust object with its issuer and serial number");
      }
    }
    return std::move(data_);
  }

 private:
  [[noreturn]] void fail(std::size_t line, std::string_view happened,
                         std::string_view expected) const {
    throw_malformed(origin_, line, happened, expected);
  }

  static std::string quoted(const CertdataObject& object) {
    return fmt::format("\"{}\"", printable(object.label, 80));
  }

  static std::string key(std::string_view issuer, std::string_view serial) {
    return fmt::format("{}{}", issuer, serial);
  }

  struct Fields {
    std::string issuer;
    std::string serial;
    TimePoint not_after;
  };

  // Some old roots are not as RFC 5280 wants them; OpenSSL has the last word on those.
  Fields read_fields(const CertdataObject& object) const {
    if (const auto outline = find_outline(object.value)) {
      return {std::string(outline->issuer), std::string(outline->serial), outline->not_after};
    }
    const auto certificate = parse(object.value, object.line, object.label);
    return {certificate.issuer_der(), serial_der(certificate), certificate.not_after()};
  }

  pki::Certificate parse(std::string_view der, std::size_t line, std::string_view label) const {
    try {
      return pki::Certificate::parse_der(der, origin_);
    } catch (const Error& error) {
      fail(line, fmt::format("CKA_VALUE of \"{}\": {}", printable(label, 80), error.happened()),
           "a certificate in DER");
    }
  }

  // A download that broke off inside the last object may still read well; but then that object ends
  // with an attribute with which no other ends, and lacks the one with which the object before
  // ends.
  void refuse_cut_off(std::size_t last_line) const {
    if (trusts_.size() < 2) return;
    const auto& last = trusts_.back();
    const auto expected = trusts_[trusts_.size() - 2].names.back();
    if (last.has(expected)) return;
    const bool usual_end = std::any_of(
        trusts_.begin(), trusts_.end() - 1,
        [&](const CertdataObject& other) { return other.names.back() == last.names.back(); });
    if (usual_end) return;
    fail(last_line,
         fmt::format("the last trust object, of line {}, breaks off before {}", last.line,
                     printable(expected, 60)),
         "the whole file");
  }

  void remark(std::size_t line, std::string text) {
    if (data_.remarks.size() < kCertdataRemarksMax)
      data_.remarks.push_back({line, std::move(text)});
  }

  void check_digest(const CertdataObject& trust, const StoreCertificate& certificate,
                    const char* algorithm, std::string_view wanted) const {
    if (wanted.empty()) return;
    const auto actual = digest(algorithm, certificate.der);
    if (actual.empty() || actual == wanted) return;
    fail(trust.line,
         fmt::format(
             "the {} digest in the trust object {} is not that of the certificate of line {}",
             algorithm, quoted(trust), certificate.line),
         "the digest of the certificate with that issuer and serial number");
  }

  void pair(const CertdataObject& trust) {
    auto place = places_.find(key(trust.issuer, trust.serial));
    if (place == places_.end()) place = places_.find(key(trust.issuer, as_integer(trust.serial)));
    if (place == places_.end()) return keep_orphan(trust);
    auto& certificate = data_.certificates[place->second];
    if (has_trust_[place->second]) {
      fail(trust.line,
           fmt::format("a second trust object for the certificate of line {}", certificate.line),
           "one trust object for each certificate");
    }
    check_digest(trust, certificate, "SHA1", trust.sha1);
    check_digest(trust, certificate, "MD5", trust.md5);
    if (trust.sha1.empty()) parse(certificate.der, certificate.line, certificate.label);
    if (trust.line < certificate.line) {
      remark(trust.line, fmt::format("the trust object stands before its certificate of line {}; "
                                     "they are paired by issuer and serial number",
                                     certificate.line));
    }
    has_trust_[place->second] = true;
    certificate.statements = trust.statements;
    take_earlier(certificate.server_distrust_after, trust.server_distrust_after);
    take_earlier(certificate.email_distrust_after, trust.email_distrust_after);
    if (distrusted_for_tls(trust)) {
      data_.distrusted.push_back(
          {certificate.issuer_and_serial, certificate.digest, printable(certificate.label, 100)});
    }
  }

  static bool distrusted_for_tls(const CertdataObject& trust) {
    return distrusts(trust.statements, TrustPurpose::ServerAuth) ||
           distrusts(trust.statements, TrustPurpose::ClientAuth);
  }

  // Mozilla distrusts some certificates by issuer and serial number alone. Trust in a certificate
  // that is not there means that the certificate was lost.
  void keep_orphan(const CertdataObject& trust) {
    const bool trusts = std::ranges::any_of(trust.statements, [&](const auto& statement) {
      return vouches(trust.statements, statement.purpose);
    });
    if (trusts) {
      fail(trust.line,
           fmt::format("the trust object {} trusts a certificate that the file does not hold",
                       quoted(trust)),
           "the certificate with its issuer and serial number");
    }
    if (!distrusted_for_tls(trust)) {
      remark(trust.line,
             fmt::format("the trust object {} has no certificate and says nothing about "
                         "TLS; it is passed over",
                         quoted(trust)));
      return;
    }
    const std::string serial =
        integer_value(trust.serial) ? trust.serial : as_integer(trust.serial);
    data_.distrusted.push_back({issuer_and_serial_digest(trust.issuer, serial), std::nullopt,
                                printable(trust.label, 100)});
  }

  std::string_view origin_;
  Certdata data_;
  std::unordered_map<std::string, std::size_t> places_;  // by issuer and serial number
  std::vector<bool> has_trust_;
  std::vector<CertdataObject> trusts_;  // in the order of the file
};

}  // namespace

pki::Certificate StoreCertificate::certificate() const {
  return pki::Certificate::parse_der(der, label.empty() ? "certdata.txt" : printable(label));
}

Certdata parse_certdata(std::string_view text, std::string_view origin) {
  if (text.size() > kCertdataBytesMax) {
    const auto read = text.substr(0, kCertdataBytesMax);
    throw_malformed(origin, static_cast<std::size_t>(std::ranges::count(read, '\n')) + 1,
                    fmt::format("the file goes on beyond {} bytes", kCertdataBytesMax),
                    "Mozilla's certdata.txt, of about a megabyte");
  }
  CertdataReader reader(text, origin);
  Store store(origin);
  std::size_t objects = 0;
  std::size_t certificates = 0;
  bool ends_with_trust = false;
  while (auto object = reader.next()) {
    if (++objects > kCertdataObjectsMax) {
      throw_malformed(origin, object->line,
                      fmt::format("more than {} objects", kCertdataObjectsMax),
                      "Mozilla's certdata.txt, of some hundred objects");
    }
    ends_with_trust = object->kind == CertdataObject::Kind::Trust;
    if (object->kind == CertdataObject::Kind::Certificate) {
      ++certificates;
      store.add_certificate(*std::move(object));
    } else if (ends_with_trust) {
      store.add_trust(*std::move(object));
    }
  }
  if (certificates == 0) {
    throw_malformed(origin, std::max<std::size_t>(reader.line(), 1),
                    trim(text).empty() ? "the file is empty" : "the file holds no certificate",
                    "Mozilla's certdata.txt");
  }
  return store.finish(ends_with_trust, reader.line(), reader.take_remarks());
}

bool is_certdata(std::string_view text) {
  return text.starts_with("CKA_CLASS ") || text.find("\nCKA_CLASS ") != std::string_view::npos ||
         text.starts_with("BEGINDATA") || text.find("\nBEGINDATA") != std::string_view::npos;
}

}  // namespace ipm::trust
