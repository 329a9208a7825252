#pragma once
// The bounds of this floor: what foreign bytes may cost.

#include <cstddef>

namespace ipm::pki {

inline constexpr std::size_t kCertificateBytesMax = 256U << 10U;  // DER; real ones take 1 to 8 KiB
inline constexpr std::size_t kRequestBytesMax = 256U << 10U;      // DER
inline constexpr std::size_t kKeyBytesMax = 64U << 10U;           // DER; RSA 8192 takes 5 KiB
inline constexpr std::size_t kCrlBytesMax = 64U << 20U;           // DER
inline constexpr std::size_t kPemBlocksMax = 20'000;              // in one text
inline constexpr std::size_t kNamesMax = 100;                     // in one SAN of ours
inline constexpr std::size_t kCommonNameBytesMax = 64;  // RFC 5280, appendix A: ub-common-name
inline constexpr int kRsaBitsMin = 2048;
inline constexpr int kRsaBitsMax =
    8192;  // Longer ones make each handshake cost a tenth of a second.
inline constexpr long kKeyIterationsMax = 10'000'000;  // PBKDF2 of an encrypted key: some seconds

}  // namespace ipm::pki
