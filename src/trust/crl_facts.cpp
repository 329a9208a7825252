#include "trust/crl_facts.h"

#include <algorithm>
#include <array>
#include <utility>

#include "trust/der.h"

namespace ipm::trust {
namespace {

constexpr std::size_t kCrlNumberBytesMax = 20;
constexpr int kReasonUnused = 7;
constexpr int kReasonMax = 10;

class CrlReader {
 public:
  explicit CrlReader(CrlFacts& facts) : facts_(facts) {}

  bool read() {
    const auto list = der::sole(facts_.der, der::kSequence);
    if (!list) return false;
    der::Reader outer(list->content);
    const auto signed_part = outer.next(der::kSequence);
    const auto algorithm = outer.next(der::kSequence);
    const auto signature = outer.next(der::kBitString);
    if (!signed_part || !algorithm || !signature || !outer.at_end()) return false;

    der::Reader fields(signed_part->content);
    std::optional<der::Element> version;
    if (fields.next_is(der::kInteger)) version = fields.next();
    if (!version) {
      complain("version 1", Rule::CrlNumber);
    } else if (der::small_integer(version->content) != 1) {
      complain("another version than 2");
    }
    const auto inner = fields.next(der::kSequence);
    const auto issuer = fields.next(der::kSequence);
    if (!inner || !issuer) return false;
    if (inner->encoding != algorithm->encoding) complain("two different signature algorithms");
    Problems signature_problems;
    judge_signature_algorithm(inner->encoding, signature_problems);
    for (const Problem& problem : signature_problems) complain(problem.found);
    auto name = DistinguishedName::parse(issuer->encoding);
    if (!name || name->empty()) return false;
    facts_.issuer = std::move(*name);
    return read_times(fields) && read_entries(fields) && read_list_extensions(fields);
  }

 private:
  void complain(std::string found, Rule rule = Rule::CrlContent) {
    facts_.problems.push_back({rule, std::move(found)});
  }

  bool read_times(der::Reader& fields) {
    const auto first = fields.next();
    if (!first) return false;
    const auto this_update = der::time(*first);
    if (!this_update) return false;
    facts_.this_update = this_update->when;
    bool right_kind = this_update->right_kind;
    if (fields.next_is(der::kUtcTime) || fields.next_is(der::kGeneralizedTime)) {
      const auto second = fields.next();
      const auto next_update = second ? der::time(*second) : std::nullopt;
      if (!next_update) return false;
      facts_.next_update = next_update->when;
      right_kind = right_kind && next_update->right_kind;
    } else {
      complain("no nextUpdate");
    }
    if (!right_kind) complain("GeneralizedTime for a year before 2050");
    return true;
  }

  bool read_entries(der::Reader& fields) {
    if (!fields.next_is(der::kSequence)) return true;
    const auto list = fields.next();
    if (!list) return false;
    if (list->content.empty()) complain("an empty list of entries, which should be absent");
    der::Reader entries(list->content);
    while (!entries.at_end()) {
      const auto element = entries.next(der::kSequence);
      if (!element || facts_.entries.size() == kCrlEntriesMax) return false;
      der::Reader entry(element->content);
      const auto serial = entry.next(der::kInteger);
      const auto when = entry.next();
      if (!serial || !der::is_minimal_integer(serial->content) || !when || !der::time(*when)) {
        return false;
      }
      RevokedEntry revoked{serial->content, std::nullopt};
      if (!entry.at_end() && !read_entry_extensions(entry, revoked)) return false;
      facts_.entries.push_back(revoked);
    }
    std::ranges::sort(facts_.entries, {}, &RevokedEntry::serial);
    if (std::ranges::adjacent_find(facts_.entries, {}, &RevokedEntry::serial) !=
        facts_.entries.end()) {
      complain("a serial number twice");
    }
    return true;
  }

  bool read_entry_extensions(der::Reader& entry, RevokedEntry& revoked) {
    const auto list = entry.next(der::kSequence);
    if (!list || list->content.empty() || !entry.at_end()) return false;
    der::Reader extensions(list->content);
    std::array<bool, 3> seen{};
    while (!extensions.at_end()) {
      const auto extension = read_extension(extensions);
      if (!extension) return false;
      if (extension->oid == oid::kReasonCode) {
        if (std::exchange(seen[0], true) || !read_reason(*extension, revoked)) return false;
      } else if (extension->oid == oid::kInvalidityDate) {
        if (std::exchange(seen[1], true)) return false;
      } else if (extension->oid == oid::kCertificateIssuer) {
        if (!std::exchange(seen[2], true)) complain("an indirect list, with entries of other CAs");
      } else if (extension->critical) {
        complain("an entry with the critical extension " + der::dotted(extension->oid));
      }
    }
    return true;
  }

  bool read_reason(const RawExtension& extension, RevokedEntry& revoked) {
    const auto element = der::sole(extension.value, der::kEnumerated);
    const auto code = element ? der::small_integer(element->content) : std::nullopt;
    if (!code || *code > kReasonMax || *code == kReasonUnused) return false;
    if (*code == kRemoveFromCrl) complain("removeFromCRL, which only a delta list may have");
    revoked.reason = static_cast<int>(*code);
    return true;
  }

  bool read_list_extensions(der::Reader& fields) {
    if (fields.at_end()) return complain("no CRL number", Rule::CrlNumber), true;
    const auto tagged = fields.next(der::context_constructed(0));
    if (!tagged || !fields.at_end()) return false;
    const auto list = der::sole(tagged->content, der::kSequence);
    if (!list || list->content.empty()) return false;
    std::vector<std::string_view> seen;
    der::Reader extensions(list->content);
    while (!extensions.at_end()) {
      const auto extension = read_extension(extensions);
      if (!extension || std::ranges::find(seen, extension->oid) != seen.end()) return false;
      seen.push_back(extension->oid);
      if (!read_list_extension(*extension)) return false;
    }
    if (facts_.number.empty()) complain("no CRL number", Rule::CrlNumber);
    return true;
  }

  bool read_list_extension(const RawExtension& extension) {
    if (extension.oid == oid::kCrlNumber) {
      const auto element = der::sole(extension.value, der::kInteger);
      if (!element || !der::is_minimal_integer(element->content) ||
          der::is_negative(element->content)) {
        return false;
      }
      facts_.number = element->content;
      if (extension.critical) complain("a critical CRL number", Rule::CrlNumber);
      if (facts_.number.size() > kCrlNumberBytesMax) complain("a CRL number above 20 octets");
    } else if (extension.oid == oid::kAuthorityKeyId) {
      facts_.issuer_reference = parse_issuer_reference(extension.value);
      if (!facts_.issuer_reference) return false;
      if (extension.critical) complain("a critical authority key identifier");
    } else if (extension.oid == oid::kDeltaCrl) {
      complain("a delta list");
      facts_.is_delta = true;
    } else if (extension.oid == oid::kIssuingDistributionPoint) {
      facts_.scope_encoding = extension.value;
      if (!read_scope(extension.value)) return false;
      if (!extension.critical) complain("an issuing distribution point not marked critical");
    } else if (extension.critical) {
      complain("the critical extension " + der::dotted(extension.oid));
    }
    return true;
  }

  // RFC 5280, 5.2.5; of a distribution point's names URIs alone (CA/B BR 7.2.2.1).
  bool read_scope(std::string_view value) {
    const auto sequence = der::sole(value, der::kSequence);
    if (!sequence || sequence->content.empty()) return false;
    CrlScope scope;
    der::Reader reader(sequence->content);
    if (reader.next_is(der::context_constructed(0))) {
      const auto point = reader.next();
      const auto names =
          point ? der::sole(point->content, der::context_constructed(0)) : std::nullopt;
      const auto full_name = names ? parse_general_names(names->content) : std::nullopt;
      if (!full_name || full_name->empty()) {
        complain("a scope that is not named by URIs", Rule::CrlScope);
      } else {
        for (const GeneralName& name : *full_name) {
          if (name.kind != NameKind::Uri)
            complain("a scope with a name that is no URI", Rule::CrlScope);
          scope.uris.push_back(name.value);
        }
      }
    }
    bool attributes_only = false;
    bool indirect = false;
    if (!read_flag(reader, 1, scope.users_only)) return false;
    if (!read_flag(reader, 2, scope.authorities_only)) return false;
    if (reader.next_is(der::context(3))) {
      if (!reader.next()) return false;
      complain("a list for some reasons alone", Rule::CrlScope);
    }
    if (!read_flag(reader, 4, indirect) || !read_flag(reader, 5, attributes_only)) return false;
    if (indirect) complain("an indirect list");
    if (attributes_only) complain("a list of attribute certificates alone", Rule::CrlScope);
    if (scope.users_only && scope.authorities_only) return false;
    facts_.scope = std::move(scope);
    return reader.at_end();
  }

  static bool read_flag(der::Reader& reader, unsigned number, bool& flag) {
    if (!reader.next_is(der::context(number))) return true;
    const auto element = reader.next();
    const auto value = element ? der::boolean(element->content) : std::nullopt;
    if (!value) return false;
    flag = *value;
    return true;
  }

  CrlFacts& facts_;
};

}  // namespace

const RevokedEntry* CrlFacts::find(std::string_view serial) const {
  const auto found = std::ranges::lower_bound(entries, serial, {}, &RevokedEntry::serial);
  return found != entries.end() && found->serial == serial ? &*found : nullptr;
}

void read_crl(const pki::Crl& crl, CrlFacts& facts) {
  facts.crl = crl;
  facts.der = crl.der();
  if (!CrlReader(facts).read()) {
    facts.problems.push_back(
        {Rule::CrlContent, "a list that is not written as its standard wants it"});
  }
}

std::string_view reason_word(int code) {
  static constexpr std::array<std::string_view, 11> kWords{
      "unspecified",   "keyCompromise",        "cACompromise",    "affiliationChanged",
      "superseded",    "cessationOfOperation", "certificateHold", "",
      "removeFromCRL", "privilegeWithdrawn",   "aACompromise"};
  return code >= 0 && static_cast<std::size_t>(code) < kWords.size()
             ? kWords[static_cast<std::size_t>(code)]
             : std::string_view();
}

}  // namespace ipm::trust
