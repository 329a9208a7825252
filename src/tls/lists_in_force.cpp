#include "tls/lists_in_force.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "os/error.h"
#include "os/file.h"
#include "pki/signature.h"
#include "pki/wanted.h"
#include "tls/limits.h"
#include "trust/distinguished_name.h"

namespace ipm::tls {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kScope = "2.5.29.28";  // issuingDistributionPoint
constexpr std::string_view kDelta = "2.5.29.27";  // deltaCRLIndicator
constexpr std::string_view kBlockOpening = "-----BEGIN ";
// The first line of a memory: a file that lost some of its lists, or all, is damaged.
constexpr std::string_view kMemoryOpening = "# Revocation lists in force, kept by ipmd: ";

bool is_named(const pki::Crl& list, const trust::Anchor& anchor) {
  return trust::same_name(list.issuer_der(), anchor.certificate.subject_der());
}

bool is_delta(const pki::Crl& list) {
  return std::ranges::any_of(
      list.extensions(), [](const pki::Extension& extension) { return extension.oid == kDelta; });
}

// Numbers count for one key and one scope: both as text.
std::string series_of(const pki::Crl& list, std::span<const trust::Anchor> anchors) {
  std::string series;
  for (const auto& extension : list.extensions()) {
    if (extension.oid == kScope) series += extension.oid + extension.value;
  }
  for (const auto& anchor : anchors) {
    if (is_named(list, anchor) && pki::crl_signature_holds(list, anchor.certificate)) {
      return series + " key " + anchor.certificate.public_key().der();
    }
  }
  return series + " named " + list.authority_key_identifier();
}

// Decimal digits without leading zeros.
int compare_numbers(const std::string& a, const std::string& b) {
  if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
  return a.compare(b);
}

// Why `next`, of the same series, does not take `before` forward; nothing where it does.
std::optional<std::string> complaint(const pki::Crl& before, const pki::Crl& next) {
  const auto older = [&] {
    return fmt::format("has an older one of {}", to_certificate_time(next.this_update()));
  };
  if (!before.number() || !next.number()) {
    if (next.this_update() < before.this_update()) return older();
    return std::nullopt;
  }
  const int order = compare_numbers(*next.number(), *before.number());
  if (order > 0) return std::nullopt;
  if (order < 0) return fmt::format("has an older one, of number {}", *next.number());
  // A complete list has all that the delta list of its number says (RFC 5280, 5.2.4).
  if (is_delta(before) && !is_delta(next)) return std::nullopt;
  if (next.this_update() < before.this_update()) return older();
  if (const auto lost = before.missing_in(next).count; lost != 0) {
    return fmt::format("has one of the same number without {} of its entries", lost);
  }
  return std::nullopt;
}

std::string digest_of(const pki::Crl& list) {
  return to_hex(pki::sha256(list.der()));
}

std::string named(const pki::Crl& list) {
  return fmt::format("the revocation list of {} (number {}, {} entries, to be replaced by {})",
                     printable(list.issuer()), list.number().value_or("-"), list.size(),
                     list.next_update() ? to_certificate_time(*list.next_update()) : "-");
}

Notice kept_notice(const pki::Crl& list, const ListChange& change, std::string_view reason) {
  std::string text =
      fmt::format("{} stays in force, for {} {}", named(list), change.file.string(), reason);
  if (change.memory) {
    text += fmt::format(
        "; mend: put the list back; or on the machine with the CA, with a copy of {}: ipm ca "
        "import FILE, then ipm ca crl, and copy its crl.pem here; to give this list up on purpose: "
        "ipm trust withdraw-list {}",
        change.memory->string(), digest_of(list).substr(0, kListNameDigits));
  }
  return {Message::RevocationListKept, std::move(text)};
}

// Entries that went: the CA dropped expired certificates, or signed from an older copy of its folder.
std::optional<Notice> gone_notice(const pki::Crl& before, const pki::Crl& next) {
  const auto missing = before.missing_in(next);
  if (missing.count == 0) return std::nullopt;
  const auto more = missing.count - missing.serials.size();
  return Notice{
      Message::RevocationEntriesGone,
      fmt::format("the revocation list of {}, number {}, has no entry for {} of the certificates "
                  "that number {} revoked: serial {}{}; those that have not expired are admitted "
                  "again; mend: on the machine with the CA: ipm ca revoke FILE, for each "
                  "certificate that has not expired",
                  printable(next.issuer()), next.number().value_or("-"), missing.count,
                  before.number().value_or("-"), fmt::join(missing.serials, ", "),
                  more == 0 ? "" : fmt::format(" and {} more", more))};
}

Withdrawal parse_withdrawal(std::string_view line, const std::string& origin) {
  Withdrawal withdrawal;
  withdrawal.line = std::string(line);
  static constexpr std::string_view kDigest = "sha256=";
  auto fields = trim(line.substr(kWithdrawnLine.size()));
  const auto hex = trim(fields.substr(0, fields.find(';')));
  const auto bytes =
      hex.starts_with(kDigest) ? parse_hex(hex.substr(kDigest.size())) : std::nullopt;
  if (!bytes || bytes->size() != withdrawal.list.size()) {
    throw Error(Message::CrlUnusable,
                fmt::format("{} holds \"{}\", which names no list", origin, printable(line)),
                fmt::format("{} sha256=HEX, of 64 digits", kWithdrawnLine),
                "take that line out, and give the list up anew: ipm trust withdraw-list CA");
  }
  std::ranges::copy(*bytes, withdrawal.list.begin());
  return withdrawal;
}

bool is_withdrawn(const pki::Crl& list, const FoundLists& found) {
  if (found.withdrawn.empty()) return false;
  const auto digest = pki::sha256(list.der());
  return std::ranges::any_of(found.withdrawn,
                             [&](const Withdrawal& one) { return one.list == digest; });
}

// The number of lists that a memory says it holds; nothing where an earlier version wrote it.
std::optional<std::size_t> announced_lists(std::string_view text) {
  if (!text.starts_with(kMemoryOpening)) return std::nullopt;
  text.remove_prefix(kMemoryOpening.size());
  std::size_t count = 0;
  std::from_chars(text.data(), text.data() + text.size(), count);
  return count;
}

std::string memory_text(const std::vector<pki::Crl>& lists) {
  std::string text = fmt::format("{}{}\n", kMemoryOpening, lists.size());
  for (const pki::Crl& list : lists) text += list.pem();
  return text;
}

std::vector<pki::Crl> parse_memory(std::string_view text, const fs::path& memory) {
  const auto announced = announced_lists(text);
  if (announced == 0 && text.find(kBlockOpening) == std::string_view::npos) return {};
  auto lists = pki::Crl::parse_all(text, memory.string());
  if (announced && lists.size() != *announced) {
    throw Error(Message::CrlUnusable,
                fmt::format("{} holds {} of {} revocation lists", memory.string(), lists.size(),
                            *announced),
                "all of them");
  }
  return lists;
}

enum class Memory : std::uint8_t { AsWanted, Other, Damaged };

Memory compare_memory(const fs::path& memory, std::string_view wanted) {
  try {
    const auto text = find_file(memory, kListMemoryBytesMax);
    if (!text) return Memory::Other;
    if (*text == wanted) return Memory::AsWanted;
    parse_memory(*text, memory);
    return Memory::Other;
  } catch (const Error&) {
    return Memory::Damaged;
  }
}

}  // namespace

std::string withdrawal_line(const pki::Crl& list) {
  return fmt::format("{} sha256={}; number={}; issuer={}\n", kWithdrawnLine, digest_of(list),
                     list.number().value_or("-"), printable(list.issuer()));
}

FoundLists read_lists(std::string_view text, const std::string& origin) {
  FoundLists found;
  for (auto at = text.find(kWithdrawnLine); at != std::string_view::npos;
       at = text.find(kWithdrawnLine, at + 1)) {
    if (at != 0 && text[at - 1] != '\n' && text[at - 1] != '\r') continue;
    const auto end = std::min(text.find_first_of("\r\n", at), text.size());
    found.withdrawn.push_back(parse_withdrawal(text.substr(at, end - at), origin));
  }
  if (!found.withdrawn.empty() && text.find(kBlockOpening) == std::string_view::npos) return found;
  found.lists = pki::Crl::parse_all(text, origin);
  std::erase_if(found.lists, [&](const pki::Crl& list) { return is_withdrawn(list, found); });
  return found;
}

ListsInForce take_forward(ListChange change) {
  ListsInForce result;
  std::vector<pki::Crl>& found = change.found.lists;
  std::vector<pki::Crl> stay;
  for (const pki::Crl& list : change.before) {
    const std::string der = list.der();
    if (std::ranges::any_of(found, [&](const pki::Crl& one) { return one.der() == der; })) continue;
    if (is_withdrawn(list, change.found)) {
      result.withdrawn.push_back(
          {Message::RevocationListWithdrawn,
           fmt::format(
               "{} is withdrawn on purpose, by a line of {}: whoever it revoked is admitted",
               named(list), change.file.string())});
      continue;
    }
    const std::string series = series_of(list, change.anchors);
    std::optional<pki::Crl> follower;  // the newest
    std::string reason =
        change.found.trouble.empty() ? "has none of this CA's key any more" : change.found.trouble;
    std::erase_if(found, [&](const pki::Crl& next) {
      if (!trust::same_name(next.issuer_der(), list.issuer_der()) ||
          series_of(next, change.anchors) != series || (is_delta(next) && !is_delta(list))) {
        return false;
      }
      auto backwards = complaint(list, next);
      if (backwards) {
        reason = *std::move(backwards);
        // A complete list that is older than a delta list stands beside it.
        return is_delta(next) == is_delta(list);
      }
      if (!follower || !complaint(*follower, next)) follower = next;
      return false;
    });
    if (!follower) {
      stay.push_back(list);
      result.kept.push_back(kept_notice(list, change, reason));
    } else if (!is_delta(list)) {
      if (auto gone = gone_notice(list, *follower)) result.kept.push_back(*std::move(gone));
    }
  }
  result.lists = std::move(found);
  result.lists.insert(result.lists.end(), stay.begin(), stay.end());
  return result;
}

std::vector<pki::Crl> remembered_lists(const fs::path& memory) {
  const auto text = find_file(memory, kListMemoryBytesMax);
  if (!text) return {};
  return parse_memory(*text, memory);
}

std::optional<fs::path> remember_lists(const fs::path& memory, const std::vector<pki::Crl>& lists) {
  const std::string text = memory_text(lists);
  if (text.size() > kListMemoryBytesMax) {
    throw Error(Message::FileTooLarge, fmt::format("the lists in force take {} bytes", text.size()),
                fmt::format("at most {}", kListMemoryBytesMax),
                "give up those of CAs that are no more: ipm trust withdraw-list CA");
  }
  const Memory there = compare_memory(memory, text);
  if (there == Memory::AsWanted) return std::nullopt;
  std::optional<fs::path> aside;
  if (there == Memory::Damaged) aside = set_memory_aside(memory);
  write_file({memory, text});
  return aside;
}

fs::path set_memory_aside(const fs::path& memory) {
  fs::path aside = memory.string() + ".damaged";
  std::error_code failure;
  for (int copy = 2; fs::exists(aside, failure); ++copy) {
    aside = fmt::format("{}.damaged-{}", memory.string(), copy);
  }
  failure = os::replace(memory, aside);
  if (failure) {
    throw Error(Message::FileUnwritable,
                fmt::format("{} cannot be moved to {}: {}", memory.string(), aside.string(),
                            os::text_of(failure)),
                "a folder that this user may change",
                fmt::format("move it yourself: mv {} {}", pki::shell_word(memory.string()),
                            pki::shell_word(aside.string())));
  }
  return aside;
}

bool is_of_earlier_key(const pki::Crl& list, std::span<const trust::Anchor> anchors) {
  bool any_named = false;
  for (const auto& anchor : anchors) {
    if (!is_named(list, anchor)) continue;
    if (pki::crl_signature_holds(list, anchor.certificate)) return false;
    any_named = true;
  }
  return any_named;
}

std::string describe_lists(const std::vector<pki::Crl>& lists) {
  if (lists.empty()) return "no revocation list";
  std::size_t entries = 0;
  for (const pki::Crl& list : lists) entries += list.size();
  return fmt::format("{} revocation list{} with {} entr{}", lists.size(),
                     lists.size() == 1 ? "" : "s", entries, entries == 1 ? "y" : "ies");
}

}  // namespace ipm::tls
