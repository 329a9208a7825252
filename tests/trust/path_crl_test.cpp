// Revocation lists (RFC 5280, 5 and 6.3): what a list must be to be believed, what it covers, and
// what it says.

#include <algorithm>

#include "path_case.h"
#include "pki/digest.h"

namespace ipm::trust::test {
namespace {

using namespace std::string_literals;

constexpr long kSerial = 4711;

// A list is there, and the leaf has a serial number that is known.
Scenario& listed(Scenario& s) {
  s.leaf.serial = der::integer(kSerial);
  return s.with_crl();
}
make::RevokedSpec entry(long serial) {
  return {.serial = der::integer(serial), .extensions = {}};
}
make::RevokedSpec entry_with(long serial, const std::string& oid, bool critical,
                             const std::string& value) {
  auto revoked = entry(serial);
  revoked.extensions.set(oid, critical, value);
  return revoked;
}
std::string reason(int code) {
  return der::element(0x0a, std::string(1, static_cast<char>(code)));
}

std::string point(const std::vector<std::string>& names) {
  std::string content;
  for (const std::string& name : names) content += name;
  return der::context_constructed(0, der::context_constructed(0, content));
}
void scope(Scenario& s, const std::string& content, bool critical = true) {
  s.crl.extensions.set(oid::kIssuingDistributionPoint, critical, der::element(0x30, content));
}
void distribution(Scenario& s, const std::string& content) {
  s.leaf.extensions.set(oid::kDistributionPoints, false, der::sequence({der::sequence({content})}));
}
const std::string kHere = make::uri("http://example.com/a.crl");
const std::string kThere = make::uri("http://example.com/b.crl");

std::string other_list(const Scenario& s, long number, const std::vector<long>& serials,
                       const make::Key& signer, const std::string& scope = "") {
  make::CrlSpec spec;
  if (!scope.empty()) {
    spec.extensions.set(oid::kIssuingDistributionPoint, true, der::element(0x30, scope));
  }
  spec.issuer = s.root.subject;
  spec.extensions.set(oid::kCrlNumber, false, der::integer(number));
  for (const long serial : serials) spec.revoked.push_back(entry(serial));
  return make::build(spec, signer);
}

std::string ended_list(const Scenario& s, const make::Key& signer) {
  make::CrlSpec spec;
  spec.issuer = s.root.subject;
  spec.next_update = der::utc_time("260601115959Z");
  spec.extensions.set(oid::kCrlNumber, false, der::integer(1));
  return make::build(spec, signer);
}

std::string delta_list(const Scenario& s, long number,
                       const std::vector<make::RevokedSpec>& revoked) {
  make::CrlSpec spec;
  spec.issuer = s.root.subject;
  spec.extensions.set(oid::kCrlNumber, false, der::integer(number))
      .set(oid::kDeltaCrl, true, der::integer(7));
  spec.revoked = revoked;
  return make::build(spec, s.root.key);
}

// Another anchor of the root's name, with key 9.
Scenario& trust_namesake(Scenario& s) {
  const auto other = authority_spec("Root", make::Key::p256(9));
  s.more_anchors.push_back(make::build(other, other.subject, other.key));
  return s;
}

// Another certificate of the intermediate's name, with key 9: sent by the peer.
void offer_list_signer(Scenario& s, const make::Key& issuer, unsigned usage = kListSign,
                       const std::string& not_after = {}, long serial = 0) {
  auto other = authority_spec("Intermediate", make::Key::p256(9));
  if (serial != 0) other.serial = der::integer(serial);
  other.extensions.set(oid::kKeyUsage, true, make::key_usage(usage))
      .set(oid::kAuthorityKeyId, false, make::authority_key_id(issuer.identifier()));
  if (!not_after.empty()) other.not_after = not_after;
  s.more_untrusted.push_back(make::build(other, s.root.subject, issuer));
}

const Case kCases[] = {
    {"an empty list", "", [](Scenario& s) { listed(s); }},
    {"a list without the leaf", "",
     [](Scenario& s) { listed(s).crl.revoked = {entry(1), entry(2)}; }},
    {"a list with the leaf", "B6",
     [](Scenario& s) { listed(s).crl.revoked = {entry(1), entry(kSerial)}; }},
    {"a list with the leaf and a reason", "B6",
     [](Scenario& s) {
       listed(s).crl.revoked = {entry_with(kSerial, oid::kReasonCode, false, reason(1))};
     }},
    {"on hold", "B6",
     [](Scenario& s) {
       listed(s).crl.revoked = {entry_with(kSerial, oid::kReasonCode, false, reason(6))};
     }},
    {"revoked in the future", "B6",
     [](Scenario& s) {
       listed(s).crl.revoked = {entry(kSerial)};
       s.crl.revoked[0].when = der::utc_time("270101000000Z");
     }},
    {"revoked before it was made", "B6",
     [](Scenario& s) {
       listed(s).crl.revoked = {entry(kSerial)};
       s.crl.revoked[0].when = der::utc_time("200101000000Z");
     }},
    {"no list where one is required", "crl-missing",
     [](Scenario& s) { s.options.crl_required = true; }},
    {"the list of another CA alone", "crl-missing",
     [](Scenario& s) { listed(s).crl.issuer = make::common_name("Another"); }},
    {"the same serial number on another CA's list", "",
     [](Scenario& s) {
       make::CrlSpec other;
       other.issuer = make::common_name("Another");
       other.extensions.set(oid::kCrlNumber, false, der::integer(1));
       other.revoked = {entry(kSerial)};
       listed(s).more_crls.push_back(make::build(other, make::Key::p256(9)));
     }},
    {"the list of an intermediate", "",
     [](Scenario& s) { listed(s.with_intermediate()).crl.revoked = {entry(1)}; }},
    {"the list of an intermediate with the leaf", "B6",
     [](Scenario& s) { listed(s.with_intermediate()).crl.revoked = {entry(kSerial)}; }},
    {"a revoked intermediate", "B6",
     [](Scenario& s) {
       listed(s.with_intermediate()).intermediate.serial = der::integer(99);
       s.more_crls.push_back(other_list(s, 1, {99}, s.root.key));
     }},

    // Who signed it
    {"a spoilt signature", "crl-issuer", [](Scenario& s) { listed(s).crl.spoil_signature = true; }},
    {"another key's signature", "crl-issuer",
     [](Scenario& s) { listed(s).crl_signer = make::Key::p256(9); }},
    {"a forged newer list beside the true one", "",
     [](Scenario& s) {
       listed(s).more_crls.push_back(other_list(s, 1000, {kSerial}, make::Key::p256(9)));
     }},
    {"the list of a CA of the same name made anew", "",
     [](Scenario& s) {
       make::CrlSpec old;
       old.issuer = s.root.subject;
       old.revoked = {entry(kSerial)};
       old.extensions.set(oid::kCrlNumber, false, der::integer(1))
           .set(oid::kAuthorityKeyId, false,
                make::authority_key_id(make::Key::p256(9).identifier()));
       s.leaf.serial = der::integer(kSerial);
       s.more_crls.push_back(make::build(old, make::Key::p256(9)));
     }},
    {"the list of a CA of the same name where one is required", "crl-missing",
     [](Scenario& s) {
       listed(s).crl_signer = make::Key::p256(9);
       s.crl.extensions.set(oid::kAuthorityKeyId, false,
                            make::authority_key_id(make::Key::p256(9).identifier()));
     }},
    {"an unusable list where none is required", "crl-issuer",
     [](Scenario& s) {
       s.leaf.serial = der::integer(kSerial);
       s.more_crls.push_back(other_list(s, 1, {}, make::Key::p256(9)));
     }},
    {"a CA that may not sign lists", "crl-issuer",
     [](Scenario& s) {
       listed(s).root.extensions.set(oid::kKeyUsage, true, make::key_usage(kCertSign));
     }},
    {"a CA without key usage", "",
     [](Scenario& s) { listed(s).root.extensions.drop(oid::kKeyUsage); }},
    {"an issuer name in other letters", "",
     [](Scenario& s) { listed(s).crl.issuer = make::common_name("ROOT"); }},
    {"an issuer name as another string type", "",
     [](Scenario& s) {
       listed(s).crl.issuer = make::distinguished_name({{"2.5.4.3", der::printable("Root")}});
     }},
    {"an issuer name as another string type, with the leaf", "B6",
     [](Scenario& s) {
       listed(s).crl.issuer = make::distinguished_name({{"2.5.4.3", der::printable("Root")}});
       s.crl.revoked = {entry(kSerial)};
     }},
    {"the issuer's key identifier", "",
     [](Scenario& s) {
       listed(s).crl.extensions.set(oid::kAuthorityKeyId, false,
                                    make::authority_key_id(s.root.key.identifier()));
     }},
    {"another key identifier", "crl-issuer",
     [](Scenario& s) {
       listed(s).crl.extensions.set(oid::kAuthorityKeyId, false, make::authority_key_id("other"));
     }},

    // A CA with a new key, or with one for lists only
    {"the list of a trusted certificate of the issuer's name", "",
     [](Scenario& s) {
       trust_namesake(listed(s));
       s.crl_signer = make::Key::p256(9);
     }},
    {"the leaf in the list of a trusted certificate of the issuer's name", "B6",
     [](Scenario& s) {
       trust_namesake(listed(s));
       s.crl_signer = make::Key::p256(9);
       s.crl.revoked = {entry(kSerial)};
     }},
    {"the same where none is required", "B6",
     [](Scenario& s) {
       trust_namesake(s);
       s.leaf.serial = der::integer(kSerial);
       s.more_crls.push_back(other_list(s, 1, {kSerial}, make::Key::p256(9)));
     }},
    {"the leaf in a trusted namesake's list beside the issuer's own", "B6",
     [](Scenario& s) {
       trust_namesake(listed(s));
       s.more_crls.push_back(other_list(s, 1, {kSerial}, make::Key::p256(9)));
     }},
    {"a trusted namesake's list that has ended beside the issuer's own", "",
     [](Scenario& s) {
       trust_namesake(listed(s));
       s.more_crls.push_back(ended_list(s, make::Key::p256(9)));
     }},
    {"a trusted namesake's list beside the issuer's own that has ended", "crl-time",
     [](Scenario& s) {
       trust_namesake(listed(s)).crl.next_update = der::utc_time("260601115959Z");
       s.more_crls.push_back(other_list(s, 1, {}, make::Key::p256(9)));
     }},
    {"a trusted namesake that may not sign lists", "crl-issuer",
     [](Scenario& s) {
       auto other = authority_spec("Root", make::Key::p256(9));
       other.extensions.set(oid::kKeyUsage, true, make::key_usage(kCertSign));
       listed(s).more_anchors.push_back(make::build(other, other.subject, other.key));
       s.crl_signer = make::Key::p256(9);
     }},
    {"the list of a certificate of the intermediate's name that the root vouches for", "",
     [](Scenario& s) {
       offer_list_signer(listed(s.with_intermediate()), s.root.key);
       s.crl_signer = make::Key::p256(9);
     }},
    {"the leaf in the list of such a certificate", "B6",
     [](Scenario& s) {
       offer_list_signer(listed(s.with_intermediate()), s.root.key);
       s.crl_signer = make::Key::p256(9);
       s.crl.revoked = {entry(kSerial)};
     }},
    {"the list of a certificate of the intermediate's name that nobody vouches for", "crl-issuer",
     [](Scenario& s) {
       offer_list_signer(listed(s.with_intermediate()), make::Key::p256(8));
       s.crl_signer = make::Key::p256(9);
     }},
    {"the list of such a certificate that has ended", "crl-issuer",
     [](Scenario& s) {
       offer_list_signer(listed(s.with_intermediate()), s.root.key, kListSign,
                         der::utc_time("260601000000Z"));
       s.crl_signer = make::Key::p256(9);
     }},
    {"the list of such a certificate that may not sign lists", "crl-issuer",
     [](Scenario& s) {
       offer_list_signer(listed(s.with_intermediate()), s.root.key, kCertSign);
       s.crl_signer = make::Key::p256(9);
     }},

    {"the list of such a certificate that is denied", "crl-issuer",
     [](Scenario& s) {
       offer_list_signer(listed(s.with_intermediate()), s.root.key);
       s.options.denied = {pki::sha256(s.more_untrusted.back())};
       s.crl_signer = make::Key::p256(9);
     }},
    {"the list of such a certificate that is revoked", "crl-issuer",
     [](Scenario& s) {
       offer_list_signer(listed(s.with_intermediate()), s.root.key, kListSign, {}, 99);
       s.more_crls.push_back(other_list(s, 1, {99}, s.root.key));
       s.crl_signer = make::Key::p256(9);
     }},
    {"the issuer's own delta list beside a trusted namesake's complete one", "crl-content",
     [](Scenario& s) {
       trust_namesake(s).leaf.serial = der::integer(kSerial);
       s.more_crls = {delta_list(s, 8, {}), other_list(s, 9, {}, make::Key::p256(9))};
       s.options.crl_required = true;
     }},
    {"the leaf in the issuer's own delta list beside a trusted namesake's complete one", "B6",
     [](Scenario& s) {
       trust_namesake(s).leaf.serial = der::integer(kSerial);
       s.more_crls = {delta_list(s, 8, {entry(kSerial)}), other_list(s, 9, {}, make::Key::p256(9))};
     }},

    // Complete and delta lists (RFC 5280, 5.2.4)
    {"a delta list beside a complete one", "",
     [](Scenario& s) { listed(s).more_crls.push_back(delta_list(s, 8, {})); }},
    {"the leaf in a delta list beside a complete one", "B6",
     [](Scenario& s) { listed(s).more_crls.push_back(delta_list(s, 8, {entry(kSerial)})); }},
    {"the leaf in an older delta list", "",
     [](Scenario& s) { listed(s).more_crls.push_back(delta_list(s, 6, {entry(kSerial)})); }},
    {"the leaf taken off by a delta list", "",
     [](Scenario& s) {
       listed(s).more_crls.push_back(
           delta_list(s, 8, {entry_with(kSerial, oid::kReasonCode, false, reason(8))}));
     }},
    {"the leaf taken off by a delta list, but on the complete one", "B6",
     [](Scenario& s) {
       listed(s).crl.revoked = {entry(kSerial)};
       s.more_crls.push_back(
           delta_list(s, 8, {entry_with(kSerial, oid::kReasonCode, false, reason(8))}));
     }},
    {"a delta list beside a complete one that has ended", "crl-time",
     [](Scenario& s) {
       listed(s).crl.next_update = der::utc_time("260601115959Z");
       s.more_crls.push_back(delta_list(s, 8, {}));
     }},

    // When it holds; `now` is 2026-06-01T12:00:00Z
    {"the last second of a list", "",
     [](Scenario& s) { listed(s).crl.next_update = der::utc_time("260601120000Z"); }},
    {"a list that has ended", "crl-time",
     [](Scenario& s) { listed(s).crl.next_update = der::utc_time("260601115959Z"); }},
    {"a list that has ended and has the leaf", "B6",
     [](Scenario& s) {
       listed(s).crl.next_update = der::utc_time("260601115959Z");
       s.crl.revoked = {entry(kSerial)};
     }},
    {"a list that has ended where such are used", "",
     [](Scenario& s) {
       listed(s).crl.next_update = der::utc_time("260601115959Z");
       s.options.stale_lists_count = true;
     }},
    {"the leaf in a list that has ended where such are used", "B6",
     [](Scenario& s) {
       listed(s).crl.next_update = der::utc_time("260601115959Z");
       s.crl.revoked = {entry(kSerial)};
       s.options.stale_lists_count = true;
     }},
    {"a list of the future where ended ones are used", "crl-time",
     [](Scenario& s) {
       listed(s).crl.this_update = der::utc_time("260601120001Z");
       s.options.stale_lists_count = true;
     }},
    {"a list of the future", "crl-time",
     [](Scenario& s) { listed(s).crl.this_update = der::utc_time("260601120001Z"); }},
    {"a list without an end", "crl-content", [](Scenario& s) { listed(s).crl.next_update = ""; }},
    {"GeneralizedTime before 2050", "crl-content",
     [](Scenario& s) { listed(s).crl.next_update = der::generalized_time("20260701000000Z"); }},
    {"an older list with the leaf", "",
     [](Scenario& s) { listed(s).more_crls.push_back(other_list(s, 6, {kSerial}, s.root.key)); }},
    {"a newer list with the leaf", "B6",
     [](Scenario& s) { listed(s).more_crls.push_back(other_list(s, 8, {kSerial}, s.root.key)); }},
    {"a list newer by more than a byte", "B6",
     [](Scenario& s) { listed(s).more_crls.push_back(other_list(s, 256, {kSerial}, s.root.key)); }},

    // What it is
    // RFC 5280 asks it of the CA; what the list says is sound all the same.
    {"version 1", "",
     [](Scenario& s) {
       listed(s).crl.version = "";
       s.crl.extensions = {};
     }},
    {"version 1 with the leaf", "B6",
     [](Scenario& s) {
       listed(s).crl.version = "";
       s.crl.extensions = {};
       s.crl.revoked = {entry(kSerial)};
     }},
    {"version 1, strictly", "crl-number",
     [](Scenario& s) {
       listed(s.strict()).crl.version = "";
       s.crl.extensions = {};
     }},
    {"no CRL number, strictly", "crl-number",
     [](Scenario& s) { listed(s.strict()).crl.extensions.drop(oid::kCrlNumber); }},
    {"no CRL number, strictly, relaxed", "",
     [](Scenario& s) {
       listed(s.strict().relax("crl-number")).crl.extensions.drop(oid::kCrlNumber);
     }},
    {"no CRL number, and a later list with the leaf", "B6",
     [](Scenario& s) {
       listed(s).crl.extensions.drop(oid::kCrlNumber);
       make::CrlSpec later;
       later.issuer = s.root.subject;
       later.this_update = der::utc_time("260601000000Z");
       later.revoked = {entry(kSerial)};
       s.more_crls.push_back(make::build(later, s.root.key));
     }},
    {"version 3", "crl-content", [](Scenario& s) { listed(s).crl.version = der::integer(2); }},
    {"no CRL number", "", [](Scenario& s) { listed(s).crl.extensions.drop(oid::kCrlNumber); }},
    {"a critical CRL number", "",
     [](Scenario& s) { listed(s).crl.extensions.set(oid::kCrlNumber, true, der::integer(7)); }},
    {"a CRL number of 20 octets", "",
     [](Scenario& s) {
       listed(s).crl.extensions.set(oid::kCrlNumber, false,
                                    der::element(0x02, std::string(20, '\x11')));
     }},
    {"a CRL number of 21 octets", "crl-content",
     [](Scenario& s) {
       listed(s).crl.extensions.set(oid::kCrlNumber, false,
                                    der::element(0x02, std::string(21, '\x11')));
     }},
    {"a negative CRL number", "crl-content",
     [](Scenario& s) { listed(s).crl.extensions.set(oid::kCrlNumber, false, der::integer(-1)); }},
    {"an unknown extension", "",
     [](Scenario& s) { listed(s).crl.extensions.set(oid::kUnknown, false, "x"); }},
    {"an unknown critical extension", "crl-content",
     [](Scenario& s) { listed(s).crl.extensions.set(oid::kUnknown, true, "x"); }},
    {"an extension twice", "crl-content",
     [](Scenario& s) {
       listed(s).crl.extensions.add(oid::kUnknown, false, "x").add(oid::kUnknown, false, "x");
     }},
    {"an entry with an unknown extension", "",
     [](Scenario& s) { listed(s).crl.revoked = {entry_with(1, oid::kUnknown, false, "x")}; }},
    {"an entry with an unknown critical extension", "crl-content",
     [](Scenario& s) { listed(s).crl.revoked = {entry_with(1, oid::kUnknown, true, "x")}; }},
    {"a serial number twice", "crl-content",
     [](Scenario& s) { listed(s).crl.revoked = {entry(1), entry(1)}; }},
    {"a delta list", "crl-content",
     [](Scenario& s) { listed(s).crl.extensions.set(oid::kDeltaCrl, true, der::integer(1)); }},
    {"removeFromCRL", "crl-content",
     [](Scenario& s) {
       listed(s).crl.revoked = {entry_with(1, oid::kReasonCode, false, reason(8))};
     }},
    {"a reason that is none", "crl-content",
     [](Scenario& s) {
       listed(s).crl.revoked = {entry_with(1, oid::kReasonCode, false, reason(7))};
     }},
    {"an entry of another CA", "crl-content",
     [](Scenario& s) {
       listed(s).crl.revoked = {entry_with(1, oid::kCertificateIssuer, true,
                                           make::names({make::directory(s.root.subject)}))};
     }},
    {"two algorithms", "crl-content",
     [](Scenario& s) {
       listed(s).crl.inner_algorithm = der::sequence({der::oid("1.2.840.10045.4.3.3")});
     }},
    {"two algorithms, and the signature of another key", "crl-content",
     [](Scenario& s) {
       listed(s).crl.inner_algorithm = der::sequence({der::oid("1.2.840.10045.4.3.3")});
       s.crl_signer = make::Key::p256(9);
     }},
    {"ten thousand entries", "",
     [](Scenario& s) {
       listed(s);
       for (long i = 0; i < 10'000; ++i) s.crl.revoked.push_back(entry(10'000 + i));
     }},

    // What it covers
    {"a list of users alone", "", [](Scenario& s) { scope(listed(s), der::context(1, "\xff")); }},
    {"a list of CAs alone", "crl-scope",
     [](Scenario& s) { scope(listed(s), der::context(2, "\xff")); }},
    {"a list of attribute certificates alone", "crl-scope",
     [](Scenario& s) { scope(listed(s), der::context(5, "\xff")); }},
    {"an indirect list", "crl-content",
     [](Scenario& s) { scope(listed(s), der::context(4, "\xff")); }},
    {"a list for some reasons alone", "crl-scope",
     [](Scenario& s) {
       distribution(s, point({kHere}));
       scope(listed(s), point({kHere}) + der::context(3, "\x05\x60"));
     }},
    {"a scope not marked critical", "crl-content",
     [](Scenario& s) { scope(listed(s), der::context(1, "\xff"), false); }},
    {"the leaf's distribution point", "",
     [](Scenario& s) {
       distribution(s, point({kHere}));
       scope(listed(s), point({kHere}));
     }},
    {"one of two distribution points", "",
     [](Scenario& s) {
       distribution(s, point({kThere, kHere}));
       scope(listed(s), point({kHere}));
     }},
    {"another distribution point", "crl-scope",
     [](Scenario& s) {
       distribution(s, point({kThere}));
       scope(listed(s), point({kHere}));
     }},
    {"a distribution point in other letters", "crl-scope",
     [](Scenario& s) {
       distribution(s, point({make::uri("http://example.com/%61.crl")}));
       scope(listed(s), point({kHere}));
     }},
    {"a distribution point that the leaf does not have", "crl-scope",
     [](Scenario& s) { scope(listed(s), point({kHere})); }},
    {"a distribution point with another kind of name", "crl-scope",
     [](Scenario& s) {
       distribution(s, point({kHere, make::dns("example.com")}));
       scope(listed(s), point({kHere}));
     }},
    {"a scope with another kind of name", "crl-scope",
     [](Scenario& s) {
       distribution(s, point({kHere}));
       scope(listed(s), point({kHere, make::dns("example.com")}));
     }},
    {"a scope relative to the issuer", "crl-scope",
     [](Scenario& s) {
       scope(listed(s),
             der::context_constructed(0, der::context_constructed(1, der::sequence({}))));
     }},
    // Lists of several scopes
    {"a list of users beside a newer one of CAs", "",
     [](Scenario& s) {
       scope(listed(s), der::context(1, "\xff"));
       s.more_crls.push_back(other_list(s, 99, {}, s.root.key, der::context(2, "\xff")));
     }},
    {"the leaf in a list of users beside a newer one of CAs", "B6",
     [](Scenario& s) {
       scope(listed(s), der::context(1, "\xff"));
       s.crl.revoked = {entry(kSerial)};
       s.more_crls.push_back(other_list(s, 99, {}, s.root.key, der::context(2, "\xff")));
     }},
    {"a list of CAs beside one of attribute certificates", "crl-scope",
     [](Scenario& s) {
       scope(listed(s), der::context(2, "\xff"));
       s.more_crls.push_back(other_list(s, 99, {}, s.root.key, der::context(5, "\xff")));
     }},
    {"the list of the leaf's distribution point beside a newer one of another", "",
     [](Scenario& s) {
       distribution(s, point({kHere}));
       scope(listed(s), point({kHere}));
       s.more_crls.push_back(other_list(s, 99, {}, s.root.key, point({kThere})));
     }},
    {"a list for some reasons beside a complete one", "",
     [](Scenario& s) {
       listed(s);
       s.more_crls.push_back(other_list(s, 99, {}, s.root.key, der::context(3, "\x06\x40"s)));
     }},
    {"the leaf in a list for some reasons beside a complete one", "B6",
     [](Scenario& s) {
       listed(s);
       s.more_crls.push_back(other_list(s, 1, {kSerial}, s.root.key, der::context(3, "\x06\x40"s)));
     }},
    {"a list of users that has ended beside a complete one", "",
     [](Scenario& s) {
       scope(listed(s), der::context(1, "\xff"));
       s.crl.next_update = der::utc_time("260515000000Z");
       s.more_crls.push_back(other_list(s, 1, {}, s.root.key));
     }},
    {"a list of users beside a complete one that has ended", "",
     [](Scenario& s) {
       listed(s).crl.next_update = der::utc_time("260515000000Z");
       s.more_crls.push_back(other_list(s, 1, {}, s.root.key, der::context(1, "\xff")));
     }},
    {"a list of CAs beside a complete one that has ended", "crl-time",
     [](Scenario& s) {
       listed(s).crl.next_update = der::utc_time("260515000000Z");
       s.more_crls.push_back(other_list(s, 1, {}, s.root.key, der::context(2, "\xff")));
     }},
    {"a list of users alone above a CA", "crl-scope",
     [](Scenario& s) {
       listed(s.with_intermediate());
       make::CrlSpec other;
       other.issuer = s.root.subject;
       other.extensions.set(oid::kCrlNumber, false, der::integer(1))
           .set(oid::kIssuingDistributionPoint, true, der::sequence({der::context(1, "\xff")}));
       s.more_crls.push_back(make::build(other, s.root.key));
     }},
};

class PathCrl : public PathCase {};
TEST_P(PathCrl, IsJudged) {
  check(GetParam());
}
INSTANTIATE_TEST_SUITE_P(Case, PathCrl, ::testing::ValuesIn(kCases), case_name);

// Each try of a list's signature with the key of a certificate that the peer offers is paid for.
TEST(PathCrlBudget, ManyOfferedNamesakesSpendTheBudgetOfSignatures) {
  const auto judged = [](std::size_t offered, int budget) {
    Scenario s;
    listed(s.with_intermediate()).crl_signer = make::Key::p256(9);
    for (std::size_t i = 0; i < offered; ++i) {
      auto other = authority_spec("Intermediate", make::Key::p256(20 + static_cast<int>(i)));
      other.extensions.set(oid::kAuthorityKeyId, false,
                           make::authority_key_id(s.root.key.identifier()));
      s.more_untrusted.push_back(make::build(other, s.root.subject, s.root.key));
    }
    s.options.limits.signatures_max = budget;
    return s.judge().value();
  };
  const auto says = [](const Verdict& verdict, std::string_view rule) {
    return std::ranges::any_of(verdict.findings,
                               [&](const auto& finding) { return finding.rule == rule; });
  };
  EXPECT_FALSE(says(judged(20, 50), "budget"));
  const auto spent = judged(20, 10);
  EXPECT_TRUE(says(spent, "budget"));
  EXPECT_FALSE(spent.valid);
}

}  // namespace
}  // namespace ipm::trust::test
