#include "trust/anchors.h"

#include <fmt/format.h>
#include <openssl/objects.h>
#include <openssl/pem.h>

#include <algorithm>
#include <map>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "pki/openssl.h"
#include "trust/certdata.h"

namespace ipm::trust {
namespace {

constexpr std::string_view kBegin = "-----BEGIN ";
constexpr std::string_view kEnd = "-----END ";
constexpr std::string_view kDashes = "-----";

[[noreturn]] void unusable(std::string_view origin, std::size_t line, std::string_view happened,
                           std::string_view expected, std::string mend = {}) {
  throw Error(Message::AnchorsUnusable, fmt::format("{}, line {}: {}", origin, line, happened),
              std::string(expected), std::move(mend));
}

// A text's lines, counted, without their ends; CR LF counts as one end.
class Lines {
 public:
  explicit Lines(std::string_view text) : text_(text) {}

  // The next line with blanks at its end cut off, as OpenSSL's PEM reader does.
  std::optional<std::string_view> next() {
    if (at_ >= text_.size()) return std::nullopt;
    start_ = at_;
    const auto end = text_.find('\n', at_);
    at_ = end == std::string_view::npos ? text_.size() : end + 1;
    ++number_;
    auto line = text_.substr(start_, (end == std::string_view::npos ? at_ : end) - start_);
    const auto last = line.find_last_not_of(" \t\r");
    return line.substr(0, last == std::string_view::npos ? 0 : last + 1);
  }

  std::size_t number() const { return number_; }
  std::size_t start() const { return start_; }  // offset of the line last read
  std::size_t end() const { return at_; }       // offset behind it

 private:
  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t start_ = 0;
  std::size_t number_ = 0;
};

// "BEGIN X" of a whole line "-----BEGIN X-----", without the word BEGIN.
std::optional<std::string_view> block_name(std::string_view line, std::string_view opening) {
  if (!line.starts_with(opening) || !line.ends_with(kDashes)) return std::nullopt;
  if (line.size() < opening.size() + kDashes.size()) return std::nullopt;
  return line.substr(opening.size(), line.size() - opening.size() - kDashes.size());
}

// "key=value; key; …" as pairs. Calls `take(key, value)`, which returns false for what it does not
// know.
template <class Take>
void each_field(std::string_view fields, std::string_view origin, std::size_t line, Take take) {
  for (const auto field : split(fields, ';')) {
    const auto trimmed = trim(field);
    if (trimmed.empty()) continue;
    const auto equals = trimmed.find('=');
    const auto key = trimmed.substr(0, equals);
    const auto value =
        equals == std::string_view::npos ? std::string_view() : trimmed.substr(equals + 1);
    if (take(key, value)) continue;
    unusable(origin, line, fmt::format("\"{}\" is not understood", printable(trimmed)),
             "a line as ipm trust build writes it",
             "make the file again with this version of ipm trust build, or delete the line");
  }
}

pki::Sha256 parse_digest(std::string_view hex, std::string_view origin, std::size_t line) {
  const auto bytes = parse_hex(hex);
  pki::Sha256 digest{};
  if (!bytes || bytes->size() != digest.size()) {
    unusable(origin, line, fmt::format("\"{}\" is no SHA-256 digest", printable(hex)),
             "64 hexadecimal digits");
  }
  std::copy(bytes->begin(), bytes->end(), digest.begin());
  return digest;
}

// What a "# ipm-trust:" line says, or the defaults of a certificate without one.
struct Properties {
  bool servers = true;
  bool clients = true;
  std::optional<TimePoint> server_distrust_after;
  bool is_public = false;
};

Properties parse_properties(std::string_view fields, std::string_view origin, std::size_t line) {
  Properties result;
  each_field(fields, origin, line, [&](std::string_view key, std::string_view value) {
    if (key == "public" && value.empty()) {
      result.is_public = true;
    } else if (key == "purposes") {
      const auto purposes = split(value, ',');
      result.servers = std::ranges::find(purposes, "SERVER_AUTH") != purposes.end();
      result.clients = std::ranges::find(purposes, "CLIENT_AUTH") != purposes.end();
    } else if (key == "server-distrust-after") {
      result.server_distrust_after = parse_rfc3339(value);
      return result.server_distrust_after.has_value();
    } else {
      // E-mail is not our affair, but its date is kept in the file for others.
      return key == "email-distrust-after" && parse_rfc3339(value).has_value();
    }
    return true;
  });
  return result;
}

Distrusted parse_distrust_line(std::string_view fields, std::string_view origin, std::size_t line) {
  Distrusted result;
  bool named = false;
  // The label comes last and may hold anything, a semicolon too.
  static constexpr std::string_view kLabel = "label=";
  if (const auto at = fields.find(kLabel); at != std::string_view::npos) {
    result.label = printable(fields.substr(at + kLabel.size()));
    fields = fields.substr(0, at);
  }
  each_field(fields, origin, line, [&](std::string_view key, std::string_view value) {
    if (key == "issuer-serial") {
      result.issuer_and_serial = parse_digest(value, origin, line);
      named = true;
    } else if (key == "sha256") {
      result.sha256 = parse_digest(value, origin, line);
    } else {
      return false;
    }
    return true;
  });
  if (!named) unusable(origin, line, "a distrust line names no certificate", "issuer-serial=HEX");
  return result;
}

// A TRUSTED CERTIFICATE block carries OpenSSL's own trust settings: object identifiers that are
// trusted (then nothing else is) and rejected ones.
void apply_openssl_settings(std::string_view block, Properties& properties) {
  const auto reader = pki::memory_reader(block);
  const pki::CertificatePtr parsed(PEM_read_bio_X509_AUX(reader.get(), nullptr, nullptr, nullptr));
  pki::take_openssl_errors();
  if (!parsed) return;  // The caller parses the certificate itself, and says what is wrong.
  const auto holds = [](const STACK_OF(ASN1_OBJECT) * objects, int purpose) {
    for (int i = 0; i < sk_ASN1_OBJECT_num(objects); ++i) {
      const int nid = OBJ_obj2nid(sk_ASN1_OBJECT_value(objects, i));
      if (nid == purpose || nid == NID_anyExtendedKeyUsage) return true;
    }
    return false;
  };
  const auto* trusted = X509_get0_trust_objects(parsed.get());
  const auto* rejected = X509_get0_reject_objects(parsed.get());
  const auto vouches = [&](int purpose) {
    return !holds(rejected, purpose) &&
           (sk_ASN1_OBJECT_num(trusted) <= 0 || holds(trusted, purpose));
  };
  properties.servers = properties.servers && vouches(NID_server_auth);
  properties.clients = properties.clients && vouches(NID_client_auth);
}

pki::Certificate parse_block(std::string_view block, std::string_view name, std::string_view origin,
                             std::size_t line) {
  try {
    if (name == "CERTIFICATE") return pki::Certificate::parse(block, origin);
    const auto reader = pki::memory_reader(block);
    const auto parsed = pki::own<pki::CertificatePtr>(
        PEM_read_bio_X509_AUX(reader.get(), nullptr, nullptr, nullptr),
        "the certificate cannot be read");
    return pki::Certificate::from_handle(parsed.get());
  } catch (const Error& error) {
    unusable(origin, line, fmt::format("a certificate cannot be read: {}", error.happened()),
             "whole certificates in PEM",
             "copy the file again, or make it anew: ipm trust build, ipm trust update");
  }
}

std::string mend_for_block(std::string_view name) {
  if (name.ends_with("PRIVATE KEY")) {
    return "take the key out of the file at once: others can read it; its owner needs a new one";
  }
  if (name.ends_with("CRL")) return "revocation lists belong into crl.pem";
  return "leave only certificates in the file";
}

// The same certificate again: what either copy forbids stays forbidden, in whatever order they
// stand.
void restrict_further(Anchor& anchor, const Properties& properties) {
  anchor.vouches_for_servers = anchor.vouches_for_servers && properties.servers;
  anchor.vouches_for_clients = anchor.vouches_for_clients && properties.clients;
  anchor.is_public = anchor.is_public || properties.is_public;
  const auto& date = properties.server_distrust_after;
  if (date && (!anchor.server_distrust_after || *date < *anchor.server_distrust_after)) {
    anchor.server_distrust_after = date;
  }
}

// A file without a single certificate: the message depends on what it is instead.
[[noreturn]] void refuse_empty(std::string_view text, std::string_view origin) {
  if (is_certdata(text)) {
    throw Error(Message::AnchorsUnusable,
                fmt::format("{} is a raw certdata.txt, which holds no PEM certificate", origin),
                "a PEM file of CA certificates (S4)",
                "convert it: ipm trust build -o ca-cert.pem certdata.txt");
  }
  throw Error(Message::AnchorsUnusable,
              trim(text).empty() ? fmt::format("{} is empty", origin)
                                 : fmt::format("{} holds no PEM certificate", origin),
              "a PEM file of CA certificates");
}

}  // namespace

bool Distrusted::matches(const pki::Certificate& certificate) const {
  return (sha256 && *sha256 == certificate.digest()) ||
         issuer_and_serial == issuer_and_serial_digest(certificate);
}

std::string serial_der(const pki::Certificate& certificate) {
  unsigned char* der = nullptr;
  const int size = i2d_ASN1_INTEGER(X509_get0_serialNumber(certificate.handle()), &der);
  std::string serial;
  if (size > 0) serial.assign(der, der + size);
  OPENSSL_free(der);
  return serial;
}

pki::Sha256 issuer_and_serial_digest(std::string_view issuer_der, std::string_view serial_der) {
  std::string both(issuer_der);
  both += serial_der;
  return pki::sha256(both);
}

pki::Sha256 issuer_and_serial_digest(const pki::Certificate& certificate) {
  return issuer_and_serial_digest(certificate.issuer_der(), serial_der(certificate));
}

std::vector<Anchor> parse_anchors(std::string_view pem, std::string_view origin) {
  std::vector<Anchor> anchors;
  std::map<pki::Sha256, std::size_t> seen;
  std::optional<Properties> announced;
  Lines lines(pem);
  while (const auto line = lines.next()) {
    if (line->starts_with(kTrustLine)) {
      if (announced) unusable(origin, lines.number(), "two ipm-trust lines in a row", "one");
      announced = parse_properties(line->substr(kTrustLine.size()), origin, lines.number());
      continue;
    }
    const auto name = block_name(*line, kBegin);
    if (!name) {
      if (block_name(*line, kEnd)) {
        unusable(origin, lines.number(), "a block ends that never began", "whole PEM blocks");
      }
      continue;
    }
    const std::size_t begin = lines.start();
    const std::size_t begin_line = lines.number();
    if (*name != "CERTIFICATE" && *name != "X509 CERTIFICATE" && *name != "TRUSTED CERTIFICATE") {
      unusable(origin, begin_line, fmt::format("it holds a {}", printable(*name)),
               "CA certificates and nothing else", mend_for_block(*name));
    }
    for (;;) {
      const auto inner = lines.next();
      if (!inner || block_name(*inner, kBegin)) {
        unusable(origin, begin_line, "this certificate has no end", "whole PEM blocks");
      }
      if (const auto closed = block_name(*inner, kEnd)) {
        if (*closed == *name) break;
        unusable(origin, lines.number(), "the block ends under another name", "whole PEM blocks");
      }
    }
    if (anchors.size() == kAnchorsMax) {
      unusable(origin, begin_line, fmt::format("more than {} certificates", kAnchorsMax),
               "a file of trusted CA certificates");
    }
    const auto block = pem.substr(begin, lines.end() - begin);
    auto properties = std::exchange(announced, std::nullopt).value_or(Properties{});
    if (*name == "TRUSTED CERTIFICATE") apply_openssl_settings(block, properties);
    auto certificate = parse_block(block, *name, origin, begin_line);
    const auto [place, is_new] = seen.emplace(certificate.digest(), anchors.size());
    if (is_new) anchors.push_back({std::move(certificate), true, true, std::nullopt, false});
    restrict_further(anchors[place->second], properties);
  }
  if (announced) {
    unusable(origin, lines.number(), "an ipm-trust line has no certificate after it", "one");
  }
  if (anchors.empty()) refuse_empty(pem, origin);
  return anchors;
}

std::vector<Distrusted> parse_distrusted(std::string_view pem, std::string_view origin) {
  std::vector<Distrusted> distrusted;
  Lines lines(pem);
  while (const auto line = lines.next()) {
    if (!line->starts_with(kDistrustLine)) continue;
    if (distrusted.size() == kDistrustedMax) {
      unusable(origin, lines.number(), fmt::format("more than {} distrusts", kDistrustedMax),
               "a file of trusted CA certificates");
    }
    distrusted.push_back(
        parse_distrust_line(line->substr(kDistrustLine.size()), origin, lines.number()));
  }
  return distrusted;
}

void let_public_vouch_for_clients(std::vector<Anchor>& anchors) {
  for (auto& anchor : anchors) {
    if (anchor.is_public && anchor.vouches_for_servers) anchor.vouches_for_clients = true;
  }
}

}  // namespace ipm::trust
