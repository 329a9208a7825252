// Which peers come in, and by which rule the others do not: certificates that openssl made, judged
// in real handshakes, in both directions. The refused side hears the reason as an alert.
#include <gmock/gmock.h>

#include "library_peer.h"

namespace ipm::tls::test {
namespace {

using testing::HasSubstr;

struct Case {
  std::string name;
  std::string stem;
  std::string rule;   // empty: admitted
  int alert = 0;      // what the peer hears
  std::string words;  // further ones in the message
};
std::ostream& operator<<(std::ostream& out, const Case& one) {
  return out << one.name;
}

std::string name_of(const testing::TestParamInfo<Case>& info) {
  return info.param.name;
}

// --- Servers that we dial
// -------------------------------------------------------------------------

struct DialledServer : testing::TestWithParam<Case> {};

TEST_P(DialledServer, IsJudgedByTheRules) {
  const Case& one = GetParam();
  asio::io_context io{1};
  auto ends = connect_ends(io);
  Stream stream(net::make_transport(std::move(ends.here), "ipmsrv.example.com:631"));
  const auto generation = build(client_sources());
  const auto error = run_against(
      io,
      [&]() -> awaitable<void> {
        stream.expires_after(std::chrono::seconds(10));
        co_await stream.connect_tls(generation, expect_name());
      },
      [&] {
        LibraryPeer peer(std::move(ends.there), true, one.stem);
        const bool done = peer.handshake();
        EXPECT_EQ(done, one.rule.empty()) << peer.failure;
        EXPECT_EQ(peer.alert(), one.alert) << peer.failure;
      });
  if (one.rule.empty()) {
    ASSERT_FALSE(error) << error->what();
    EXPECT_TRUE(stream.peer());
    return;
  }
  ASSERT_TRUE(error);
  EXPECT_EQ(error->message(), Message::PeerRefused);
  const std::string text = error->what();
  EXPECT_THAT(text, HasSubstr("ipmsrv.example.com:631"));
  EXPECT_THAT(text, HasSubstr(one.rule + ": found "));
  EXPECT_THAT(text, HasSubstr("serial "));
  EXPECT_THAT(text, HasSubstr(one.words));
  EXPECT_FALSE(error->mend().empty());
  EXPECT_FALSE(stream.peer());
}

const Case kServers[] = {
    {"S9_BothUsages", "server", "", 0, ""},
    {"S7_ServerAuthAlone", "server-only", "", 0, ""},
    {"S7_RsaWithKeyEncipherment", "server-rsa", "", 0, ""},
    {"S11_NameOnlyInTheSubjectOthersInTheSan", "server-cn-only", "", 0, ""},
    {"S11_NameOnlyInTheSubjectWithoutSan", "server-no-san", "", 0, ""},
    {"S10_WholeLabelWildcard", "server-wildcard", "", 0, ""},
    {"S2_WithItsIntermediate", "server-sub", "", 0, ""},
    {"S7_NoExtendedKeyUsage", "server-no-eku", "S7", SSL_AD_UNSUPPORTED_CERTIFICATE, "serverAuth"},
    {"S7_ClientCertificateAtAServer", "server-client-eku", "S7", SSL_AD_UNSUPPORTED_CERTIFICATE,
     "clientAuth"},
    {"S7_KeyUsageWithoutDigitalSignature", "server-no-ku", "S7", SSL_AD_UNSUPPORTED_CERTIFICATE,
     "digitalSignature"},
    {"S10_PartialWildcard", "server-partial-wildcard", "S10", SSL_AD_BAD_CERTIFICATE,
     "ipm*.example.com"},
    {"S10_InnerWildcard", "server-inner-wildcard", "S10", SSL_AD_BAD_CERTIFICATE, "ipmsrv.*.com"},
    {"S14_Expired", "server-expired", "S14", SSL_AD_CERTIFICATE_EXPIRED, "2021"},
    {"S14_NotYetValid", "server-future", "S14", SSL_AD_BAD_CERTIFICATE, "2048"},
    {"S2_OtherCa", "server-other-ca", "S2", SSL_AD_UNKNOWN_CA, "Another Test CA"},
    {"S2_WithoutItsIntermediate", "server-sub-leaf", "S2", SSL_AD_UNKNOWN_CA, "Sub CA"},
    {"S11_OtherName", "server-other-name", "S11", SSL_AD_BAD_CERTIFICATE, "elsewhere.example.com"},
    {"ACaInThePlaceOfAServer", "server-is-ca", "basic-constraints", SSL_AD_BAD_CERTIFICATE, ""},
};
INSTANTIATE_TEST_SUITE_P(Rules, DialledServer, testing::ValuesIn(kServers), name_of);

// --- Clients that dial us
// -------------------------------------------------------------------------

struct DiallingClient : testing::TestWithParam<std::tuple<Case, int>> {};

TEST_P(DiallingClient, IsJudgedByTheRules) {
  const auto& [one, version] = GetParam();
  asio::io_context io{1};
  auto ends = connect_ends(io);
  Stream stream(net::make_transport(std::move(ends.here), "192.0.2.7:40112"));
  const auto generation = build(server_sources());
  const auto error = run_against(
      io,
      [&]() -> awaitable<void> {
        stream.expires_after(std::chrono::seconds(10));
        co_await stream.accept_tls(generation);
        co_await stream.write(bytes_of("hello"));
      },
      [&] {
        LibraryPeer peer(std::move(ends.there), false, one.stem);
        SSL_CTX_set_max_proto_version(peer.context.get(), version);
        // In TLS 1.3 the refusal comes at the first read.
        const auto text = peer.handshake() ? peer.read() : std::string();
        EXPECT_EQ(text, one.rule.empty() ? "hello" : "") << peer.failure;
        EXPECT_EQ(peer.alert(), one.alert) << peer.failure;
      });
  if (one.rule.empty()) {
    ASSERT_FALSE(error) << error->what();
    EXPECT_TRUE(stream.peer());
    return;
  }
  ASSERT_TRUE(error);
  EXPECT_EQ(error->message(), Message::PeerRefused);
  const std::string text = error->what();
  EXPECT_THAT(text, HasSubstr("192.0.2.7:40112"));
  EXPECT_THAT(text, HasSubstr(one.rule + ": found "));
  EXPECT_THAT(text, HasSubstr("serial "));
  EXPECT_THAT(text, HasSubstr(one.words));
  EXPECT_FALSE(stream.peer());
}

const Case kClients[] = {
    {"S8_ClientAuth", "client", "", 0, ""},
    {"S9_AServerAsClientOfAnother", "server", "", 0, ""},
    {"S2_WithItsIntermediate", "client-sub", "", 0, ""},
    {"S8_NoExtendedKeyUsage", "client-no-eku", "S8", SSL_AD_UNSUPPORTED_CERTIFICATE, "clientAuth"},
    {"S8_ServerCertificateAtAClient", "client-server-eku", "S8", SSL_AD_UNSUPPORTED_CERTIFICATE,
     "CN = ipmclient.example.com"},
    {"S8_KeyUsageWithoutDigitalSignature", "client-no-ku", "S8", SSL_AD_UNSUPPORTED_CERTIFICATE,
     "digitalSignature"},
    {"S8_AnyUsageIsNoUsage", "client-any-eku", "S8", SSL_AD_UNSUPPORTED_CERTIFICATE, ""},
    {"S10_PartialWildcard", "client-partial-wildcard", "S10", SSL_AD_BAD_CERTIFICATE, ""},
    {"S14_Expired", "client-expired", "S14", SSL_AD_CERTIFICATE_EXPIRED, ""},
    {"S14_NotYetValid", "client-future", "S14", SSL_AD_BAD_CERTIFICATE, ""},
    {"S2_OtherCa", "client-other-ca", "S2", SSL_AD_UNKNOWN_CA, "Another Test CA"},
    {"S2_WithoutItsIntermediate", "client-sub-leaf", "S2", SSL_AD_UNKNOWN_CA, "Sub CA"},
};
INSTANTIATE_TEST_SUITE_P(Rules, DiallingClient,
                         testing::Combine(testing::ValuesIn(kClients),
                                          testing::Values(TLS1_2_VERSION, TLS1_3_VERSION)),
                         [](const auto& info) {
                           return std::get<0>(info.param).name +
                                  (std::get<1>(info.param) == TLS1_2_VERSION ? "_Tls12" : "_Tls13");
                         });

// --- Both ours: each side says it in the same words
// -------------------------------------------------

TEST(RefusalInWords, TheClientHearsWhichRuleItsOwnCertificateBreaks) {
  // The client's load would refuse such a certificate; a later clock makes it one in force.
  const auto late = fixed_clock(*parse_rfc3339("2029-01-01T14:00:00Z"));
  TimePoint now = noon();
  const auto client = build(client_sources("client-short"), [&now] { return now; });
  now = late();
  const auto meeting = meet(build(server_sources(), late), client);
  ASSERT_TRUE(meeting.server_error);
  ASSERT_TRUE(meeting.client_error);
  EXPECT_THAT(meeting.server_error->what(), HasSubstr("S14: found "));
  EXPECT_EQ(meeting.client_error->message(), Message::PeerRefused);
  EXPECT_THAT(meeting.client_error->what(), HasSubstr("certificate_expired"));
  EXPECT_THAT(meeting.client_error->what(), HasSubstr("S14: found "));
  EXPECT_THAT(meeting.client_error->what(), HasSubstr("refused our certificate CN = "));
}

TEST(RefusalInWords, ARevokedClientHearsThatItIs) {
  auto sources = server_sources();
  sources.crl = file("crl-client.pem");
  const auto meeting = meet(build(sources), build(client_sources()));
  ASSERT_TRUE(meeting.server_error);
  EXPECT_THAT(meeting.server_error->what(), HasSubstr("B6: found "));
  ASSERT_TRUE(meeting.client_error);
  EXPECT_EQ(meeting.client_error->message(), Message::PeerRefused);
  EXPECT_THAT(meeting.client_error->what(), HasSubstr("revoked"));
}

TEST(RefusalInWords, AClientWithoutACertificateHearsHowToGetOne) {
  const auto meeting = meet(build(server_sources()), build(client_sources("")));
  ASSERT_TRUE(meeting.server_error);
  EXPECT_EQ(meeting.server_error->message(), Message::PeerCertificateMissing);
  ASSERT_TRUE(meeting.client_error);
  EXPECT_EQ(meeting.client_error->message(), Message::PeerCertificateMissing);
  EXPECT_THAT(meeting.client_error->mend(), HasSubstr("ipm cert issue client"));
}

TEST(RefusalInWords, TheServerHearsThatAClientRefusedIt) {
  auto sources = client_sources("");
  sources.anchors = file("other-ca-cert.pem");
  const auto meeting = meet(build(server_sources(false)), build(sources));
  ASSERT_TRUE(meeting.client_error);
  EXPECT_EQ(meeting.client_error->message(), Message::PeerRefused);
  EXPECT_THAT(meeting.client_error->what(), HasSubstr("S2: found "));
  ASSERT_TRUE(meeting.server_error);
  EXPECT_EQ(meeting.server_error->message(), Message::HandshakeFailed);
  EXPECT_THAT(meeting.server_error->what(), HasSubstr("refused our certificate"));
  EXPECT_THAT(meeting.server_error->what(), HasSubstr("unknown_ca"));
}

TEST(RefusalInWords, EachThingIsToldOnceAndOfWhichCertificate) {
  const auto server = build(server_sources());
  const auto expired = fixed_clock(*parse_rfc3339("2029-01-01T14:00:00Z"));
  const auto leaf = meet(build(server_sources(), expired), build(client_sources("client-short")));
  ASSERT_TRUE(leaf.server_error);
  EXPECT_THAT(leaf.server_error->what(), testing::Not(HasSubstr("not-after")));
  // An intermediate that has expired, while the leaf has not.
  const auto chain = meet(server, build(client_sources("client-old-sub")));
  ASSERT_TRUE(chain.server_error);
  EXPECT_THAT(chain.server_error->what(), HasSubstr("not-after: found "));
  EXPECT_THAT(chain.server_error->what(), HasSubstr("(of Imprimatur Old Sub CA)"));
}

TEST(RefusalInWords, NothingForeignForgesALine) {
  // What is in a message is printable, whatever a certificate holds.
  const auto meeting = meet(build(server_sources()), build(client_sources("client-other-ca")));
  ASSERT_TRUE(meeting.server_error);
  EXPECT_EQ(std::string(meeting.server_error->what()).find('\n'), std::string::npos);
}

// --- A certificate revocation list that is past its end fails closed
// --------------------------------

TEST(RevocationList, ExpiredRefusesThePeersOfItsCa) {
  auto sources = server_sources();
  sources.crl = file("crl-expired.pem");
  const auto meeting = meet(build(sources), build(client_sources()));
  ASSERT_TRUE(meeting.server_error);
  EXPECT_EQ(meeting.server_error->message(), Message::PeerRefused);
  EXPECT_THAT(meeting.server_error->what(), HasSubstr("crl-time"));
}

TEST(RevocationList, AnAdmittedPeerIsForgottenWhenTheListEnds) {
  auto sources = server_sources();
  sources.crl = file("crl-empty.pem");
  TimePoint now = noon();
  const auto server = build(sources, [&now] { return now; });
  const auto client = build(client_sources());
  EXPECT_FALSE(meet(server, client).server_error);
  now = *parse_rfc3339("2029-01-25T00:00:00Z");
  const auto meeting = meet(server, client);
  ASSERT_TRUE(meeting.server_error);
  EXPECT_THAT(meeting.server_error->what(), HasSubstr("crl-time"));
}

TEST(RevocationList, AnotherClientIsNotTouched) {
  auto sources = server_sources();
  sources.crl = file("crl-client.pem");
  const auto meeting = meet(build(sources), build(client_sources("client2")));
  EXPECT_FALSE(meeting.server_error) << meeting.server_error->what();
}

// --- The memory of verdicts
// ------------------------------------------------------------------------

TEST(RememberedVerdict, IsForOneNameOnly) {
  const auto server = build(server_sources());
  const auto client = build(client_sources());
  EXPECT_FALSE(meet(server, client).client_error);
  EXPECT_FALSE(meet(server, client).client_error);
  EXPECT_TRUE(meet(server, client, expect_name("other.example.com")).client_error);
  EXPECT_FALSE(meet(server, client, expect_name("alt1.example.com")).client_error);
}

TEST(RememberedVerdict, EndsWithTheCertificate) {
  TimePoint now = noon();
  const auto server = build(server_sources(), [&now] { return now; });
  const auto client = build(client_sources("client-short"));
  EXPECT_FALSE(meet(server, client).server_error);
  now = *parse_rfc3339("2029-01-01T13:30:00Z");  // the last second counts
  EXPECT_FALSE(meet(server, client).server_error);
  now += std::chrono::seconds(1);
  EXPECT_TRUE(meet(server, client).server_error);
}

}  // namespace
}  // namespace ipm::tls::test
