#pragma once
// Which signature algorithms and keys are accepted, judged on their DER (RFC 4055, 5480, 5758,
// 8410).

#include <cstdint>
#include <string>
#include <string_view>

#include "trust/path_rules.h"

namespace ipm::trust {

inline constexpr int kRsaBitsMin = 2048;
inline constexpr int kRsaBitsRelaxedMin = 1024;  // with weak-key relaxed
inline constexpr int kRsaBitsMax = 8192;         // these two bound the cost of a verification
inline constexpr int kRsaExponentBitsMax = 32;

enum class KeyType : std::uint8_t { Rsa, RsaPss, EllipticCurve, Edwards, Unknown };

// `encoding` is the whole SubjectPublicKeyInfo. Breaks of Key and WeakKey go to `problems`.
KeyType judge_key(std::string_view encoding, Problems& problems);

// `encoding` is an AlgorithmIdentifier. Breaks of SignatureAlgorithm and WeakDigest go to
// `problems`.
void judge_signature_algorithm(std::string_view encoding, Problems& problems);

}  // namespace ipm::trust
