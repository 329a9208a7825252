#include "tls/lists_in_force.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "pki/signature.h"
#include "trust/distinguished_name.h"

namespace ipm::tls {
namespace {

constexpr std::string_view kScope = "2.5.29.28";  // issuingDistributionPoint
constexpr std::string_view kDelta = "2.5.29.27";  // deltaCRLIndicator

bool is_named(const pki::Crl& list, const trust::Anchor& anchor) {
  const std::string issuer = list.issuer_der();
  const std::string subject = anchor.certificate.subject_der();
  if (issuer == subject) return true;
  const auto name = trust::DistinguishedName::parse(issuer);
  const auto other = trust::DistinguishedName::parse(subject);
  return name && other && *name == *other;
}

// Numbers count for one key and one scope: both, and whether it is a delta list, as text.
std::string series_of(const pki::Crl& list, std::span<const trust::Anchor> anchors) {
  std::string series = list.issuer_der();
  for (const auto& extension : list.extensions()) {
    if (extension.oid == kScope || extension.oid == kDelta) series += extension.oid;
    if (extension.oid == kScope) series += extension.value;
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

std::size_t lost_entries(const pki::Crl& from, const pki::Crl& to) {
  std::unordered_set<std::string> kept;
  for (auto& entry : to.revocations()) kept.insert(std::move(entry.serial));
  const auto before = from.revocations();
  return static_cast<std::size_t>(std::ranges::count_if(
      before, [&](const pki::Revocation& entry) { return !kept.contains(entry.serial); }));
}

// Why `next` does not take `before` forward; nothing where it does.
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
  if (next.this_update() < before.this_update()) return older();
  if (const auto lost = lost_entries(before, next); lost != 0) {
    return fmt::format("has one of the same number without {} of its entries", lost);
  }
  return std::nullopt;
}

Notice kept_notice(const pki::Crl& list, const std::filesystem::path& file,
                   std::string_view reason) {
  return {
      Message::RevocationListKept,
      fmt::format("the revocation list of {} (number {}, {} entries, to be replaced by {}) stays "
                  "in force, for {} {}",
                  printable(list.issuer()), list.number().value_or("-"), list.size(),
                  list.next_update() ? to_certificate_time(*list.next_update()) : "-",
                  file.string(), reason)};
}

bool is_over(const pki::Crl& list, const ListChange& change) {
  const auto names = [&](const trust::Anchor& anchor) { return is_named(list, anchor); };
  return list.next_update() && change.now > *list.next_update() &&
         std::ranges::none_of(change.anchors, names);
}

}  // namespace

ListsInForce take_forward(ListChange change) {
  ListsInForce result;
  std::vector<pki::Crl>& found = change.found.lists;
  std::vector<pki::Crl> stay;
  for (const pki::Crl& list : change.before) {
    const std::string der = list.der();
    if (std::ranges::any_of(found, [&](const pki::Crl& one) { return one.der() == der; })) continue;
    if (is_over(list, change)) continue;
    const std::string series = series_of(list, change.anchors);
    bool is_followed = false;
    std::string reason =
        change.found.trouble.empty() ? "has none of this CA's key any more" : change.found.trouble;
    std::erase_if(found, [&](const pki::Crl& next) {
      if (next.issuer_der() != list.issuer_der() || series_of(next, change.anchors) != series) {
        return false;
      }
      auto backwards = complaint(list, next);
      if (backwards) {
        reason = *std::move(backwards);
        return true;
      }
      is_followed = true;
      return false;
    });
    if (is_followed) continue;
    stay.push_back(list);
    result.kept.push_back(kept_notice(list, change.file, reason));
  }
  result.lists = std::move(found);
  result.lists.insert(result.lists.end(), stay.begin(), stay.end());
  return result;
}

std::vector<pki::Crl> remembered_lists(const std::filesystem::path& memory) {
  const auto text = find_file(memory, kBundleFileBytesMax);
  if (!text || trim(*text).empty()) return {};
  return pki::Crl::parse_all(*text, memory.string());
}

void remember_lists(const std::filesystem::path& memory, const std::vector<pki::Crl>& lists) {
  std::string text;
  for (const pki::Crl& list : lists) text += list.pem();
  if (find_file(memory, kBundleFileBytesMax).value_or("") != text) write_file({memory, text});
}

std::string describe_lists(const std::vector<pki::Crl>& lists) {
  if (lists.empty()) return "no revocation list";
  std::size_t entries = 0;
  for (const pki::Crl& list : lists) entries += list.size();
  return fmt::format("{} revocation list{} with {} entr{}", lists.size(),
                     lists.size() == 1 ? "" : "s", entries, entries == 1 ? "y" : "ies");
}

}  // namespace ipm::tls
