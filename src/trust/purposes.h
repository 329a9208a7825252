#pragma once
// What a root may be trusted for, and how far: the words of NSS's trust objects, in every spelling
// that certdata.txt has had since 2000, and the choice among them.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ipm::trust {

// CKA_TRUST_…, in the order of certdata.txt's own header.
enum class TrustPurpose : std::uint8_t {
  DigitalSignature,
  NonRepudiation,
  KeyEncipherment,
  DataEncipherment,
  KeyAgreement,
  KeyCertSign,
  CrlSign,
  ServerAuth,
  ClientAuth,
  CodeSigning,
  EmailProtection,
  IpsecEndSystem,
  IpsecTunnel,
  IpsecUser,
  TimeStamping,
  StepUpApproved,
};
inline constexpr std::size_t kTrustPurposeCount = 16;

// The four levels that can be asked for, and those that only the old files know and that say
// nothing for or against a root.
enum class TrustLevel : std::uint8_t {
  MustVerifyTrust,   // No opinion: trusted only through another root.
  NotTrusted,        // Explicitly distrusted.
  Trusted,           // As itself, not as an issuer.
  TrustedDelegator,  // As an issuer: a root.
  Unknown,
  Valid,
  ValidDelegator,
};

struct TrustStatement {
  TrustPurpose purpose;
  TrustLevel level;

  bool operator==(const TrustStatement&) const = default;
};
using TrustStatements = std::vector<TrustStatement>;

bool vouches(const TrustStatements& statements, TrustPurpose purpose);    // Trusted…
bool distrusts(const TrustStatements& statements, TrustPurpose purpose);  // NotTrusted

std::string_view purpose_word(TrustPurpose purpose);  // "SERVER_AUTH"
std::string_view level_word(TrustLevel level);        // "TRUSTED_DELEGATOR"

// By the word alone, in upper case: "SERVER_AUTH".
std::optional<TrustPurpose> find_purpose(std::string_view word);
// The level of a value of certdata.txt: "CKT_NSS_TRUSTED_DELEGATOR", "CKT_NETSCAPE_UNTRUSTED".
std::optional<TrustLevel> find_level_value(std::string_view value);

// Which purposes at which levels. A root is chosen when any chosen purpose has any chosen level.
class Selection {
 public:
  // SERVER_AUTH as TRUSTED_DELEGATOR: what a TLS client needs.
  Selection();

  // "SERVER_AUTH,CLIENT_AUTH:TRUSTED_DELEGATOR"; words in any case, blanks allowed, ALL for all of
  // them. Throws Error{UsageWrong} for a word that does not exist and for an empty list.
  static Selection parse(std::string_view text);
  static Selection parse(std::string_view purposes, std::string_view levels);

  bool wants(const TrustStatements& statements) const;
  std::string text() const;  // "SERVER_AUTH, CLIENT_AUTH: TRUSTED_DELEGATOR"

 private:
  std::array<bool, kTrustPurposeCount> purposes_{};
  std::array<bool, 4> levels_{};
};

}  // namespace ipm::trust
