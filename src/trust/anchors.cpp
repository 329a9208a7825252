#include "trust/anchors.h"

#include <fmt/format.h>
#include <openssl/objects.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "pki/openssl.h"
#include "pki/pem.h"
#include "pki/wanted.h"
#include "trust/certdata.h"

namespace ipm::trust {
namespace {

constexpr std::string_view kTrustedLabel = "TRUSTED CERTIFICATE";
constexpr std::array kLabels = {std::string_view("CERTIFICATE"),
                                std::string_view("X509 CERTIFICATE"), kTrustedLabel};

[[noreturn]] void unusable(std::string_view origin, std::size_t line, std::string_view happened,
                           std::string_view expected, std::string mend = {}) {
  throw Error(Message::AnchorsUnusable, fmt::format("{}, line {}: {}", origin, line, happened),
              std::string(expected), std::move(mend));
}

// Calls `take(rest, number)` for each line of `text` that begins with `opening`; `number` counts on
// from `first_line`, the line on which `text` begins. Lines end as in pki::scan_pem().
template <class Take>
void each_own_line(std::string_view text, std::size_t first_line, std::string_view opening,
                   Take take) {
  for (std::size_t number = first_line; !text.empty(); ++number) {
    const auto end = std::min(text.find_first_of("\r\n"), text.size());
    const auto line = text.substr(0, end);
    if (line.starts_with(opening)) take(trim(line.substr(opening.size())), number);
    const std::size_t ends = text.substr(end, 2) == "\r\n" ? 2 : 1;
    text.remove_prefix(std::min(end + ends, text.size()));
  }
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
void apply_openssl_settings(const X509* certificate, Properties& properties) {
  const auto holds = [](const STACK_OF(ASN1_OBJECT) * objects, int purpose) {
    for (int i = 0; i < sk_ASN1_OBJECT_num(objects); ++i) {
      const int nid = OBJ_obj2nid(sk_ASN1_OBJECT_value(objects, i));
      if (nid == purpose || nid == NID_anyExtendedKeyUsage) return true;
    }
    return false;
  };
  // OpenSSL's two readers of these lists do not take a pointer to const, and change nothing.
  auto* const borrowed = const_cast<X509*>(certificate);
  const auto* trusted = X509_get0_trust_objects(borrowed);
  const auto* rejected = X509_get0_reject_objects(borrowed);
  const auto vouches_for = [&](int purpose) {
    return !holds(rejected, purpose) &&
           (sk_ASN1_OBJECT_num(trusted) <= 0 || holds(trusted, purpose));
  };
  properties.servers = properties.servers && vouches_for(NID_server_auth);
  properties.clients = properties.clients && vouches_for(NID_client_auth);
}

pki::Certificate parse_block(const pki::PemBlock& block, Properties& properties,
                             std::string_view origin) {
  try {
    const auto der = pki::decode_pem(block);
    if (!der) unusable(origin, block.line, "this certificate is not base64", "whole PEM blocks");
    if (block.label != kTrustedLabel) return pki::Certificate::parse_der(*der, origin);
    const auto* begin = reinterpret_cast<const unsigned char*>(der->data());
    const auto parsed =
        pki::own<pki::CertificatePtr>(d2i_X509_AUX(nullptr, &begin, static_cast<long>(der->size())),
                                      "a trusted certificate cannot be read");
    apply_openssl_settings(parsed.get(), properties);
    return pki::Certificate::from_handle(parsed.get());
  } catch (const Error& error) {
    if (error.message() == Message::AnchorsUnusable) throw;
    unusable(origin, block.line, fmt::format("a certificate cannot be read: {}", error.happened()),
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

// A file without a single certificate: the message depends on what it is instead (S4).
[[noreturn]] void refuse_other(std::string_view text, std::string_view origin) {
  if (is_certdata(text)) {
    throw Error(Message::AnchorsUnusable,
                fmt::format("{} is a raw certdata.txt, which holds no PEM certificate", origin),
                "a PEM file of CA certificates (S4)",
                "convert it: ipm trust build -o ca-cert.pem certdata.txt");
  }
  const Error cause = pki::wrong_kind(pki::Wanted::Certificate, text, origin);
  throw Error(Message::AnchorsUnusable, cause.happened(), "a PEM file of CA certificates",
              cause.mend());
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
  const auto scan = pki::scan_pem(pem, kAnchorsMax);
  if (!scan.damage.empty()) {
    throw Error(Message::AnchorsUnusable, fmt::format("{}, {}", origin, scan.damage),
                "whole PEM blocks, at most 10000",
                "copy the file again, or make it anew: ipm trust build, ipm trust update");
  }
  if (scan.blocks.empty()) refuse_other(pem, origin);

  std::vector<Anchor> anchors;
  std::map<pki::Sha256, std::size_t> places;
  std::size_t at = 0;
  std::size_t line = 1;
  const auto properties_before = [&](std::size_t end, std::size_t end_line) {
    std::optional<Properties> announced;
    each_own_line(pem.substr(at, end - at), line, kTrustLine,
                  [&](std::string_view fields, std::size_t number) {
                    if (announced) unusable(origin, number, "two ipm-trust lines in a row", "one");
                    announced = parse_properties(fields, origin, number);
                  });
    at = end;
    line = end_line;
    return announced;
  };
  for (const auto& block : scan.blocks) {
    if (std::ranges::find(kLabels, block.label) == kLabels.end()) {
      unusable(origin, block.line, fmt::format("it holds a {}", printable(block.label)),
               "CA certificates and nothing else", mend_for_block(block.label));
    }
    auto properties = properties_before(block.offset, block.line).value_or(Properties{});
    auto certificate = parse_block(block, properties, origin);
    const auto [place, is_new] = places.emplace(certificate.digest(), anchors.size());
    if (is_new) anchors.push_back({std::move(certificate), true, true, std::nullopt, false});
    restrict_further(anchors[place->second], properties);
  }
  if (properties_before(pem.size(), line)) {
    unusable(origin, line, "an ipm-trust line behind the last certificate", "one before each");
  }
  return anchors;
}

std::vector<Distrusted> parse_distrusted(std::string_view pem, std::string_view origin) {
  std::vector<Distrusted> distrusted;
  each_own_line(pem, 1, kDistrustLine, [&](std::string_view fields, std::size_t number) {
    if (distrusted.size() == kDistrustedMax) {
      unusable(origin, number, fmt::format("more than {} distrusts", kDistrustedMax),
               "a file of trusted CA certificates");
    }
    distrusted.push_back(parse_distrust_line(fields, origin, number));
  });
  return distrusted;
}

void let_public_vouch_for_clients(std::vector<Anchor>& anchors) {
  for (auto& anchor : anchors) {
    if (anchor.is_public && anchor.vouches_for_servers) anchor.vouches_for_clients = true;
  }
}

}  // namespace ipm::trust
