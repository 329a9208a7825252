// Who was admitted, and would not be admitted now, does not stay (B6); everybody else does (S6).
#include <gmock/gmock.h>

#include "base/text.h"
#include "pki/profile.h"
#include "support.h"

namespace ipm::tls::test {
namespace {

using testing::HasSubstr;

struct Objection : testing::Test {
  TemporaryFolder folder;

  // The same server, with other anchors for its clients.
  std::shared_ptr<const Generation> trusting(const std::string& text,
                                             const std::string& crl = {}) const {
    write_file({folder / "client-ca.pem", text});
    auto sources = server_sources();
    sources.client_anchors = folder / "client-ca.pem";
    if (!crl.empty()) sources.crl = file(crl);
    return build(sources);
  }

  // The client as the server knows it after a handshake.
  static Peer admitted(const std::shared_ptr<const Generation>& server, const std::string& stem) {
    auto sources = client_sources(stem);
    const auto meeting = meet(server, build(sources));
    EXPECT_FALSE(meeting.server_error) << meeting.server_error->what();
    return *meeting.server_saw;
  }

  const std::string ca = text_of("ca-cert.pem");
  const std::string other = text_of("other-ca-cert.pem");
  std::shared_ptr<const Generation> before = trusting(ca + other);
};

Peer peer_of(const std::string& name) {
  const auto certificate = pki::Certificate::parse(text_of(name), name);
  return {certificate.display_name(), certificate, nullptr};
}

TEST_F(Objection, B6_ARevokedPeerMayNotStay) {
  const auto peer = peer_of("client-cert.pem");
  EXPECT_FALSE(trusting(ca)->objection(peer, *before));
  const auto objection = trusting(ca, "crl-client.pem")->objection(peer, *before);
  ASSERT_TRUE(objection);
  EXPECT_EQ(objection->rule, "B6");
  EXPECT_THAT(objection->found, HasSubstr(peer.certificate.serial()));
}

TEST_F(Objection, AnExpiredPeerMayNotStay) {
  const auto peer = peer_of("client-short-cert.pem");
  EXPECT_FALSE(build(server_sources())->objection(peer, *before));
  const auto later = fixed_clock(*parse_rfc3339("2029-01-01T13:30:01Z"));
  const auto objection = build(server_sources(), later)->objection(peer, *before);
  ASSERT_TRUE(objection);
  EXPECT_EQ(objection->rule, "S14");
}

TEST_F(Objection, B6_NobodyStaysWhoseAnchorWasTakenAway) {
  const auto ours = admitted(before, "client");
  const auto theirs = admitted(before, "client-other-ca");
  const auto after = trusting(ca);
  EXPECT_FALSE(after->objection(ours, *before));
  const auto objection = after->objection(theirs, *before);
  ASSERT_TRUE(objection);
  EXPECT_EQ(objection->rule, "S2");
  EXPECT_FALSE(before->objection(theirs, *before));
}

TEST_F(Objection, S6_EverybodyStaysWhenAnchorsAreAdded) {
  const auto first = trusting(ca);
  const auto peer = admitted(first, "client");
  EXPECT_FALSE(before->objection(peer, *first));
  const auto chained = admitted(first, "client-sub");
  ASSERT_TRUE(chained.sent_along);
  EXPECT_FALSE(before->objection(chained, *first)) << "with the intermediate that it sent";
}

TEST_F(Objection, S6_AnotherPathFromWhatWasSentIsAsGood) {
  const auto peer = admitted(before, "client-sub-both");
  EXPECT_FALSE(trusting(ca)->objection(peer, *before));
  EXPECT_FALSE(trusting(other)->objection(peer, *before));
  const auto single = admitted(before, "client-sub");
  EXPECT_TRUE(trusting(other)->objection(single, *before));
}

TEST_F(Objection, B6_DistrustThatTheFileNowStatesCounts) {
  const auto peer = admitted(before, "client");
  const auto leaf = pki::Certificate::parse(text_of("client-cert.pem"), "client-cert.pem");
  const auto digest = trust::issuer_and_serial_digest(leaf);
  const auto after =
      trusting(ca + other + "# ipm-distrust: issuer-serial=" + to_hex(digest) + "; label=gone\n");
  const auto objection = after->objection(peer, *before);
  ASSERT_TRUE(objection);
  EXPECT_EQ(objection->rule, "denied");
  EXPECT_FALSE(after->objection(admitted(after, "client2"), *before));
}

TEST_F(Objection, B6_AnAnchorThatVouchesForServersAloneNowKeepsNoClient) {
  const auto peer = admitted(before, "client-other-ca");
  const auto after = trusting(ca + "# ipm-trust: purposes=SERVER_AUTH\n" + other);
  const auto objection = after->objection(peer, *before);
  ASSERT_TRUE(objection);
  EXPECT_EQ(objection->rule, "anchor-purpose");
}

TEST_F(Objection, B6_ARevokedIntermediateTakesItsClientsWithIt) {
  const auto peer = admitted(before, "client-sub");
  const auto other_peer = admitted(before, "client2");
  const auto after = trusting(ca + other, "crl-sub.pem");
  const auto objection = after->objection(peer, *before);
  ASSERT_TRUE(objection);
  EXPECT_EQ(objection->rule, "B6");
  EXPECT_FALSE(after->objection(other_peer, *before));
  EXPECT_FALSE(after->objection(admitted(before, "client-sub-both"), *before))
      << "its other path is not revoked";
}

TEST_F(Objection, S6_AListThatHasEndedSendsNobodyAway) {
  const auto peer = admitted(before, "client");
  EXPECT_FALSE(trusting(ca, "crl-expired.pem")->objection(peer, *before));
  EXPECT_FALSE(trusting(ca + other, "crl-expired.pem")->objection(peer, *before));
}

TEST_F(Objection, S6_AListOfANamesakeSendsNobodyAwayWhoIsNotOnTheIssuersOwn) {
  // A CA that was made anew under its name: its old list has the serial number of somebody else.
  const auto peer = admitted(before, "client");
  const auto key = pki::PrivateKey::generate(pki::KeyKind::P256);
  const auto name = pki::Certificate::parse(ca, "ca").display_name();
  const auto old = pki::make_authority(
      key, {name, {}, noon() - std::chrono::days{10}, std::chrono::days{900}}, pki::new_serial());
  const auto list = pki::Crl::sign(old, key, {{peer.certificate.serial(), noon(), "unspecified"}},
                                   9, noon(), noon() + std::chrono::days{7});
  ASSERT_EQ(list.issuer(), pki::Certificate::parse(ca, "ca").subject());
  const auto after = [&](const std::string& lists) {
    write_file({folder / "crl.pem", lists});
    auto sources = server_sources();
    sources.crl = folder / "crl.pem";
    return build(sources);
  };
  const auto with_namesakes = after(list.pem());
  EXPECT_TRUE(with_namesakes->client_verifier().is_revoked(peer.certificate)) << "it is listed";
  EXPECT_FALSE(with_namesakes->objection(peer, *before));
  EXPECT_TRUE(after(list.pem() + text_of("crl-client.pem"))->objection(peer, *before));
}

TEST_F(Objection, B6_AResumedSessionKnowsWhatWasSent) {
  const auto peer = admitted(before, "client-sub");
  const auto again = admitted(before, "client-sub");  // admitted from memory
  ASSERT_TRUE(again.sent_along);
  EXPECT_EQ(again.sent_along, peer.sent_along) << "held once for all of a peer's connections";
}

TEST_F(Objection, B6_ServersThatWeDialledLikewise) {
  auto sources = client_sources();
  write_file({folder / "ca.pem", ca + other});
  sources.anchors = folder / "ca.pem";
  const auto dialling = build(sources);
  const auto meeting = meet(build(server_sources()), dialling);
  ASSERT_TRUE(meeting.client_saw);
  write_file({folder / "ca.pem", other});
  const auto after = build(sources);
  ASSERT_TRUE(after->objection_to_server(*meeting.client_saw, expect_name(), *dialling));
  EXPECT_EQ(after->objection_to_server(*meeting.client_saw, expect_name(), *dialling)->rule, "S2");
  write_file({folder / "ca.pem", ca});
  EXPECT_FALSE(build(sources)->objection_to_server(*meeting.client_saw, expect_name(), *dialling));
}

}  // namespace
}  // namespace ipm::tls::test
