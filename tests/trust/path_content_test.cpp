// What a certificate must be by itself (RFC 5280, 4.1): version, serial number, algorithms, keys,
// names and times.

#include "path_case.h"

namespace ipm::trust::test {
namespace {

using namespace std::string_literals;

const std::string kRsaSha1 = der::sequence({der::oid("1.2.840.113549.1.1.5"), der::null()});
const std::string kRsaSha256 = der::sequence({der::oid("1.2.840.113549.1.1.11"), der::null()});
const std::string kEcdsaSha1 = der::sequence({der::oid("1.2.840.10045.4.1")});
const std::string kEcdsaSha256 = der::sequence({der::oid("1.2.840.10045.4.3.2")});

std::string rsa_key(std::string_view modulus_head, std::size_t modulus_bytes, long exponent) {
  std::string modulus(modulus_bytes, '\x55');
  modulus.replace(0, modulus_head.size(), modulus_head);
  return der::sequence(
      {der::sequence({der::oid("1.2.840.113549.1.1.1"), der::null()}),
       der::bits(der::sequence({der::element(0x02, modulus), der::integer(exponent)}))});
}

std::string ec_key(const std::string& curve, std::size_t point_bytes) {
  return der::sequence({der::sequence({der::oid("1.2.840.10045.2.1"), der::oid(curve)}),
                        der::bits("\x04" + std::string(point_bytes - 1, '\x01'))});
}

const Case kCases[] = {
    {"a plain chain of two", "", [](Scenario&) {}},
    {"a plain chain of three", "", [](Scenario& s) { s.with_intermediate(); }},
    {"a plain chain of three, strict", "", [](Scenario& s) { s.with_intermediate().strict(); }},
    {"the host is named", "", [](Scenario& s) { s.expect_host("ipmsrv.example.com"); }},

    // Version
    {"version 1 with extensions", "version", [](Scenario& s) { s.leaf.version = ""; }},
    {"version 2 with extensions", "version",
     [](Scenario& s) { s.leaf.version = der::context_constructed(0, der::integer(1)); }},
    {"version 1 without extensions", "version",
     [](Scenario& s) {
       s.leaf.version = "";
       s.leaf.without_issuer_key_id = true;
       s.leaf.extensions = {};
     }},
    {"version 4", "version",
     [](Scenario& s) { s.leaf.version = der::context_constructed(0, der::integer(3)); }},
    {"an intermediate of version 1", "version",
     [](Scenario& s) { s.with_intermediate().intermediate.version = ""; }},
    {"a root of version 1", "version",
     [](Scenario& s) {
       s.root.version = "";
       s.root.extensions = {};
     }},

    // Serial numbers
    {"serial number 0", "serial-number", [](Scenario& s) { s.leaf.serial = der::integer(0); }},
    {"a negative serial number", "serial-number",
     [](Scenario& s) { s.leaf.serial = der::integer(-5); }},
    {"a serial number of 20 octets", "",
     [](Scenario& s) { s.leaf.serial = der::element(0x02, std::string(20, '\x31')); }},
    {"a serial number of 21 octets", "serial-number",
     [](Scenario& s) { s.leaf.serial = der::element(0x02, "\0"s + std::string(20, '\xf1')); }},
    {"a serial number of 22 octets", "serial-number",
     [](Scenario& s) { s.leaf.serial = der::element(0x02, std::string(22, '\x31')); }},
    {"an intermediate with serial number 0", "serial-number",
     [](Scenario& s) { s.with_intermediate().intermediate.serial = der::integer(0); }},
    {"a root with serial number 0, which numbers nothing", "",
     [](Scenario& s) { s.root.serial = der::integer(0); }},
    {"serial number 0, relaxed", "",
     [](Scenario& s) { s.relax("serial-number").leaf.serial = der::integer(0); }},

    // Signature algorithms
    {"two algorithms, inside and outside", "algorithm-agreement",
     [](Scenario& s) { s.leaf.outer_algorithm = kRsaSha256; }},
    {"parameters outside alone", "algorithm-agreement",
     [](Scenario& s) {
       s.leaf.outer_algorithm = der::sequence({der::oid("1.2.840.10045.4.3.2"), der::null()});
     }},
    {"a root with two algorithms", "algorithm-agreement",
     [](Scenario& s) { s.root.outer_algorithm = kRsaSha256; }},
    {"ECDSA with parameters", "signature-algorithm",
     [](Scenario& s) {
       s.leaf.inner_algorithm = der::sequence({der::oid("1.2.840.10045.4.3.2"), der::null()});
     }},
    {"SHA-1", "weak-digest",
     [](Scenario& s) {
       s.leaf.inner_algorithm = kEcdsaSha1;
       s.leaf.digest = "SHA1";
     }},
    {"SHA-1, relaxed for an old device", "",
     [](Scenario& s) {
       s.relax("weak-digest").leaf.inner_algorithm = kEcdsaSha1;
       s.leaf.digest = "SHA1";
     }},
    {"SHA-1 in the intermediate", "weak-digest",
     [](Scenario& s) {
       s.with_intermediate().intermediate.inner_algorithm = kEcdsaSha1;
       s.intermediate.digest = "SHA1";
     }},
    {"SHA-1 in the root's own signature, which proves nothing", "",
     [](Scenario& s) {
       s.root.inner_algorithm = kEcdsaSha1;
       s.root.digest = "SHA1";
     }},
    {"RSA with SHA-1 by an RSA root", "weak-digest",
     [](Scenario& s) {
       s.root = authority_spec("Root", make::Key::rsa(2048));
       s.leaf.inner_algorithm = kRsaSha1;
       s.leaf.digest = "SHA1";
     }},
    {"MD5", "signature-algorithm",
     [](Scenario& s) {
       s.root = authority_spec("Root", make::Key::rsa(2048));
       s.leaf.inner_algorithm = der::sequence({der::oid("1.2.840.113549.1.1.4"), der::null()});
       s.leaf.digest = "MD5";
     }},
    {"an RSA chain", "",
     [](Scenario& s) {
       s.root = authority_spec("Root", make::Key::rsa(2048));
       s.leaf.key = make::Key::rsa(2048);
     }},
    {"an algorithm that nobody knows", "signature-algorithm",
     [](Scenario& s) { s.leaf.inner_algorithm = der::sequence({der::oid("1.2.3.4")}); }},
    {"an Ed25519 chain", "",
     [](Scenario& s) {
       s.root = authority_spec("Root", make::Key::ed25519(1));
       s.leaf.key = make::Key::ed25519(2);
     }},
    {"P-384 with SHA-384", "",
     [](Scenario& s) {
       s.root = authority_spec("Root", make::Key::p384(1));
       s.leaf.inner_algorithm = der::sequence({der::oid("1.2.840.10045.4.3.3")});
       s.leaf.digest = "SHA384";
     }},
    {"a spoilt signature", "signature", [](Scenario& s) { s.leaf.spoil_signature = true; }},
    {"a spoilt signature of the intermediate", "signature",
     [](Scenario& s) { s.with_intermediate().intermediate.spoil_signature = true; }},
    {"RSA named where ECDSA signed", "signature",
     [](Scenario& s) { s.leaf.inner_algorithm = kRsaSha256; }},

    // Keys
    {"an RSA key of 1024 bits", "weak-key", [](Scenario& s) { s.leaf.key = make::Key::rsa(1024); }},
    {"an RSA key of 1024 bits, relaxed for an old device", "",
     [](Scenario& s) { s.relax("weak-key").leaf.key = make::Key::rsa(1024); }},
    {"an RSA key of 512 bits, relaxed in vain", "key",
     [](Scenario& s) { s.relax("weak-key").leaf.public_key = rsa_key("\x55", 64, 65537); }},
    {"an RSA root of 1024 bits", "weak-key",
     [](Scenario& s) { s.root = authority_spec("Root", make::Key::rsa(1024)); }},
    {"an RSA key of 2052 bits", "weak-key",
     [](Scenario& s) { s.leaf.public_key = rsa_key("\x0d", 257, 65537); }},
    {"an RSA key of 2048 bits", "",
     [](Scenario& s) { s.leaf.public_key = rsa_key("\0\xd5"s, 257, 65537); }},
    {"an RSA key too large to be checked cheaply", "key",
     [](Scenario& s) { s.leaf.public_key = rsa_key("\x55", 2048, 65537); }},
    {"an RSA key with exponent 1", "key",
     [](Scenario& s) { s.leaf.public_key = rsa_key("\0\xd5"s, 257, 1); }},
    {"an RSA key with an even exponent", "key",
     [](Scenario& s) { s.leaf.public_key = rsa_key("\0\xd5"s, 257, 65536); }},
    {"an RSA key without its parameters", "key",
     [](Scenario& s) {
       s.leaf.public_key =
           der::sequence({der::sequence({der::oid("1.2.840.113549.1.1.1")}),
                          der::bits(der::sequence({der::element(0x02, std::string(256, '\x55')),
                                                   der::integer(65537)}))});
     }},
    {"an empty RSA key", "key",
     [](Scenario& s) {
       s.leaf.public_key = der::sequence(
           {der::sequence({der::oid("1.2.840.113549.1.1.1"), der::null()}), der::bits("")});
     }},
    {"a DSA key", "key", [](Scenario& s) { s.leaf.key = make::Key::dsa(); }},
    {"a DSA root", "key", [](Scenario& s) { s.root = authority_spec("Root", make::Key::dsa()); }},
    {"a key on P-192", "key",
     [](Scenario& s) { s.leaf.public_key = ec_key("1.2.840.10045.3.1.1", 49); }},
    {"a key on P-224", "key", [](Scenario& s) { s.leaf.key = make::Key::curve("P-224"); }},
    {"a key on secp256k1", "key", [](Scenario& s) { s.leaf.key = make::Key::curve("secp256k1"); }},
    {"a key on P-521", "", [](Scenario& s) { s.leaf.key = make::Key::curve("P-521"); }},
    {"a point of the wrong size", "key",
     [](Scenario& s) { s.leaf.public_key = ec_key("1.2.840.10045.3.1.7", 64); }},
    {"a point beside its curve", "key",
     [](Scenario& s) { s.leaf.public_key = ec_key("1.2.840.10045.3.1.7", 65); }},
    {"an Ed25519 key with parameters", "key",
     [](Scenario& s) {
       s.leaf.public_key = der::sequence({der::sequence({der::oid("1.3.101.112"), der::null()}),
                                          der::bits(std::string(32, '\x01'))});
     }},
    {"an X25519 key", "key",
     [](Scenario& s) {
       s.leaf.public_key = der::sequence(
           {der::sequence({der::oid("1.3.101.110")}), der::bits(std::string(32, '\x01'))});
     }},

    // Names as fields
    {"an empty issuer", "issuer", [](Scenario& s) { s.root.subject = der::sequence({}); }},
    {"an empty issuer that the root does not have", "issuer",
     [](Scenario& s) { s.leaf.issuer = der::sequence({}); }},
    {"a CA without a name", "subject",
     [](Scenario& s) {
       s.root.subject = der::sequence({});
       s.root.issuer = make::common_name("Another");
     }},
    {"an empty subject with critical names", "",
     [](Scenario& s) {
       s.leaf.subject = der::sequence({});
       s.names({make::dns("ipmsrv.example.com")}, true);
     }},
    {"an empty subject with names not critical", "name-missing",
     [](Scenario& s) { s.leaf.subject = der::sequence({}); }},
    {"an empty subject without names", "name-missing",
     [](Scenario& s) {
       s.leaf.subject = der::sequence({});
       s.leaf.extensions.drop(oid::kAlternativeNames);
     }},
    {"a subject in broken UTF-8", "parse",
     [](Scenario& s) {
       s.leaf.subject = make::distinguished_name({{"2.5.4.3", der::utf8("a\xf4<"s)}});
     }},
    {"an attribute of a private type", "parse",
     [](Scenario& s) {
       s.leaf.subject = make::distinguished_name({{"2.5.4.3", der::context(11, "example")}});
     }},
    {"an RDN without attributes", "encoding",
     [](Scenario& s) { s.leaf.subject = der::sequence({der::set({})}); }},
    {"a unique identifier of the subject", "unique-identifiers",
     [](Scenario& s) { s.leaf.unique_identifiers = der::context(2, "\0\x01"s); }},
    {"a unique identifier of the issuer", "unique-identifiers",
     [](Scenario& s) { s.leaf.unique_identifiers = der::context(1, "\0\x01"s); }},
    {"a field behind the extensions", "parse",
     [](Scenario& s) { s.leaf.behind_extensions = der::null(); }},
    {"an empty list of extensions", "encoding",
     [](Scenario& s) {
       s.leaf.without_issuer_key_id = true;
       s.leaf.extensions = {};
       s.leaf.behind_extensions = der::context_constructed(3, der::sequence({}));
     }},

    // Times; `now` is 2026-06-01T12:00:00Z
    {"expired", "not-after",
     [](Scenario& s) { s.leaf.not_after = der::utc_time("260601115959Z"); }},
    {"the last second", "", [](Scenario& s) { s.leaf.not_after = der::utc_time("260601120000Z"); }},
    {"the first second", "",
     [](Scenario& s) { s.leaf.not_before = der::utc_time("260601120000Z"); }},
    {"not yet valid", "not-before",
     [](Scenario& s) { s.leaf.not_before = der::utc_time("260601120001Z"); }},
    {"an expired intermediate", "not-after",
     [](Scenario& s) {
       s.with_intermediate().intermediate.not_after = der::utc_time("260101000000Z");
     }},
    {"an intermediate not yet valid", "not-before",
     [](Scenario& s) {
       s.with_intermediate().intermediate.not_before = der::utc_time("260701000000Z");
     }},
    {"an expired root", "not-after",
     [](Scenario& s) { s.root.not_after = der::utc_time("260601000000Z"); }},
    {"a root not yet valid", "not-before",
     [](Scenario& s) { s.root.not_before = der::utc_time("260602000000Z"); }},
    {"an end before the beginning", "validity-encoding",
     [](Scenario& s) {
       s.leaf.not_before = der::utc_time("260801000000Z");
       s.leaf.not_after = der::utc_time("260401000000Z");
     }},
    {"GeneralizedTime from 2050 on", "",
     [](Scenario& s) { s.leaf.not_after = der::generalized_time("20500101000000Z"); }},
    {"the last second of all", "",
     [](Scenario& s) { s.leaf.not_after = der::generalized_time("99991231235959Z"); }},
    {"GeneralizedTime before 2050", "time-type",
     [](Scenario& s) { s.leaf.not_after = der::generalized_time("20491231235959Z"); }},
    {"GeneralizedTime for notBefore in 2026", "time-type",
     [](Scenario& s) { s.leaf.not_before = der::generalized_time("20260101000000Z"); }},
    {"a root with GeneralizedTime before 2050", "",
     [](Scenario& s) { s.root.not_after = der::generalized_time("20300101000000Z"); }},
    {"GeneralizedTime before 2050, relaxed", "",
     [](Scenario& s) {
       s.relax("time-type").leaf.not_after = der::generalized_time("20300101000000Z");
     }},
    {"GeneralizedTime before 1950, which UTCTime does not hold", "",
     [](Scenario& s) { s.leaf.not_before = der::generalized_time("19491231235959Z"); }},
    {"UTCTime of 1950", "",
     [](Scenario& s) { s.root.not_before = der::utc_time("500101000000Z"); }},
    {"UTCTime of 2049", "", [](Scenario& s) { s.leaf.not_after = der::utc_time("491231235959Z"); }},
    {"UTCTime without seconds", "validity-encoding",
     [](Scenario& s) { s.leaf.not_after = der::utc_time("2701010000Z"); }},
    {"UTCTime with an offset", "validity-encoding",
     [](Scenario& s) { s.leaf.not_after = der::utc_time("270101000000+0100"); }},
    {"GeneralizedTime with a fraction", "validity-encoding",
     [](Scenario& s) { s.leaf.not_after = der::generalized_time("20510101000000.5Z"); }},
    {"GeneralizedTime without Z", "parse",
     [](Scenario& s) { s.leaf.not_after = der::generalized_time("20510101000000"); }},
    {"the thirtieth of February", "parse",
     [](Scenario& s) { s.leaf.not_after = der::utc_time("270230000000Z"); }},
    {"a leap second", "parse",
     [](Scenario& s) { s.leaf.not_after = der::utc_time("270101000060Z"); }},
    {"an intermediate with GeneralizedTime before 2050", "time-type",
     [](Scenario& s) {
       s.with_intermediate().intermediate.not_after = der::generalized_time("20300101000000Z");
     }},
};

TEST_P(PathCase, Content) {
  check(GetParam());
}
INSTANTIATE_TEST_SUITE_P(Content, PathCase, ::testing::ValuesIn(kCases), case_name);

}  // namespace
}  // namespace ipm::trust::test
