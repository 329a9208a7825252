// The extensions of a certificate (RFC 5280, 4.2), each right, wrong, missing, twice and marked
// otherwise than its standard says; and the uses of keys (RFC 8813, RFC 8410).

#include "path_case.h"

namespace ipm::trust::test {
namespace {

using namespace std::string_literals;

make::ExtensionsSpec& of_leaf(Scenario& s) {
  return s.leaf.extensions;
}
make::ExtensionsSpec& of_root(Scenario& s) {
  return s.root.extensions;
}
make::ExtensionsSpec& of_intermediate(Scenario& s) {
  return s.with_intermediate().intermediate.extensions;
}

std::string access(const std::string& place) {
  return der::sequence({der::sequence({der::oid("1.3.6.1.5.5.7.48.2"), place})});
}

// One distribution point of the leaf.
void point(Scenario& s, const std::string& content) {
  of_leaf(s).set(oid::kDistributionPoints, false, der::sequence({der::element(0x30, content)}));
}

const Case kCases[] = {
    // Any extension
    {"an unknown extension", "",
     [](Scenario& s) { of_leaf(s).set(oid::kUnknown, false, "anything"); }},
    {"an unknown critical extension", "critical-extension",
     [](Scenario& s) { of_leaf(s).set(oid::kUnknown, true, "anything"); }},
    {"an unknown critical extension in the intermediate", "critical-extension",
     [](Scenario& s) { of_intermediate(s).set(oid::kUnknown, true, "anything"); }},
    {"an unknown critical extension in the root", "critical-extension",
     [](Scenario& s) { of_root(s).set(oid::kUnknown, true, "anything"); }},
    {"a use whose object identifier has a zero in front", "extension-malformed",
     [](Scenario& s) {
       of_leaf(s).set(oid::kExtendedKeyUsage, false,
                      der::sequence({der::element(6, "\x2b\x06\x01\x05\x05\x07\x80\x03\x01")}));
     }},
    {"an unknown extension twice", "extension-duplicate",
     [](Scenario& s) { of_leaf(s).add(oid::kUnknown, false, "a").add(oid::kUnknown, false, "b"); }},
    {"alternative names twice", "extension-duplicate",
     [](Scenario& s) {
       of_leaf(s).add(oid::kAlternativeNames, false, make::names({make::dns("other.example.com")}));
     }},
    {"key usage twice in the intermediate", "extension-duplicate",
     [](Scenario& s) { of_intermediate(s).add(oid::kKeyUsage, true, make::key_usage(kCertSign)); }},
    {"the poison of certificate transparency", "critical-extension",
     [](Scenario& s) { of_leaf(s).set("1.3.6.1.4.1.11129.2.4.3", true, der::null()); }},

    // Basic constraints
    {"a leaf without basic constraints", "",
     [](Scenario& s) { of_leaf(s).drop(oid::kBasicConstraints); }},
    {"a leaf whose basic constraints are not critical", "",
     [](Scenario& s) {
       of_leaf(s).set(oid::kBasicConstraints, false, make::basic_constraints(false));
     }},
    {"a leaf that is a CA", "leaf-is-ca",
     [](Scenario& s) {
       of_leaf(s).set(oid::kBasicConstraints, true, make::basic_constraints(true));
     }},
    {"a leaf with a path length", "path-length-field",
     [](Scenario& s) {
       of_leaf(s).set(oid::kBasicConstraints, true, make::basic_constraints(false, 0));
     }},
    {"an intermediate without basic constraints", "basic-constraints",
     [](Scenario& s) { of_intermediate(s).drop(oid::kBasicConstraints); }},
    {"an intermediate that is no CA", "basic-constraints",
     [](Scenario& s) {
       of_intermediate(s).set(oid::kBasicConstraints, true, make::basic_constraints(false));
     }},
    {"an intermediate whose basic constraints are not critical", "basic-constraints-critical",
     [](Scenario& s) {
       of_intermediate(s).set(oid::kBasicConstraints, false, make::basic_constraints(true));
     }},
    {"a root without basic constraints", "basic-constraints",
     [](Scenario& s) { of_root(s).drop(oid::kBasicConstraints); }},
    {"a root whose basic constraints are not critical", "basic-constraints-critical",
     [](Scenario& s) {
       of_root(s).set(oid::kBasicConstraints, false, make::basic_constraints(true));
     }},
    {"a public root whose basic constraints are not critical", "",
     [](Scenario& s) {
       s.root_anchor()->is_public = true;
       of_root(s).set(oid::kBasicConstraints, false, make::basic_constraints(true));
     }},
    {"a public root that is no CA", "basic-constraints",
     [](Scenario& s) {
       s.root_anchor()->is_public = true;
       of_root(s).drop(oid::kBasicConstraints);
     }},
    {"a public root without a key identifier", "",
     [](Scenario& s) {
       s.root_anchor()->is_public = true;
       of_root(s).drop(oid::kSubjectKeyId);
     }},
    {"a root that is no CA", "basic-constraints",
     [](Scenario& s) {
       of_root(s).set(oid::kBasicConstraints, true, make::basic_constraints(false));
     }},
    {"malformed basic constraints", "extension-malformed",
     [](Scenario& s) { of_leaf(s).set(oid::kBasicConstraints, true, "\x30\x01"); }},
    {"a negative path length", "extension-malformed",
     [](Scenario& s) {
       of_intermediate(s).set(oid::kBasicConstraints, true, make::basic_constraints(true, -1));
     }},
    {"a path length without keyCertSign", "path-length-field",
     [](Scenario& s) {
       of_intermediate(s)
           .set(oid::kBasicConstraints, true, make::basic_constraints(true, 0))
           .set(oid::kKeyUsage, true, make::key_usage(kListSign));
     }},
    {"a path length without key usage", "",
     [](Scenario& s) {
       of_intermediate(s)
           .set(oid::kBasicConstraints, true, make::basic_constraints(true, 0))
           .drop(oid::kKeyUsage);
     }},
    {"a path length without key usage, strict", "path-length-key-usage",
     [](Scenario& s) {
       of_intermediate(s.strict())
           .set(oid::kBasicConstraints, true, make::basic_constraints(true, 0))
           .drop(oid::kKeyUsage);
     }},

    // Key usage
    {"a leaf without key usage", "", [](Scenario& s) { of_leaf(s).drop(oid::kKeyUsage); }},
    {"a key usage that is not critical", "",
     [](Scenario& s) { of_leaf(s).set(oid::kKeyUsage, false, make::key_usage(kSign)); }},
    {"a key usage without any use", "key-usage",
     [](Scenario& s) { of_leaf(s).set(oid::kKeyUsage, true, make::key_usage(0)); }},
    {"a leaf with keyCertSign", "key-usage",
     [](Scenario& s) { of_leaf(s).set(oid::kKeyUsage, true, make::key_usage(kSign | kCertSign)); }},
    {"a leaf that may not sign", "key-usage",
     [](Scenario& s) {
       of_leaf(s).set(oid::kKeyUsage, true, make::key_usage(pki::kKeyAgreement));
     }},
    {"an intermediate that may not sign certificates", "key-usage",
     [](Scenario& s) { of_intermediate(s).set(oid::kKeyUsage, true, make::key_usage(kListSign)); }},
    {"a root that may not sign certificates", "key-usage",
     [](Scenario& s) { of_root(s).set(oid::kKeyUsage, true, make::key_usage(kListSign)); }},
    {"a root without key usage", "", [](Scenario& s) { of_root(s).drop(oid::kKeyUsage); }},
    {"an intermediate without key usage", "",
     [](Scenario& s) { of_intermediate(s).drop(oid::kKeyUsage); }},
    {"a malformed key usage", "extension-malformed",
     [](Scenario& s) { of_leaf(s).set(oid::kKeyUsage, true, der::integer(128)); }},
    {"a key usage with stray bits", "extension-malformed",
     [](Scenario& s) { of_leaf(s).set(oid::kKeyUsage, true, der::bits("\x81", 7)); }},
    {"the key usages of S7 with an RSA key", "",
     [](Scenario& s) {
       s.strict().leaf.key = make::Key::rsa(2048);
       of_leaf(s).set(oid::kKeyUsage, true, make::key_usage(kSign | pki::kKeyEncipherment));
     }},
    {"keyEncipherment with an elliptic curve", "",
     [](Scenario& s) {
       of_leaf(s).set(oid::kKeyUsage, true, make::key_usage(kSign | pki::kKeyEncipherment));
     }},
    {"keyEncipherment with an elliptic curve, strict", "key-usage-of-key",
     [](Scenario& s) {
       of_leaf(s.strict())
           .set(oid::kKeyUsage, true, make::key_usage(kSign | pki::kKeyEncipherment));
     }},
    {"keyAgreement with Ed25519, strict", "key-usage-of-key",
     [](Scenario& s) {
       s.strict().leaf.key = make::Key::ed25519(3);
       of_leaf(s).set(oid::kKeyUsage, true, make::key_usage(kSign | pki::kKeyAgreement));
     }},
    {"keyAgreement with an elliptic curve, strict", "",
     [](Scenario& s) {
       of_leaf(s.strict()).set(oid::kKeyUsage, true, make::key_usage(kSign | pki::kKeyAgreement));
     }},

    // Extended key usage
    {"a server without extended key usage", "S7",
     [](Scenario& s) { of_leaf(s).drop(oid::kExtendedKeyUsage); }},
    {"a server without extended key usage, relaxed", "",
     [](Scenario& s) { of_leaf(s.relax("server-use")).drop(oid::kExtendedKeyUsage); }},
    {"a client without extended key usage", "S8",
     [](Scenario& s) {
       s.purpose = Purpose::Client;
       of_leaf(s).drop(oid::kExtendedKeyUsage);
     }},
    {"any extended key usage", "S7",
     [](Scenario& s) {
       of_leaf(s).set(oid::kExtendedKeyUsage, false, make::purposes({oid::kAnyUse}));
     }},
    {"serverAuth and any", "S7",
     [](Scenario& s) {
       of_leaf(s).set(oid::kExtendedKeyUsage, false,
                      make::purposes({oid::kServerUse, oid::kAnyUse}));
     }},
    {"a client's certificate for a server", "extended-key-usage",
     [](Scenario& s) {
       of_leaf(s).set(oid::kExtendedKeyUsage, false, make::purposes({oid::kClientUse}));
     }},
    {"a server's certificate for a client", "extended-key-usage",
     [](Scenario& s) { s.purpose = Purpose::Client; }},
    {"a client's certificate for a client", "",
     [](Scenario& s) {
       s.purpose = Purpose::Client;
       of_leaf(s).set(oid::kExtendedKeyUsage, false, make::purposes({oid::kClientUse}));
     }},
    {"a mutual server as a server", "",
     [](Scenario& s) {
       of_leaf(s.strict())
           .set(oid::kExtendedKeyUsage, false, make::purposes({oid::kServerUse, oid::kClientUse}));
     }},
    {"a mutual server as a client", "",
     [](Scenario& s) {
       s.purpose = Purpose::Client;
       of_leaf(s).set(oid::kExtendedKeyUsage, false,
                      make::purposes({oid::kServerUse, oid::kClientUse}));
     }},
    {"serverAuth beside mail", "",
     [](Scenario& s) {
       of_leaf(s).set(oid::kExtendedKeyUsage, false,
                      make::purposes({oid::kServerUse, oid::kMailUse}));
     }},
    {"serverAuth beside mail, strict", "mixed-use",
     [](Scenario& s) {
       of_leaf(s.strict())
           .set(oid::kExtendedKeyUsage, false, make::purposes({oid::kServerUse, oid::kMailUse}));
     }},
    {"a critical extended key usage", "",
     [](Scenario& s) {
       of_leaf(s).set(oid::kExtendedKeyUsage, true, make::purposes({oid::kServerUse}));
     }},
    {"a critical extended key usage, strict", "mixed-use",
     [](Scenario& s) {
       of_leaf(s.strict()).set(oid::kExtendedKeyUsage, true, make::purposes({oid::kServerUse}));
     }},
    {"an empty extended key usage", "extension-malformed",
     [](Scenario& s) { of_leaf(s).set(oid::kExtendedKeyUsage, false, make::purposes({})); }},
    {"an intermediate for servers", "",
     [](Scenario& s) {
       of_intermediate(s).set(oid::kExtendedKeyUsage, false, make::purposes({oid::kServerUse}));
     }},
    {"an intermediate for any use", "",
     [](Scenario& s) {
       of_intermediate(s).set(oid::kExtendedKeyUsage, false, make::purposes({oid::kAnyUse}));
     }},
    {"an intermediate for any use, strict", "",
     [](Scenario& s) {
       of_intermediate(s.strict())
           .set(oid::kExtendedKeyUsage, false, make::purposes({oid::kAnyUse}));
     }},
    {"an intermediate for servers and clients, strict", "",
     [](Scenario& s) {
       of_intermediate(s.strict())
           .set(oid::kExtendedKeyUsage, false, make::purposes({oid::kServerUse, oid::kClientUse}));
     }},
    {"an intermediate for servers and mail", "",
     [](Scenario& s) {
       of_intermediate(s).set(oid::kExtendedKeyUsage, false,
                              make::purposes({oid::kServerUse, oid::kMailUse}));
     }},
    {"an intermediate for servers and mail, strict", "mixed-use",
     [](Scenario& s) {
       of_intermediate(s.strict())
           .set(oid::kExtendedKeyUsage, false, make::purposes({oid::kServerUse, oid::kMailUse}));
     }},
    {"an intermediate for servers and any use, strict", "mixed-use",
     [](Scenario& s) {
       of_intermediate(s.strict())
           .set(oid::kExtendedKeyUsage, false, make::purposes({oid::kServerUse, oid::kAnyUse}));
     }},
    {"an intermediate for servers, clients and mail above a client, strict", "",
     [](Scenario& s) {
       s.purpose = Purpose::Client;
       of_leaf(s.strict()).set(oid::kExtendedKeyUsage, false, make::purposes({oid::kClientUse}));
       of_intermediate(s).set(oid::kExtendedKeyUsage, false,
                              make::purposes({oid::kServerUse, oid::kClientUse, oid::kMailUse}));
     }},
    {"an intermediate for mail", "extended-key-usage",
     [](Scenario& s) {
       of_intermediate(s).set(oid::kExtendedKeyUsage, false, make::purposes({oid::kMailUse}));
     }},
    {"an intermediate for clients above a server", "extended-key-usage",
     [](Scenario& s) {
       of_intermediate(s).set(oid::kExtendedKeyUsage, false, make::purposes({oid::kClientUse}));
     }},
    {"a root with extended key usage", "root-use",
     [](Scenario& s) {
       of_root(s).set(oid::kExtendedKeyUsage, false, make::purposes({oid::kServerUse}));
     }},
    {"a root for mail, relaxed in vain", "extended-key-usage",
     [](Scenario& s) {
       of_root(s.relax("root-use"))
           .set(oid::kExtendedKeyUsage, false, make::purposes({oid::kMailUse}));
     }},

    // Key identifiers
    {"a leaf without its issuer's key identifier", "",
     [](Scenario& s) { s.leaf.without_issuer_key_id = true; }},
    {"a leaf without its issuer's key identifier, strict", "authority-key-identifier",
     [](Scenario& s) { s.strict().leaf.without_issuer_key_id = true; }},
    {"an intermediate without its issuer's key identifier, strict", "authority-key-identifier",
     [](Scenario& s) { s.strict().with_intermediate().intermediate.without_issuer_key_id = true; }},
    {"a leaf that names another key", "issuer-key-identifier",
     [](Scenario& s) {
       of_leaf(s).set(oid::kAuthorityKeyId, false, make::authority_key_id("another"));
     }},
    {"a leaf that names its issuer by name and number", "",
     [](Scenario& s) {
       s.root.serial = der::integer(77);
       of_leaf(s).set(oid::kAuthorityKeyId, false,
                      der::sequence({der::context(0, s.root.key.identifier()),
                                     der::context_constructed(1, make::directory(s.root.subject)),
                                     der::context(2, "\x4d")}));
     }},
    {"a leaf that names an issuer of another number", "issuer-key-identifier",
     [](Scenario& s) {
       s.root.serial = der::integer(77);
       of_leaf(s).set(
           oid::kAuthorityKeyId, false,
           der::sequence({der::context(0, s.root.key.identifier()), der::context(2, "\x4e")}));
     }},
    {"a leaf that names an issuer of another name", "issuer-key-identifier",
     [](Scenario& s) {
       of_leaf(s).set(oid::kAuthorityKeyId, false,
                      der::sequence({der::context(0, s.root.key.identifier()),
                                     der::context_constructed(
                                         1, make::directory(make::common_name("Somebody")))}));
     }},
    {"a critical authority key identifier", "criticality",
     [](Scenario& s) {
       of_leaf(s).set(oid::kAuthorityKeyId, true, make::authority_key_id(s.root.key.identifier()));
     }},
    {"a critical authority key identifier in the root", "criticality",
     [](Scenario& s) {
       of_root(s).set(oid::kAuthorityKeyId, true, make::authority_key_id(s.root.key.identifier()));
     }},
    {"a malformed authority key identifier", "extension-malformed",
     [](Scenario& s) { of_leaf(s).set(oid::kAuthorityKeyId, false, "malformed"); }},
    {"a root with its own key identifier as authority's, strict", "",
     [](Scenario& s) {
       of_root(s.strict())
           .set(oid::kAuthorityKeyId, false, make::authority_key_id(s.root.key.identifier()));
     }},
    {"a root whose authority key identifier is another's, strict", "root-authority-key-identifier",
     [](Scenario& s) {
       of_root(s.strict()).set(oid::kAuthorityKeyId, false, make::authority_key_id("another"));
     }},
    {"a root whose authority key identifier is empty, strict", "root-authority-key-identifier",
     [](Scenario& s) { of_root(s.strict()).set(oid::kAuthorityKeyId, false, der::sequence({})); }},
    {"a root that names its issuer by number, strict", "root-authority-key-identifier",
     [](Scenario& s) {
       of_root(s.strict())
           .set(oid::kAuthorityKeyId, false,
                der::sequence({der::context(0, s.root.key.identifier()), der::context(2, "\x05")}));
     }},
    {"a root without a key identifier", "subject-key-identifier",
     [](Scenario& s) { of_root(s).drop(oid::kSubjectKeyId); }},
    {"an intermediate without a key identifier", "subject-key-identifier",
     [](Scenario& s) { of_intermediate(s).drop(oid::kSubjectKeyId); }},
    {"an intermediate without a key identifier, relaxed", "",
     [](Scenario& s) {
       of_intermediate(s.relax("subject-key-identifier")).drop(oid::kSubjectKeyId);
     }},
    {"a critical subject key identifier", "criticality",
     [](Scenario& s) { of_leaf(s).set(oid::kSubjectKeyId, true, der::octets("id")); }},
    {"a critical subject key identifier in the root", "criticality",
     [](Scenario& s) {
       of_root(s).set(oid::kSubjectKeyId, true, der::octets(s.root.key.identifier()));
     }},
    {"an empty subject key identifier", "extension-malformed",
     [](Scenario& s) { of_leaf(s).set(oid::kSubjectKeyId, false, der::octets("")); }},

    // Alternative names as an extension
    {"malformed alternative names", "extension-malformed",
     [](Scenario& s) { of_leaf(s).set(oid::kAlternativeNames, false, "example.com"); }},
    {"empty alternative names", "extension-malformed",
     [](Scenario& s) { of_leaf(s).set(oid::kAlternativeNames, false, make::names({})); }},
    {"critical alternative names beside a subject", "",
     [](Scenario& s) { s.names({make::dns("ipmsrv.example.com")}, true); }},
    {"critical alternative names beside a subject, strict", "names-critical",
     [](Scenario& s) { s.strict().names({make::dns("ipmsrv.example.com")}, true); }},
    {"alternative names of the issuer", "",
     [](Scenario& s) {
       of_leaf(s).set(oid::kIssuerAlternativeNames, false,
                      make::names({make::email("ca@example.com")}));
     }},
    {"critical alternative names of the issuer", "critical-extension",
     [](Scenario& s) {
       of_leaf(s).set(oid::kIssuerAlternativeNames, true,
                      make::names({make::email("ca@example.com")}));
     }},

    // Access and distribution points
    {"access to the authority", "",
     [](Scenario& s) {
       of_leaf(s).set(oid::kAuthorityAccess, false, access(make::uri("http://example.com/ca")));
     }},
    {"critical access to the authority", "criticality",
     [](Scenario& s) {
       of_leaf(s).set(oid::kAuthorityAccess, true, access(make::uri("http://example.com/ca")));
     }},
    {"malformed access to the authority", "extension-malformed",
     [](Scenario& s) { of_leaf(s).set(oid::kAuthorityAccess, false, "malformed"); }},
    {"empty access to the authority", "extension-malformed",
     [](Scenario& s) { of_leaf(s).set(oid::kAuthorityAccess, false, der::sequence({})); }},
    {"empty distribution points", "extension-malformed",
     [](Scenario& s) { of_leaf(s).set(oid::kDistributionPoints, false, der::sequence({})); }},
    {"a distribution point by its signer alone", "",
     [](Scenario& s) {
       point(s, der::context_constructed(2, make::directory(make::common_name("A"))));
     }},
    {"a distribution point relative to the issuer", "",
     [](Scenario& s) {
       point(s, der::context_constructed(
                    0, der::context_constructed(
                           1, der::sequence({der::oid("2.5.4.3"), der::utf8("A")}))));
     }},
    {"a distribution point without a place", "extension-malformed",
     [](Scenario& s) { point(s, der::context_constructed(0, "")); }},
    {"a distribution point without names", "extension-malformed",
     [](Scenario& s) { point(s, der::context_constructed(0, der::context_constructed(0, ""))); }},
    {"a distribution point of reasons alone", "extension-malformed",
     [](Scenario& s) { point(s, der::context(1, "\x06\x40")); }},
    {"a distribution point with text behind it", "extension-malformed",
     [](Scenario& s) {
       point(s, der::context_constructed(
                    0, der::context_constructed(0, make::uri("http://example.com/a.crl"))) +
                    "behind");
     }},
    {"a critical freshest list", "criticality",
     [](Scenario& s) {
       of_leaf(s).set(oid::kFreshestCrl, true, der::sequence({der::sequence({})}));
     }},
};

class PathExtension : public PathCase {};
TEST_P(PathExtension, IsJudged) {
  check(GetParam());
}
INSTANTIATE_TEST_SUITE_P(Case, PathExtension, ::testing::ValuesIn(kCases), case_name);

}  // namespace
}  // namespace ipm::trust::test
