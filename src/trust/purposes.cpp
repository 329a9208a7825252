#include "trust/purposes.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <utility>

#include "base/error.h"
#include "base/text.h"

namespace ipm::trust {
namespace {

constexpr std::array<std::string_view, kTrustPurposeCount> kPurposeWords = {
    "DIGITAL_SIGNATURE", "NON_REPUDIATION", "KEY_ENCIPHERMENT", "DATA_ENCIPHERMENT",
    "KEY_AGREEMENT",     "KEY_CERT_SIGN",   "CRL_SIGN",         "SERVER_AUTH",
    "CLIENT_AUTH",       "CODE_SIGNING",    "EMAIL_PROTECTION", "IPSEC_END_SYSTEM",
    "IPSEC_TUNNEL",      "IPSEC_USER",      "TIME_STAMPING",    "STEP_UP_APPROVED",
};
constexpr std::array<std::string_view, 7> kLevelWords = {
    "MUST_VERIFY_TRUST", "NOT_TRUSTED", "TRUSTED",         "TRUSTED_DELEGATOR",
    "TRUST_UNKNOWN",     "VALID",       "VALID_DELEGATOR",
};
constexpr std::size_t kSelectableLevels = 4;

// Until 2012 distrust was called UNTRUSTED, and "no opinion" MUST_VERIFY.
constexpr std::array<std::pair<std::string_view, TrustLevel>, 2> kOldLevelWords = {{
    {"UNTRUSTED", TrustLevel::NotTrusted},
    {"MUST_VERIFY", TrustLevel::MustVerifyTrust},
}};

std::string joined(std::span<const std::string_view> words) {
  return fmt::format("{}", fmt::join(words, ", "));
}

// Sets chosen[i] for each word of the list `text`.
void choose(std::string_view text, std::span<const std::string_view> words, std::span<bool> chosen,
            std::string_view kind) {
  for (const auto part : split(text, ',')) {
    const auto word = trim(part);
    if (equal_ascii_nocase(word, "ALL")) {
      std::ranges::fill(chosen, true);
      continue;
    }
    const auto at = std::ranges::find_if(
        words, [&](std::string_view known) { return equal_ascii_nocase(known, word); });
    if (at == words.end()) {
      throw Error(Message::UsageWrong,
                  word.empty() ? fmt::format("a trust {} is empty", kind)
                               : fmt::format("{} is no trust {}", printable(word, 60), kind),
                  fmt::format("ALL, or some of: {}", joined(words)));
    }
    chosen[static_cast<std::size_t>(at - words.begin())] = true;
  }
}

std::string chosen_words(std::span<const bool> chosen, std::span<const std::string_view> words) {
  std::vector<std::string_view> named;
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    if (chosen[i]) named.push_back(words[i]);
  }
  return named.size() == chosen.size() ? "ALL" : joined(named);
}

}  // namespace

bool vouches(const TrustStatements& statements, TrustPurpose purpose) {
  return std::ranges::any_of(statements, [&](const TrustStatement& statement) {
    return statement.purpose == purpose && (statement.level == TrustLevel::TrustedDelegator ||
                                            statement.level == TrustLevel::Trusted);
  });
}

bool distrusts(const TrustStatements& statements, TrustPurpose purpose) {
  return std::ranges::find(statements, TrustStatement{purpose, TrustLevel::NotTrusted}) !=
         statements.end();
}

std::string_view purpose_word(TrustPurpose purpose) {
  return kPurposeWords[static_cast<std::size_t>(purpose)];
}

std::string_view level_word(TrustLevel level) {
  return kLevelWords[static_cast<std::size_t>(level)];
}

std::optional<TrustPurpose> find_purpose(std::string_view word) {
  const auto at = std::ranges::find(kPurposeWords, word);
  if (at == kPurposeWords.end()) return std::nullopt;
  return static_cast<TrustPurpose>(at - kPurposeWords.begin());
}

std::optional<TrustLevel> find_level_value(std::string_view value) {
  static constexpr std::array<std::string_view, 2> kPrefixes = {"CKT_NSS_", "CKT_NETSCAPE_"};
  for (const auto prefix : kPrefixes) {
    if (!value.starts_with(prefix)) continue;
    const auto word = value.substr(prefix.size());
    for (const auto& [old, level] : kOldLevelWords) {
      if (word == old) return level;
    }
    const auto at = std::ranges::find(kLevelWords, word);
    if (at != kLevelWords.end()) return static_cast<TrustLevel>(at - kLevelWords.begin());
  }
  return std::nullopt;
}

Selection::Selection() {
  purposes_[static_cast<std::size_t>(TrustPurpose::ServerAuth)] = true;
  levels_[static_cast<std::size_t>(TrustLevel::TrustedDelegator)] = true;
}

Selection Selection::parse(std::string_view text) {
  const auto parts = split(text, ':');
  if (parts.size() != 2) {
    throw Error(Message::UsageWrong, fmt::format("\"{}\" is no selection", printable(text, 100)),
                "PURPOSES:LEVELS, such as SERVER_AUTH,CLIENT_AUTH:TRUSTED_DELEGATOR");
  }
  return parse(parts[0], parts[1]);
}

Selection Selection::parse(std::string_view purposes, std::string_view levels) {
  Selection selection;
  selection.purposes_ = {};
  selection.levels_ = {};
  choose(purposes, kPurposeWords, selection.purposes_, "purpose");
  choose(levels, std::span(kLevelWords).first(kSelectableLevels), selection.levels_, "level");
  return selection;
}

bool Selection::wants(const TrustStatements& statements) const {
  return std::ranges::any_of(statements, [&](const TrustStatement& statement) {
    const auto level = static_cast<std::size_t>(statement.level);
    return level < levels_.size() && levels_[level] &&
           purposes_[static_cast<std::size_t>(statement.purpose)];
  });
}

std::string Selection::text() const {
  return fmt::format("{}: {}", chosen_words(purposes_, kPurposeWords),
                     chosen_words(levels_, std::span(kLevelWords).first(kSelectableLevels)));
}

}  // namespace ipm::trust
