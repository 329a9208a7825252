// What Imprimatur issues, judged by its own rules and by the openssl program.
#include "pki/profile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <set>

#include "base/files.h"
#include "openssl_maker.h"
#include "pki/pem.h"

namespace ipm::pki {
namespace {

using ::testing::HasSubstr;

Message message_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.message();
  }
  ADD_FAILURE() << "nothing was thrown";
  return Message::Notice;
}

class Profile : public ::testing::Test {
 protected:
  // Today, so that the openssl program agrees.
  static TimePoint now() {
    static const TimePoint kNow =
        std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
    return kNow;
  }
  static const PrivateKey& authority_key() {
    static const PrivateKey kKey = PrivateKey::generate(KeyKind::P256);
    return kKey;
  }
  static const PrivateKey& leaf_key() {
    static const PrivateKey kKey = PrivateKey::generate(KeyKind::P256);
    return kKey;
  }
  static const PrivateKey& rsa_key() {
    static const PrivateKey kKey = PrivateKey::generate(KeyKind::Rsa2048);
    return kKey;
  }
  static Certificate authority(std::string_view only = "") {
    AuthorityOrder order;
    order.common_name = "Example Print CA";
    order.constraints = NameConstraints::parse(only);
    order.now = now();
    return make_authority(authority_key(), order, new_serial());
  }
  static LeafOrder order(Role role, std::string name, std::string_view names = "") {
    LeafOrder made;
    made.role = role;
    made.common_name = std::move(name);
    made.names = Names::parse(names);
    made.now = now();
    return made;
  }
  static Certificate issued(const LeafOrder& wanted, const Certificate& issuer,
                            const PrivateKey& key = leaf_key()) {
    return issue(key.public_key(), wanted, issuer, authority_key(), new_serial());
  }
  static bool keeps_all_rules(const Certificate& certificate, Role role) {
    CheckOptions options;
    options.now = now();
    const Findings findings = check(certificate, role, options);
    EXPECT_EQ(to_line(findings), "");
    return all_passed(findings);
  }
};

TEST_F(Profile, S2_AuthorityIsACriticalCaOfPathLengthZero) {
  const Certificate ca = authority();
  EXPECT_TRUE(keeps_all_rules(ca, Role::Authority));
  EXPECT_TRUE(ca.basic_constraints().critical);
  EXPECT_EQ(ca.basic_constraints().value->path_length, 0);
  EXPECT_EQ(*ca.key_usage().value, kKeyCertSign | kCrlSign);
  EXPECT_TRUE(ca.is_self_issued());
  EXPECT_EQ(ca.subject_key_identifier().value, ca.authority_key_identifier().value);
  EXPECT_EQ(ca.subject_key_identifier().value->size(), 20U);
  EXPECT_EQ(ca.not_before(), now() - std::chrono::minutes{5});
  EXPECT_EQ(ca.not_after(), now() + std::chrono::days{3650});
}

TEST_F(Profile, S7_RsaServerSignsAndEnciphersKeysEcServerSignsAlone) {
  const Certificate ca = authority();
  const auto wanted = order(Role::Server, "ipmsrv.example.com");
  const Certificate rsa = issued(wanted, ca, rsa_key());
  EXPECT_EQ(*rsa.key_usage().value, kDigitalSignature | kKeyEncipherment);
  EXPECT_TRUE(keeps_all_rules(rsa, Role::Server));
  const Certificate ec = issued(wanted, ca);
  EXPECT_EQ(*ec.key_usage().value, kDigitalSignature);
  EXPECT_TRUE(keeps_all_rules(ec, Role::Server));
  const Certificate ed = issued(wanted, ca, PrivateKey::generate(KeyKind::Ed25519));
  EXPECT_EQ(*ed.key_usage().value, kDigitalSignature);
  EXPECT_EQ(*ec.extended_key_usage().value, std::vector<std::string>{std::string(kServerAuth)});
  EXPECT_TRUE(ec.key_usage().critical);
}

TEST_F(Profile, S8_S9_UsagesFollowTheRole) {
  const Certificate ca = authority();
  const Certificate client = issued(order(Role::Client, "alice"), ca, rsa_key());
  EXPECT_EQ(*client.key_usage().value, kDigitalSignature);
  EXPECT_TRUE(keeps_all_rules(client, Role::Client));
  EXPECT_FALSE(client.subject_alternative_names().present());
  const Certificate mutual = issued(order(Role::MutualServer, "ipmsrv.example.com"), ca);
  EXPECT_EQ(mutual.extended_key_usage().value->size(), 2U);
  EXPECT_TRUE(keeps_all_rules(mutual, Role::MutualServer));
}

TEST_F(Profile, S11_TheMainNameComesFirstInTheSanAndOnce) {
  const Certificate leaf =
      issued(order(Role::Server, "ipmsrv.example.com",
                   "DNS:alt1.example.com, DNS:IPMSRV.example.com, IP:10.0.0.1, IP:fc00::1"),
             authority());
  EXPECT_EQ(leaf.names().text(),
            "DNS:ipmsrv.example.com, DNS:alt1.example.com, IP:10.0.0.1, IP:fc00::1");
}

TEST_F(Profile, S10_ClientsMayBeComputersUsersAndMailboxes) {
  const Certificate ca = authority();
  EXPECT_EQ(issued(order(Role::Client, "client.example.com"), ca).names().text(),
            "DNS:client.example.com");
  const Certificate mailbox = issued(order(Role::Client, "alice@example.com"), ca);
  EXPECT_EQ(mailbox.subject_alternative_names().value->emails,
            std::vector<std::string>{"alice@example.com"});
  EXPECT_TRUE(keeps_all_rules(mailbox, Role::Client));
}

TEST_F(Profile, S10_NamesThatNameNoComputerAreRefused) {
  const Certificate ca = authority();
  for (const std::string name : {"", "ipmsrv", "ipm*.example.com", "*srv.example.com",
                                 "a.*.example.com", "*.com", "*", "10.0.0.1", "Print Server",
                                 "a..b", "alice@example.com", "a.example.com\n", "a,DNS:b.com"}) {
    SCOPED_TRACE(name);
    EXPECT_EQ(message_of([&] { issued(order(Role::Server, name), ca); }), Message::NameInvalid);
  }
  const std::string long_name = std::string(60, 'a') + ".example.com";
  EXPECT_EQ(message_of([&] { issued(order(Role::Server, long_name), ca); }), Message::NameInvalid);
}

TEST_F(Profile, S10_ClientNamesThatAreRefused) {
  const Certificate ca = authority();
  for (const std::string name : {"", " alice", "alice ", "ipm*.example.com", "a/b", "alice\n",
                                 "@example.com", "alice@", "alice@exa mple", "10.0.0.1", "a=b"}) {
    SCOPED_TRACE(name);
    EXPECT_EQ(message_of([&] { issued(order(Role::Client, name), ca); }), Message::NameInvalid);
  }
}

TEST_F(Profile, SerialsAre128BitsPositiveAndNew) {
  std::set<Serial> seen;
  for (int i = 0; i < 1000; ++i) {
    const Serial serial = new_serial();
    ASSERT_EQ(serial.size(), 16U);
    ASSERT_EQ(serial.front() & 0x80U, 0U);
    ASSERT_TRUE(seen.insert(serial).second);
  }
  const Serial serial = *seen.begin();
  const Certificate leaf = issue(leaf_key().public_key(), order(Role::Client, "alice"), authority(),
                                 authority_key(), serial);
  EXPECT_EQ(leaf.serial(), to_text(serial));
}

TEST_F(Profile, ValidityIsBackdatedAndStaysWithinTheIssuers) {
  AuthorityOrder short_lived;
  short_lived.common_name = "Short CA";
  short_lived.now = now();
  short_lived.validity = std::chrono::days{30};
  const Certificate ca = make_authority(authority_key(), short_lived, new_serial());
  const auto wanted = order(Role::Server, "ipmsrv.example.com");
  const Certificate leaf = issued(wanted, ca);
  EXPECT_EQ(leaf.not_before(), ca.not_before());
  EXPECT_EQ(leaf.not_after(), ca.not_after());
  EXPECT_TRUE(validity_of(wanted, ca).shortened);

  auto later = wanted;
  later.now = now() + std::chrono::days{3};
  later.validity = std::chrono::days{2};
  const Certificate within = issued(later, ca);
  EXPECT_EQ(within.not_before(), later.now - std::chrono::minutes{5});
  EXPECT_EQ(within.not_after(), later.now + std::chrono::days{2});
  EXPECT_FALSE(validity_of(later, ca).shortened);
}

TEST_F(Profile, AnIssuerThatIsNotValidNowSignsNothing) {
  const Certificate ca = authority();
  auto wanted = order(Role::Server, "ipmsrv.example.com");
  wanted.now = ca.not_after() + std::chrono::seconds{1};
  EXPECT_EQ(message_of([&] { issued(wanted, ca); }), Message::CertificateExpired);
  wanted.now = ca.not_before() - std::chrono::seconds{1};
  EXPECT_EQ(message_of([&] { issued(wanted, ca); }), Message::CertificateExpired);
  wanted = order(Role::Server, "ipmsrv.example.com");
  for (const auto days : {0, -1, 36'501}) {
    wanted.validity = std::chrono::days{days};
    EXPECT_EQ(message_of([&] { issued(wanted, ca); }), Message::UsageWrong);
  }
}

TEST_F(Profile, OnlyAnAuthorityWithItsOwnKeySigns) {
  const Certificate ca = authority();
  const Certificate leaf = issued(order(Role::Server, "ipmsrv.example.com"), ca);
  const auto wanted = order(Role::Client, "alice");
  EXPECT_EQ(
      message_of([&] { issue(leaf_key().public_key(), wanted, leaf, leaf_key(), new_serial()); }),
      Message::AuthorityDamaged);
  EXPECT_EQ(
      message_of([&] { issue(leaf_key().public_key(), wanted, ca, leaf_key(), new_serial()); }),
      Message::AuthorityDamaged);
}

TEST_F(Profile, WeakKeysAreRefusedBeforeAnythingIsSigned) {
  const test::OpensslMaker maker;
  const std::string subject = "/CN=ipmsrv.example.com";
  test::Recipe recipe;
  recipe.key = "rsa1024";
  const auto weak = Certificate::parse(maker.make(recipe), "weak.pem").public_key();
  try {
    issue(weak, order(Role::Server, "ipmsrv.example.com"), authority(), authority_key(),
          new_serial());
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.message(), Message::CertificateBreaksRule);
    EXPECT_THAT(error.happened(), HasSubstr("key-strength"));
  }
}

// --- name constraints
// -----------------------------------------------------------------------------

TEST_F(Profile, NameConstraintsAreCriticalAndKept) {
  const Certificate ca = authority("example.com, 10.0.0.0/8");
  bool critical = false;
  for (const auto& extension : ca.extensions()) {
    if (extension.oid == "2.5.29.30") critical = extension.critical;
  }
  EXPECT_TRUE(critical);
  EXPECT_EQ(name_constraints_text(ca), "example.com, 10.0.0.0/8");
  EXPECT_NO_THROW(issued(order(Role::Server, "ipmsrv.example.com", "IP:10.200.0.1"), ca));
  EXPECT_NO_THROW(issued(order(Role::Server, "*.example.com", "example.com"), ca));
  for (const std::string_view outside :
       {"other.org", "notexample.com", "com", "IP:11.0.0.1", "IP:fc00::1", "IP:9.255.255.255"}) {
    SCOPED_TRACE(outside);
    EXPECT_EQ(message_of([&] { issued(order(Role::Server, "a.example.com", outside), ca); }),
              Message::NameInvalid);
  }
  EXPECT_EQ(message_of([&] { issued(order(Role::Server, "*.other.org"), ca); }),
            Message::NameInvalid);
}

// RFC 5280, 4.2.1.10: a kind of name without a constraint would be free.
TEST_F(Profile, B4_OnlyADomainLimitsMailboxesToo) {
  const Certificate ca = authority("example.com, 10.0.0.0/8");
  EXPECT_NO_THROW(issued(order(Role::Client, "alice@example.com"), ca));
  EXPECT_NO_THROW(issued(order(Role::Client, "alice@desk.example.com"), ca));
  EXPECT_NO_THROW(issued(order(Role::Client, "alice"), ca)) << "a user's name is no mailbox";
  for (const std::string mailbox :
       {"alice@example.org", "alice@notexample.com", "alice@com", "alice@example.com.evil.org"}) {
    EXPECT_EQ(message_of([&] { issued(order(Role::Client, mailbox), ca); }), Message::NameInvalid)
        << mailbox;
    EXPECT_FALSE(is_mailbox_permitted(ca, mailbox)) << mailbox;
    EXPECT_TRUE(is_mailbox_permitted(authority(), mailbox)) << mailbox;
  }
}

TEST_F(Profile, OnlyADomainMeansNoAddressAtAll) {
  const Certificate ca = authority("example.com");
  EXPECT_EQ(permitted_names(ca, Names::parse("a.example.com b.org 10.0.0.1 fc00::1")).text(),
            "DNS:a.example.com");
  EXPECT_EQ(permitted_names(authority(), Names::parse("b.org 10.0.0.1")).text(),
            "DNS:b.org, IP:10.0.0.1");
}

TEST_F(Profile, LimitsThatAreNoneAreRefused) {
  for (const std::string_view text :
       {"*.example.com", ".example.com", "10.0.0.0/33", "10.0.0.1/8", "10.0.0.0/", "fc00::/129",
        "exa mple/8", "10.0.0.0/-1", "a_b/"}) {
    SCOPED_TRACE(text);
    EXPECT_EQ(message_of([&] { NameConstraints::parse(text); }), Message::NameInvalid);
  }
  std::string many;
  for (int i = 0; i < 101; ++i) many += "d" + std::to_string(i) + ".example.com,";
  EXPECT_EQ(message_of([&] { NameConstraints::parse(many); }), Message::NameInvalid);
  EXPECT_EQ(NameConstraints::parse("10.0.0.1 fc00::/7").text(), "10.0.0.1/32, fc00::/7");
  EXPECT_TRUE(NameConstraints::parse(" , ").empty());
}

// --- requests
// -------------------------------------------------------------------------------------

TEST_F(Profile, ARequestContributesAKeyAndNames) {
  const auto request = Request::make(leaf_key(), "ipmsrv.example.com", Names::parse("10.0.0.1"));
  const LeafOrder taken = order_from_request(request, Role::Server, now());
  EXPECT_EQ(taken.common_name, "ipmsrv.example.com");
  const Certificate leaf =
      issue(request.public_key(), taken, authority(), authority_key(), new_serial());
  EXPECT_TRUE(leaf.public_key() == leaf_key().public_key());
  EXPECT_EQ(leaf.names().text(), "DNS:ipmsrv.example.com, IP:10.0.0.1");
}

TEST_F(Profile, WhatARequestDemandsBesidesIsIgnored) {
  const test::OpensslMaker maker;
  const auto request_file = maker.folder() / "greedy.pem";
  const auto made =
      maker.run("openssl req -new -key " + maker.key_file("p256").string() +
                " -subj '/O=Evil/CN=ipmsrv.example.com' -addext basicConstraints=critical,CA:TRUE"
                " -addext keyUsage=keyCertSign -addext extendedKeyUsage=codeSigning"
                " -addext subjectAltName=DNS:alt1.example.com -out " +
                request_file.string());
  ASSERT_EQ(made.code, 0) << made.output;
  const auto request = Request::parse(test::file_text(request_file), "greedy.pem");
  const LeafOrder taken = order_from_request(request, Role::Client, now());
  const Certificate leaf =
      issue(request.public_key(), taken, authority(), authority_key(), new_serial());
  EXPECT_TRUE(keeps_all_rules(leaf, Role::Client));
  EXPECT_FALSE(leaf.basic_constraints().value->ca);
  EXPECT_EQ(*leaf.extended_key_usage().value, std::vector<std::string>{std::string(kClientAuth)});
  EXPECT_EQ(leaf.subject(), "CN = ipmsrv.example.com");
}

// A request that openssl made with these names.
Request asked(const std::string& subject, const std::string& names) {
  const test::OpensslMaker maker;
  const auto file = maker.folder() / "asked.pem";
  const auto made =
      maker.run("openssl req -new -key " + maker.key_file("p256").string() + " -subj '" + subject +
                "' -addext 'subjectAltName=" + names + "' -out " + file.string());
  EXPECT_EQ(made.code, 0) << made.output;
  return Request::parse(test::file_text(file), "asked.pem");
}

TEST_F(Profile, ARequestOfOneMailboxIsThatClients) {
  const auto request = asked("/", "email:alice@example.com");
  const LeafOrder taken = order_from_request(request, Role::Client, now());
  EXPECT_EQ(taken.common_name, "alice@example.com");
  EXPECT_EQ(left_out_text(request, taken), "");
  EXPECT_EQ(message_of([&] { order_from_request(request, Role::Server, now()); }),
            Message::NameInvalid);
}

TEST_F(Profile, NamesThatAreNotTakenAreSaid) {
  const auto request =
      asked("/O=Example/CN=ipmsrv.example.com",
            "DNS:ipmsrv.example.com,URI:ipps://ipmsrv.example.com/,email:ops@example.com");
  const std::string text = left_out_text(request, order_from_request(request, Role::Server, now()));
  EXPECT_EQ(text, "email:ops@example.com, URI:ipps://ipmsrv.example.com/, O = Example");
}

TEST_F(Profile, S10_AnAddressAloneIsCertifiedOnlyWhereThatIsStated) {
  const auto request = asked("/", "IP:10.0.0.1");
  EXPECT_EQ(message_of([&] { order_from_request(request, Role::Server, now()); }),
            Message::NameInvalid);
  const LeafOrder taken = order_from_request(request, Role::Server, now(), true);
  const Certificate leaf =
      issue(request.public_key(), taken, authority(), authority_key(), new_serial());
  EXPECT_EQ(leaf.common_name(), "10.0.0.1");
  EXPECT_EQ(leaf.names().text(), "IP:10.0.0.1");
  LeafOrder beside = taken;
  beside.names = Names::parse("10.0.0.1 a.example.com");
  EXPECT_EQ(message_of([&] {
              issue(request.public_key(), beside, authority(), authority_key(), new_serial());
            }),
            Message::NameInvalid);
}

// certutil -encode writes CERTIFICATE round whatever it is given (RFC 7468, 2).
TEST_F(Profile, ARequestInACertificatesBlockIsARequest) {
  const auto made = Request::make(leaf_key(), "desk7.example.com", {});
  const std::string text = pem_text("CERTIFICATE", made.der());
  EXPECT_EQ(Request::parse(text, "w.csr").common_name(), "desk7.example.com");
  try {
    Certificate::parse(text, "w.csr");
    FAIL() << "it was taken for a certificate";
  } catch (const Error& error) {
    EXPECT_THAT(error.happened(), HasSubstr("request"));
  }
}

TEST_F(Profile, ARequestForAPartialWildcardIsRefused) {
  const test::OpensslMaker maker;
  const auto request_file = maker.folder() / "wildcard.pem";
  const auto made = maker.run("openssl req -new -key " + maker.key_file("p256").string() +
                              " -subj '/CN=ipm*.example.com' -out " + request_file.string());
  ASSERT_EQ(made.code, 0) << made.output;
  const auto request = Request::parse(test::file_text(request_file), "wildcard.pem");
  EXPECT_EQ(message_of([&] { order_from_request(request, Role::Server, now()); }),
            Message::NameInvalid);
}

// --- the openssl program agrees
// -------------------------------------------------------------------

class Agreement : public Profile {
 protected:
  test::CommandResult verify(const Certificate& ca, const Certificate& leaf,
                             const std::string& flags) const {
    write_file({folder_ / "ca.pem", ca.pem()});
    write_file({folder_ / "leaf.pem", leaf.pem()});
    return test::run_command("openssl verify -x509_strict -CAfile " +
                                 (folder_ / "ca.pem").string() + " " + flags + " " +
                                 (folder_ / "leaf.pem").string(),
                             folder_.path());
  }
  test::TemporaryFolder folder_;
};

TEST_F(Agreement, OpensslVerifiesStrictlyWhatIsIssued) {
  for (const KeyKind kind : {KeyKind::P256, KeyKind::P384, KeyKind::Ed25519, KeyKind::Rsa3072}) {
    SCOPED_TRACE(key_kind_name(kind));
    const PrivateKey key = PrivateKey::generate(kind);
    AuthorityOrder ca_order;
    ca_order.common_name = "Example Print CA";
    ca_order.constraints = NameConstraints::parse("example.com, 10.0.0.0/8");
    ca_order.now = now();
    const Certificate ca = make_authority(key, ca_order, new_serial());
    const auto wanted = order(Role::MutualServer, "ipmsrv.example.com", "*.example.com 10.0.0.1");
    const Certificate leaf = issue(leaf_key().public_key(), wanted, ca, key, new_serial());
    for (const std::string flags :
         {"-purpose sslserver -verify_hostname ipmsrv.example.com", "-purpose sslclient",
          "-purpose sslserver -verify_ip 10.0.0.1", "-verify_hostname other.example.com"}) {
      const auto result = verify(ca, leaf, flags);
      EXPECT_EQ(result.code, 0) << flags << "\n" << result.output;
    }
    EXPECT_NE(verify(ca, leaf, "-verify_hostname a.b.example.com").code, 0);
  }
}

TEST_F(Agreement, OpensslSeesRolesApart) {
  const Certificate ca = authority();
  const Certificate client = issued(order(Role::Client, "alice@example.com"), ca);
  EXPECT_EQ(verify(ca, client, "-purpose sslclient").code, 0);
  EXPECT_NE(verify(ca, client, "-purpose sslserver").code, 0);
  const Certificate server = issued(order(Role::Server, "ipmsrv.example.com"), ca);
  EXPECT_NE(verify(ca, server, "-purpose sslclient").code, 0);
}

TEST_F(Agreement, OpensslReadsTheConstraintsAsWeMeanThem) {
  // The same names, once certified by the free authority and once under the constrained one: what
  // we would not issue, openssl would not accept.
  const Certificate free_ca = authority();
  const Certificate bound_ca = authority("example.com");  // Same key, same name.
  for (const std::string_view names : {"other.org", "IP:10.0.0.1", "IP:fc00::1"}) {
    SCOPED_TRACE(names);
    const Certificate leaf = issued(order(Role::Server, "a.example.com", names), free_ca);
    EXPECT_EQ(verify(free_ca, leaf, "").code, 0);
    EXPECT_NE(verify(bound_ca, leaf, "").code, 0);
  }
}

}  // namespace
}  // namespace ipm::pki
