// Chains as a whole (RFC 5280, 6.1): anchors and what they vouch for, names and keys that link
// certificates, path lengths, depth, policies, distrust.

#include "path_case.h"

namespace ipm::trust::test {
namespace {

using namespace std::string_literals;

// root -> CA 1 -> … -> CA n -> leaf, each CA made by `shape` from a plain one.
using Shape = void (*)(int number, make::CertificateSpec& spec);
void long_chain(Scenario& s, int length, Shape shape = nullptr) {
  std::string subject = s.root.subject;
  make::Key key = s.root.key;
  for (int i = 1; i <= length; ++i) {
    auto authority = authority_spec("CA " + std::to_string(i), make::Key::p256(100 + i));
    if (shape != nullptr) shape(i, authority);
    authority.extensions.set(oid::kAuthorityKeyId, false, make::authority_key_id(key.identifier()));
    s.more_untrusted.push_back(make::build(authority, subject, key));
    subject = authority.subject;
    key = authority.key;
  }
  s.intermediate.subject = subject;
  s.intermediate.key = key;
  s.with_intermediate().send_intermediate = false;
}

void path_length(make::CertificateSpec& spec, long length) {
  spec.extensions.set(oid::kBasicConstraints, true, make::basic_constraints(true, length));
}

void policies(make::CertificateSpec& spec, const std::vector<std::string>& oids) {
  spec.extensions.set(oid::kPolicies, false, make::policies(oids));
}
// requireExplicitPolicy and inhibitPolicyMapping; negative: absent.
void policy_constraints(make::CertificateSpec& spec, int explicit_policy, int mapping = -1) {
  std::string content;
  if (explicit_policy >= 0) {
    content += der::context(0, std::string(1, static_cast<char>(explicit_policy)));
  }
  if (mapping >= 0) content += der::context(1, std::string(1, static_cast<char>(mapping)));
  spec.extensions.set(oid::kPolicyConstraints, true, der::element(0x30, content));
}
void map_policy(make::CertificateSpec& spec, const std::string& from, const std::string& to) {
  spec.extensions.set(oid::kPolicyMappings, true,
                      der::sequence({der::sequence({der::oid(from), der::oid(to)})}));
}
void inhibit_any(make::CertificateSpec& spec, long after) {
  spec.extensions.set(oid::kInhibitAnyPolicy, true, der::integer(after));
}
const std::string kGold = "1.3.6.1.4.1.55555.10";
const std::string kSilver = "1.3.6.1.4.1.55555.11";

const Case kCases[] = {
    // Anchors
    {"no anchor", "S2", [](Scenario& s) { s.trust_root = false; }},
    {"another anchor", "S2",
     [](Scenario& s) {
       s.trust_root = false;
       const auto other = authority_spec("Other", make::Key::p256(9));
       s.more_anchors.push_back(make::build(other, other.subject, other.key));
     }},
    {"another anchor of the same name", "issuer-key-identifier",
     [](Scenario& s) {
       s.trust_root = false;
       const auto other = authority_spec("Root", make::Key::p256(9));
       s.more_anchors.push_back(make::build(other, other.subject, other.key));
     }},
    {"another anchor of the same name and key identifier", "signature",
     [](Scenario& s) {
       s.trust_root = false;
       auto other = authority_spec("Root", make::Key::p256(9));
       other.extensions.set(oid::kSubjectKeyId, false, der::octets(s.root.key.identifier()));
       s.more_anchors.push_back(make::build(other, other.subject, other.key));
     }},
    {"the right anchor behind another of the same name", "",
     [](Scenario& s) {
       const auto other = authority_spec("Root", make::Key::p256(9));
       s.more_anchors.push_back(make::build(other, other.subject, other.key));
     }},
    {"a missing intermediate", "S2",
     [](Scenario& s) { s.with_intermediate().send_intermediate = false; }},
    {"the root sent along", "", [](Scenario& s) { s.more_untrusted.push_back(s.root_der()); }},
    {"the root sent along and not trusted", "S2",
     [](Scenario& s) {
       s.trust_root = false;
       s.more_untrusted.push_back(s.root_der());
     }},
    {"the intermediate sent twice", "",
     [](Scenario& s) { s.more_untrusted.push_back(s.with_intermediate().intermediate_der()); }},
    {"the intermediate as anchor", "",
     [](Scenario& s) {
       s.trust_root = false;
       s.more_anchors.push_back(s.with_intermediate().intermediate_der());
     }},
    {"the intermediate as anchor, the root sent along", "",
     [](Scenario& s) {
       s.trust_root = false;
       s.more_anchors.push_back(s.with_intermediate().intermediate_der());
       s.more_untrusted.push_back(s.root_der());
     }},
    {"an anchor that signs itself under another issuer's name, strict", "",
     [](Scenario& s) { s.strict().root.issuer = make::common_name("Elsewhere"); }},
    {"an anchor that another CA signed, without that one's key identifier, strict",
     "authority-key-identifier",
     [](Scenario& s) {
       s.strict().trust_root = false;
       const auto other = make::Key::p256(9);
       s.more_anchors.push_back(make::build(s.root, make::common_name("Elsewhere"), other));
     }},
    {"an anchor that does not vouch for servers", "anchor-purpose",
     [](Scenario& s) { s.root_anchor()->vouches_for_servers = false; }},
    {"an anchor that does not vouch for clients, for a server", "",
     [](Scenario& s) { s.root_anchor()->vouches_for_clients = false; }},
    {"an anchor that does not vouch for clients, for a client", "anchor-purpose",
     [](Scenario& s) {
       s.purpose = Purpose::Client;
       s.leaf.extensions.set(oid::kExtendedKeyUsage, false, make::purposes({oid::kClientUse}));
       s.root_anchor()->vouches_for_clients = false;
     }},
    {"distrusted after the leaf began", "",
     [](Scenario& s) {
       s.root_anchor()->server_distrust_after = parse_rfc3339("2026-01-01T00:00:00Z");
     }},
    {"distrusted before the leaf began", "B12",
     [](Scenario& s) {
       s.root_anchor()->server_distrust_after = parse_rfc3339("2025-12-31T23:59:59Z");
     }},
    {"distrusted before the leaf began, for a client", "",
     [](Scenario& s) {
       s.purpose = Purpose::Client;
       s.leaf.extensions.set(oid::kExtendedKeyUsage, false, make::purposes({oid::kClientUse}));
       s.root_anchor()->server_distrust_after = parse_rfc3339("2025-12-31T23:59:59Z");
     }},
    {"a rule relaxed for this anchor", "",
     [](Scenario& s) {
       s.root_anchor()->relaxed = {"server-use"};
       s.with_intermediate().leaf.extensions.drop(oid::kExtendedKeyUsage);
       s.more_anchors.push_back(make::build(authority_spec("Other", make::Key::p256(9)),
                                            make::common_name("Other"), make::Key::p256(9)));
     }},
    {"a rule relaxed for this anchor, broken by the intermediate", "",
     [](Scenario& s) {
       s.root_anchor()->relaxed = {"serial-number"};
       s.with_intermediate().intermediate.serial = der::integer(0);
     }},
    {"a rule relaxed for another anchor", "S7",
     [](Scenario& s) {
       s.leaf.extensions.drop(oid::kExtendedKeyUsage);
       const auto other = authority_spec("Other", make::Key::p256(9));
       s.options.anchors.push_back(
           {pki::Certificate::parse_der(make::build(other, other.subject, other.key), "other"),
            true,
            true,
            std::nullopt,
            false,
            {"server-use"}});
     }},
    {"a strict rule under a public anchor", "authority-key-identifier",
     [](Scenario& s) {
       s.root_anchor()->is_public = true;
       s.leaf.without_issuer_key_id = true;
     }},

    // Links
    {"an issuer's name in other letters", "",
     [](Scenario& s) { s.leaf.issuer = make::common_name("  ROOT "); }},
    {"an issuer's name as another string type", "",
     [](Scenario& s) {
       s.leaf.issuer = make::distinguished_name({{"2.5.4.3", der::printable("Root")}});
     }},
    {"an issuer's name of another attribute", "S2",
     [](Scenario& s) {
       s.leaf.issuer = make::distinguished_name({{"2.5.4.10", der::utf8("Root")}});
     }},
    {"an issuer's name with one attribute more", "S2",
     [](Scenario& s) {
       s.leaf.issuer = make::distinguished_name(
           {{"2.5.4.3", der::utf8("Root")}, {"2.5.4.10", der::utf8("Example")}});
     }},
    {"an issuer's attributes in one RDN", "S2",
     [](Scenario& s) {
       s.root.subject = make::distinguished_name(
           {{"2.5.4.3", der::utf8("Root")}, {"2.5.4.10", der::utf8("Example")}});
       s.leaf.issuer =
           der::sequence({der::set({der::sequence({der::oid("2.5.4.3"), der::utf8("Root")}),
                                    der::sequence({der::oid("2.5.4.10"), der::utf8("Example")})})});
     }},
    {"a leaf that was signed by a leaf", "basic-constraints",
     [](Scenario& s) {
       s.with_intermediate()
           .intermediate.extensions
           .set(oid::kBasicConstraints, true, make::basic_constraints(false))
           .drop(oid::kKeyUsage);
     }},

    // Path lengths
    {"path length 0 above a leaf", "",
     [](Scenario& s) { path_length(s.with_intermediate().intermediate, 0); }},
    {"path length 0 of the root above an intermediate", "path-length",
     [](Scenario& s) { path_length(s.with_intermediate().root, 0); }},
    {"path length 1 of the root above an intermediate", "",
     [](Scenario& s) { path_length(s.with_intermediate().root, 1); }},
    {"path length 0 above another CA", "path-length",
     [](Scenario& s) {
       long_chain(s, 2, [](int number, auto& spec) {
         if (number == 1) path_length(spec, 0);
       });
     }},
    {"path lengths that grow", "",
     [](Scenario& s) {
       long_chain(s, 2, [](int number, auto& spec) { path_length(spec, number); });
     }},
    {"path length 1 above two CAs", "path-length",
     [](Scenario& s) {
       long_chain(s, 3, [](int number, auto& spec) {
         if (number == 1) path_length(spec, 1);
       });
     }},
    {"path length 0 above a self-issued CA", "",
     [](Scenario& s) {
       long_chain(s, 2, [](int number, auto& spec) {
         spec.subject = make::common_name("CA 1");
         if (number == 1) path_length(spec, 0);
       });
     }},
    {"path length 1 above a self-issued CA and another", "",
     [](Scenario& s) {
       long_chain(s, 3, [](int number, auto& spec) {
         if (number <= 2) spec.subject = make::common_name("CA 1");
         if (number == 1) path_length(spec, 1);
       });
     }},
    {"path length 0 above a self-issued CA and another", "path-length",
     [](Scenario& s) {
       long_chain(s, 3, [](int number, auto& spec) {
         if (number <= 2) spec.subject = make::common_name("CA 1");
         if (number == 1) path_length(spec, 0);
       });
     }},

    // Depth
    {"as many intermediates as allowed", "", [](Scenario& s) { long_chain(s, 8); }},
    {"one intermediate too many", "depth", [](Scenario& s) { long_chain(s, 9); }},
    {"no intermediate allowed, and none there", "",
     [](Scenario& s) { s.options.limits.depth_max = 0; }},
    {"no intermediate allowed, and one there", "depth",
     [](Scenario& s) { s.with_intermediate().options.limits.depth_max = 0; }},
    {"self-issued intermediates do not count", "",
     [](Scenario& s) {
       s.options.limits.depth_max = 1;
       long_chain(s, 3, [](int, auto& spec) { spec.subject = make::common_name("CA 1"); });
     }},
    {"more self-issued intermediates than anybody needs", "depth",
     [](Scenario& s) {
       s.options.limits.depth_max = 1;
       long_chain(s, 20, [](int, auto& spec) { spec.subject = make::common_name("CA 1"); });
     }},

    // Policies
    {"policies that nobody requires", "", [](Scenario& s) { policies(s.leaf, {kGold}); }},
    {"a policy required and there", "",
     [](Scenario& s) {
       policies(s.with_intermediate().intermediate, {kGold});
       policy_constraints(s.intermediate, 0);
       policies(s.leaf, {kGold});
     }},
    {"a policy required and none there", "policy",
     [](Scenario& s) {
       policies(s.with_intermediate().intermediate, {kGold});
       policy_constraints(s.intermediate, 0);
     }},
    {"a policy required and another there", "policy",
     [](Scenario& s) {
       policies(s.with_intermediate().intermediate, {kGold});
       policy_constraints(s.intermediate, 0);
       policies(s.leaf, {kSilver});
     }},
    {"a policy required further down than the chain goes", "",
     [](Scenario& s) { policy_constraints(s.with_intermediate().intermediate, 3); }},
    {"a policy required by the leaf itself", "policy",
     [](Scenario& s) { policy_constraints(s.leaf, 0); }},
    {"any policy above", "",
     [](Scenario& s) {
       policies(s.with_intermediate().intermediate, {oid::kAnyPolicy});
       policy_constraints(s.intermediate, 0);
       policies(s.leaf, {kSilver});
     }},
    {"any policy below", "",
     [](Scenario& s) {
       policies(s.with_intermediate().intermediate, {kGold});
       policy_constraints(s.intermediate, 0);
       policies(s.leaf, {oid::kAnyPolicy});
     }},
    {"any policy below, inhibited", "policy",
     [](Scenario& s) {
       policies(s.with_intermediate().intermediate, {kGold});
       policy_constraints(s.intermediate, 0);
       inhibit_any(s.intermediate, 0);
       policies(s.leaf, {oid::kAnyPolicy});
     }},
    {"a mapped policy", "",
     [](Scenario& s) {
       policies(s.with_intermediate().intermediate, {kGold});
       policy_constraints(s.intermediate, 0);
       map_policy(s.intermediate, kGold, kSilver);
       policies(s.leaf, {kSilver});
     }},
    {"a policy that was mapped away", "policy",
     [](Scenario& s) {
       policies(s.with_intermediate().intermediate, {kGold});
       policy_constraints(s.intermediate, 0);
       map_policy(s.intermediate, kGold, kSilver);
       policies(s.leaf, {kGold});
     }},
    {"a mapping that is inhibited", "policy",
     [](Scenario& s) {
       long_chain(s, 2, [](int number, auto& spec) {
         policies(spec, {kGold});
         if (number == 1) policy_constraints(spec, 0, 0);
         if (number == 2) map_policy(spec, kGold, kSilver);
       });
       policies(s.leaf, {kSilver});
     }},
    {"a mapping of any policy", "policy-extension",
     [](Scenario& s) { map_policy(s.with_intermediate().intermediate, kGold, oid::kAnyPolicy); }},
    {"a policy twice", "policy-extension", [](Scenario& s) { policies(s.leaf, {kGold, kGold}); }},
    {"empty policies", "extension-malformed", [](Scenario& s) { policies(s.leaf, {}); }},
    {"malformed policies", "extension-malformed",
     [](Scenario& s) { s.leaf.extensions.set(oid::kPolicies, false, "malformed"); }},
    {"empty policy constraints", "extension-malformed",
     [](Scenario& s) { policy_constraints(s.with_intermediate().intermediate, -1); }},
    {"policy constraints not marked critical", "criticality",
     [](Scenario& s) {
       s.with_intermediate().intermediate.extensions.set(oid::kPolicyConstraints, false,
                                                         der::sequence({der::context(0, "\x03")}));
     }},
    {"inhibitAnyPolicy not marked critical", "criticality",
     [](Scenario& s) {
       s.with_intermediate().intermediate.extensions.set(oid::kInhibitAnyPolicy, false,
                                                         der::integer(1));
     }},
};

class PathChain : public PathCase {};
TEST_P(PathChain, IsJudged) {
  check(GetParam());
}
INSTANTIATE_TEST_SUITE_P(Case, PathChain, ::testing::ValuesIn(kCases), case_name);

}  // namespace
}  // namespace ipm::trust::test
