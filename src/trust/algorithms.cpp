#include "trust/algorithms.h"

#include <algorithm>
#include <array>
#include <bit>
#include <optional>

#include "trust/der.h"

namespace ipm::trust {
namespace {

using namespace std::string_view_literals;

// What an AlgorithmIdentifier holds.
struct Algorithm {
  std::string_view oid;
  std::string_view parameters;  // encoding; empty when absent
};

std::optional<Algorithm> parse_algorithm(std::string_view encoding) {
  const auto sequence = der::sole(encoding, der::kSequence);
  if (!sequence) return std::nullopt;
  der::Reader reader(sequence->content);
  const auto oid = reader.next(der::kObjectIdentifier);
  if (!oid) return std::nullopt;
  Algorithm algorithm{oid->content, {}};
  if (!reader.at_end()) {
    const auto parameters = reader.next();
    if (!parameters || !reader.at_end()) return std::nullopt;
    algorithm.parameters = parameters->encoding;
  }
  return algorithm;
}

constexpr auto kNull = "\x05\x00"sv;
constexpr auto kRsaEncryption = "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"sv;
constexpr auto kRsaPss = "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a"sv;
constexpr auto kMaskGeneration = "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x08"sv;
constexpr auto kEcPublicKey = "\x2a\x86\x48\xce\x3d\x02\x01"sv;
constexpr auto kEd25519 = "\x2b\x65\x70"sv;
constexpr auto kEd448 = "\x2b\x65\x71"sv;

enum class Parameters : std::uint8_t { NullOrAbsent, Absent };
struct SignatureRow {
  std::string_view oid;
  std::string_view name;
  Parameters parameters;
  bool weak;
};
constexpr std::array kSignatures{
    SignatureRow{"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b"sv, "RSA with SHA-256",
                 Parameters::NullOrAbsent, false},
    SignatureRow{"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0c"sv, "RSA with SHA-384",
                 Parameters::NullOrAbsent, false},
    SignatureRow{"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0d"sv, "RSA with SHA-512",
                 Parameters::NullOrAbsent, false},
    SignatureRow{"\x2a\x86\x48\xce\x3d\x04\x03\x02"sv, "ECDSA with SHA-256", Parameters::Absent,
                 false},
    SignatureRow{"\x2a\x86\x48\xce\x3d\x04\x03\x03"sv, "ECDSA with SHA-384", Parameters::Absent,
                 false},
    SignatureRow{"\x2a\x86\x48\xce\x3d\x04\x03\x04"sv, "ECDSA with SHA-512", Parameters::Absent,
                 false},
    SignatureRow{kEd25519, "Ed25519", Parameters::Absent, false},
    SignatureRow{kEd448, "Ed448", Parameters::Absent, false},
    SignatureRow{"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x05"sv, "RSA with SHA-1",
                 Parameters::NullOrAbsent, true},
    SignatureRow{"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0e"sv, "RSA with SHA-224",
                 Parameters::NullOrAbsent, true},
    SignatureRow{"\x2a\x86\x48\xce\x3d\x04\x01"sv, "ECDSA with SHA-1", Parameters::Absent, true},
    SignatureRow{"\x2a\x86\x48\xce\x3d\x04\x03\x01"sv, "ECDSA with SHA-224", Parameters::Absent,
                 true},
};

// Names for what is never accepted, so that the message says more than numbers.
struct OtherRow {
  std::string_view oid;
  std::string_view name;
};
constexpr std::array kOthers{
    OtherRow{"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x02"sv, "RSA with MD2"},
    OtherRow{"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x03"sv, "RSA with MD4"},
    OtherRow{"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x04"sv, "RSA with MD5"},
    OtherRow{"\x2a\x86\x48\xce\x38\x04\x01"sv, "DSA"},
    OtherRow{"\x2a\x86\x48\xce\x38\x04\x03"sv, "DSA with SHA-1"},
    OtherRow{"\x60\x86\x48\x01\x65\x03\x04\x03\x01"sv, "DSA with SHA-224"},
    OtherRow{"\x60\x86\x48\x01\x65\x03\x04\x03\x02"sv, "DSA with SHA-256"},
    OtherRow{"\x2b\x65\x6e"sv, "X25519"},
    OtherRow{"\x2b\x65\x6f"sv, "X448"},
    OtherRow{"\x2a\x86\x48\xce\x3d\x03\x01\x01"sv, "P-192"},
    OtherRow{"\x2b\x81\x04\x00\x21"sv, "P-224"},
    OtherRow{"\x2b\x81\x04\x00\x0a"sv, "secp256k1"},
};

std::string algorithm_name(std::string_view oid) {
  const auto* known = std::ranges::find(kOthers, oid, &OtherRow::oid);
  return known != kOthers.end() ? std::string(known->name) : der::dotted(oid);
}

struct HashRow {
  std::string_view oid;
  long salt_bytes;
};
constexpr std::array kPssHashes{
    HashRow{"\x60\x86\x48\x01\x65\x03\x04\x02\x01"sv, 32},
    HashRow{"\x60\x86\x48\x01\x65\x03\x04\x02\x02"sv, 48},
    HashRow{"\x60\x86\x48\x01\x65\x03\x04\x02\x03"sv, 64},
};

const HashRow* find_hash(std::string_view algorithm_encoding) {
  const auto hash = parse_algorithm(algorithm_encoding);
  if (!hash || (!hash->parameters.empty() && hash->parameters != kNull)) return nullptr;
  const auto* row = std::ranges::find(kPssHashes, hash->oid, &HashRow::oid);
  return row == kPssHashes.end() ? nullptr : row;
}

// RFC 4055, 3.1: one SHA-2 hash for message and mask, a salt as long as the hash, the usual
// trailer.
bool is_sound_pss(std::string_view parameters) {
  const auto sequence = der::sole(parameters, der::kSequence);
  if (!sequence) return false;
  der::Reader reader(sequence->content);
  const auto hash = reader.next(der::context_constructed(0));
  const auto mask = reader.next(der::context_constructed(1));
  const auto salt = reader.next(der::context_constructed(2));
  if (!hash || !mask || !salt || !reader.at_end()) return false;
  const auto mask_algorithm = parse_algorithm(mask->content);
  const HashRow* row = find_hash(hash->content);
  if (row == nullptr || !mask_algorithm || mask_algorithm->oid != kMaskGeneration) return false;
  const auto salt_integer = der::sole(salt->content, der::kInteger);
  return find_hash(mask_algorithm->parameters) == row && salt_integer &&
         der::small_integer(salt_integer->content) == row->salt_bytes;
}

struct CurveRow {
  std::string_view oid;
  std::size_t coordinate_bytes;
};
constexpr std::array kCurves{
    CurveRow{"\x2a\x86\x48\xce\x3d\x03\x01\x07"sv, 32},
    CurveRow{"\x2b\x81\x04\x00\x22"sv, 48},
    CurveRow{"\x2b\x81\x04\x00\x23"sv, 66},
};

int bit_length(std::string_view integer_content) {
  while (!integer_content.empty() && integer_content.front() == '\0') {
    integer_content.remove_prefix(1);
  }
  if (integer_content.empty()) return 0;
  return static_cast<int>(integer_content.size() - 1) * 8 +
         std::bit_width(static_cast<unsigned>(static_cast<std::uint8_t>(integer_content.front())));
}

KeyType refuse(Problems& problems, std::string found) {
  problems.push_back({Rule::Key, std::move(found)});
  return KeyType::Unknown;
}

bool is_natural(const std::optional<der::Element>& integer) {
  return integer && der::is_minimal_integer(integer->content) &&
         !der::is_negative(integer->content);
}

KeyType judge_rsa(KeyType type, std::string_view bits, Problems& problems) {
  const auto sequence = der::sole(bits, der::kSequence);
  if (!sequence) return refuse(problems, "a damaged RSA key");
  der::Reader reader(sequence->content);
  const auto modulus = reader.next(der::kInteger);
  const auto exponent = reader.next(der::kInteger);
  if (!is_natural(modulus) || !is_natural(exponent) || !reader.at_end()) {
    return refuse(problems, "a damaged RSA key");
  }
  const int size = bit_length(modulus->content);
  if (size < kRsaBitsRelaxedMin || size > kRsaBitsMax) {
    return refuse(problems, "an RSA key of " + std::to_string(size) + " bits");
  }
  if (size < kRsaBitsMin || size % 8 != 0) {
    problems.push_back({Rule::WeakKey, "an RSA key of " + std::to_string(size) + " bits"});
  }
  const bool odd = (static_cast<std::uint8_t>(exponent->content.back()) & 1U) != 0;
  const bool modulus_odd = (static_cast<std::uint8_t>(modulus->content.back()) & 1U) != 0;
  if (!odd || !modulus_odd || bit_length(exponent->content) < 2 ||
      bit_length(exponent->content) > kRsaExponentBitsMax) {
    return refuse(problems, "an RSA key with a senseless exponent or modulus");
  }
  return type;
}

KeyType judge_curve(std::string_view parameters, std::string_view point, Problems& problems) {
  const auto oid = der::sole(parameters, der::kObjectIdentifier);
  if (!oid) return refuse(problems, "an elliptic curve that is not named");
  const auto* curve = std::ranges::find(kCurves, oid->content, &CurveRow::oid);
  if (curve == kCurves.end()) {
    return refuse(problems, "a key on the curve " + algorithm_name(oid->content));
  }
  const bool whole = point.size() == 1 + 2 * curve->coordinate_bytes && point.front() == 4;
  const bool compressed =
      point.size() == 1 + curve->coordinate_bytes && (point.front() == 2 || point.front() == 3);
  if (!whole && !compressed) return refuse(problems, "a damaged elliptic curve point");
  return KeyType::EllipticCurve;
}

}  // namespace

KeyType judge_key(std::string_view encoding, Problems& problems) {
  const auto sequence = der::sole(encoding, der::kSequence);
  if (!sequence) return refuse(problems, "a damaged public key");
  der::Reader reader(sequence->content);
  const auto algorithm_element = reader.next(der::kSequence);
  const auto bits_element = reader.next(der::kBitString);
  if (!algorithm_element || !bits_element || !reader.at_end()) {
    return refuse(problems, "a damaged public key");
  }
  const auto algorithm = parse_algorithm(algorithm_element->encoding);
  const auto bits = der::bit_string(bits_element->content);
  if (!algorithm || !bits || bits->unused != 0) return refuse(problems, "a damaged public key");
  if (algorithm->oid == kRsaEncryption && algorithm->parameters == kNull) {
    return judge_rsa(KeyType::Rsa, bits->bytes, problems);
  }
  if (algorithm->oid == kRsaPss &&
      (algorithm->parameters.empty() || is_sound_pss(algorithm->parameters))) {
    return judge_rsa(KeyType::RsaPss, bits->bytes, problems);
  }
  if (algorithm->oid == kEcPublicKey) {
    return judge_curve(algorithm->parameters, bits->bytes, problems);
  }
  if ((algorithm->oid == kEd25519 && bits->bytes.size() == 32) ||
      (algorithm->oid == kEd448 && bits->bytes.size() == 57)) {
    if (algorithm->parameters.empty()) return KeyType::Edwards;
  }
  return refuse(problems, "a key of the kind " + algorithm_name(algorithm->oid) +
                              " or with parameters that its kind does not have");
}

void judge_signature_algorithm(std::string_view encoding, Problems& problems) {
  const auto algorithm = parse_algorithm(encoding);
  if (!algorithm) {
    problems.push_back({Rule::SignatureAlgorithm, "a damaged signature algorithm"});
    return;
  }
  if (algorithm->oid == kRsaPss) {
    if (is_sound_pss(algorithm->parameters)) return;
    problems.push_back({Rule::SignatureAlgorithm, "RSASSA-PSS with unusual parameters"});
    return;
  }
  const auto* row = std::ranges::find(kSignatures, algorithm->oid, &SignatureRow::oid);
  if (row == kSignatures.end()) {
    problems.push_back({Rule::SignatureAlgorithm, algorithm_name(algorithm->oid)});
    return;
  }
  const bool null_allowed = row->parameters == Parameters::NullOrAbsent;
  if (!algorithm->parameters.empty() && !(null_allowed && algorithm->parameters == kNull)) {
    problems.push_back(
        {Rule::SignatureAlgorithm, std::string(row->name) + " with parameters it may not have"});
  }
  if (row->weak) problems.push_back({Rule::WeakDigest, std::string(row->name)});
}

}  // namespace ipm::trust
