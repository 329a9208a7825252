#include "trust/certificate_facts.h"

#include <utility>

#include "pki/signature.h"
#include "trust/certificate_extensions.h"
#include "trust/der.h"

namespace ipm::trust {
namespace {

constexpr std::size_t kSerialBytesMax = 20;

// Goes through a certificate's fields in order. Each step returns false where it is damaged.
class FactsReader {
 public:
  explicit FactsReader(CertificateFacts& facts) : facts_(facts) {}

  bool read() {
    const auto certificate = der::sole(facts_.certificate.der(), der::kSequence);
    if (!certificate) return false;
    der::Reader outer(certificate->content);
    const auto signed_part = outer.next(der::kSequence);
    const auto algorithm = outer.next(der::kSequence);
    const auto signature = outer.next(der::kBitString);
    if (!signed_part || !algorithm || !signature || !outer.at_end()) return false;
    const auto bits = der::bit_string(signature->content);
    if (!bits || bits->unused != 0) return false;
    outer_algorithm_ = algorithm->encoding;

    der::Reader fields(signed_part->content);
    return read_version(fields) && read_serial(fields) && read_algorithm(fields) &&
           read_names_and_validity(fields) && read_key(fields) && read_rest(fields);
  }

 private:
  void complain(Rule rule, std::string found) {
    facts_.problems.push_back({rule, std::move(found)});
  }

  bool read_version(der::Reader& fields) {
    if (fields.next_is(der::context_constructed(0))) {
      const auto tagged = fields.next(der::context_constructed(0));
      if (!tagged) return false;
      const auto integer = der::sole(tagged->content, der::kInteger);
      const auto value = integer ? der::small_integer(integer->content) : std::nullopt;
      if (!value) return false;
      version_ = *value + 1;
    }
    if (version_ != 3) complain(Rule::Version, "version " + std::to_string(version_));
    return true;
  }

  bool read_serial(der::Reader& fields) {
    const auto serial = fields.next(der::kInteger);
    if (!serial || !der::is_minimal_integer(serial->content)) return false;
    facts_.serial = serial->content;
    facts_.serial_encoding = serial->encoding;
    if (der::is_negative(facts_.serial)) {
      complain(Rule::SerialNumber, "a negative serial number");
    } else if (facts_.serial == std::string_view("\0", 1)) {
      complain(Rule::SerialNumber, "the serial number 0");
    } else if (facts_.serial.size() > kSerialBytesMax) {
      complain(Rule::SerialNumber,
               "a serial number of " + std::to_string(facts_.serial.size()) + " octets");
    }
    return true;
  }

  bool read_algorithm(der::Reader& fields) {
    const auto algorithm = fields.next(der::kSequence);
    if (!algorithm) return false;
    judge_signature_algorithm(algorithm->encoding, facts_.problems);
    if (algorithm->encoding != outer_algorithm_) {
      complain(Rule::AlgorithmsDiffer, "two different signature algorithms");
    }
    return true;
  }

  bool read_names_and_validity(der::Reader& fields) {
    const auto issuer = fields.next(der::kSequence);
    const auto validity = fields.next(der::kSequence);
    const auto subject = fields.next(der::kSequence);
    if (!issuer || !validity || !subject) return false;
    auto issuer_name = DistinguishedName::parse(issuer->encoding);
    auto subject_name = DistinguishedName::parse(subject->encoding);
    if (!issuer_name || !subject_name) return false;
    facts_.issuer = std::move(*issuer_name);
    facts_.subject = std::move(*subject_name);
    facts_.self_issued = facts_.issuer == facts_.subject;
    if (facts_.issuer.empty()) complain(Rule::Issuer, "an empty issuer name");

    der::Reader times(validity->content);
    const auto first = times.next();
    const auto last = times.next();
    if (!first || !last || !times.at_end()) return false;
    const auto not_before = der::time(*first);
    const auto not_after = der::time(*last);
    if (!not_before || !not_after) {
      // Without times nothing else is worth saying: an epoch in their place would be a lie.
      complain(Rule::ValidityEncoding, "a time that is written wrongly");
      facts_.not_before = TimePoint::max();
      facts_.not_after = TimePoint::min();
      return true;
    }
    facts_.not_before = not_before->when;
    facts_.not_after = not_after->when;
    if (!not_before->right_kind || !not_after->right_kind) {
      complain(Rule::TimeType, "GeneralizedTime for a year before 2050");
    }
    if (facts_.not_after < facts_.not_before) {
      complain(Rule::ValidityEncoding, "a validity that ends before it begins");
    }
    return true;
  }

  bool read_key(der::Reader& fields) {
    const auto key = fields.next(der::kSequence);
    if (!key) return false;
    facts_.key = key->encoding;
    facts_.key_type = judge_key(facts_.key, facts_.problems);
    if (facts_.key_type != KeyType::Unknown && !key_is_sound(facts_.certificate)) {
      complain(Rule::Key, "a public key that is none, such as a point beside its curve");
    }
    return true;
  }

  bool read_rest(der::Reader& fields) {
    for (const unsigned number : {1U, 2U}) {
      if (!fields.next_is(der::context(number))) continue;
      const auto identifier = fields.next();
      if (!identifier || version_ < 2) return false;
      complain(Rule::UniqueIdentifiers, "a unique identifier");
    }
    if (fields.at_end()) return true;
    const auto tagged = fields.next(der::context_constructed(3));
    if (!tagged || !fields.at_end()) return false;
    if (version_ != 3) complain(Rule::Version, "extensions in a certificate of that version");
    return read_extensions(tagged->content, facts_);
  }

  CertificateFacts& facts_;
  std::string_view outer_algorithm_;
  long version_ = 1;
};

}  // namespace

CertificateFacts read_facts(const pki::Certificate& certificate) {
  CertificateFacts facts(certificate);
  if (FactsReader(facts).read()) return facts;
  CertificateFacts damaged(certificate);
  damaged.problems.push_back({Rule::Encoding, "a certificate that is not written as DER wants it"});
  return damaged;
}

}  // namespace ipm::trust
