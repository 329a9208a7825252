// Whole sets of identities, anchors, lists and policy: what loads, and what does not.
#include "tls/generation.h"

#include <gmock/gmock.h>

#include "support.h"

namespace ipm::tls::test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

Error refusal(const GenerationSources& sources, const Clock& clock = fixed_clock()) {
  try {
    build(sources, clock);
  } catch (const Error& error) {
    return error;
  }
  throw std::runtime_error("the set was taken");
}

// An anchor file of `text` beside everything else.
struct OwnAnchors {
  explicit OwnAnchors(const std::string& text) : path(folder / "ca-cert.pem") {
    write_file({path, text});
  }
  TemporaryFolder folder;
  fs::path path;
};

TEST(GenerationTest, AServersSetIsWhole) {
  const auto generation = build(server_sources());
  EXPECT_EQ(generation->number(), 1U);
  EXPECT_TRUE(generation->listen_identity());
  EXPECT_TRUE(generation->dial_identity());
  EXPECT_NE(generation->listen_context(), nullptr);
  EXPECT_NE(generation->dial_context(), nullptr);
  EXPECT_THAT(generation->notices(), IsEmpty());
}

TEST(GenerationTest, AClientNeedsNothingButAnchors) {
  const auto generation = build(client_sources(""));
  EXPECT_FALSE(generation->listen_identity());
  EXPECT_FALSE(generation->dial_identity());
  EXPECT_EQ(generation->listen_context(), nullptr);
}

TEST(GenerationTest, AClientWhoseFilesAreNotThereYetDialsWithoutThem) {
  auto sources = client_sources();
  sources.dial = IdentityFiles{"/nowhere/client-cert.pem", "/nowhere/client-key.pem"};
  EXPECT_FALSE(build(sources)->dial_identity());
  sources.dial->certificate = file("client-cert.pem");
  EXPECT_EQ(refusal(sources).message(), Message::FileNotFound) << "a half is no identity";
}

TEST(GenerationTest, ListeningWithoutMutualAuthenticationOnAServerAuthCertificateDialsWithNone) {
  const auto generation = build(server_sources(false, "server-only"));
  EXPECT_TRUE(generation->listen_identity());
  EXPECT_FALSE(generation->dial_identity());
}

TEST(GenerationTest, S9_UnderMutualAuthenticationTheOneCertificateServesBoth) {
  EXPECT_THAT(refusal(server_sources(true, "server-only")).what(), HasSubstr("S9: found"));
}

TEST(GenerationTest, S9_AnIdentityOfItsOwnToDialWithLeavesTheListeningOneAlone) {
  auto sources = server_sources(true, "server-only");
  sources.dial = identity("client");
  const auto generation = build(sources);
  EXPECT_EQ(generation->dial_identity()->leaf().subject(), "CN = ipmclient.example.com");
}

TEST(GenerationTest, TheDialIdentityKeepsTheClientsRules) {
  auto sources = server_sources();
  sources.dial = identity("server-only");
  EXPECT_THAT(refusal(sources).what(), HasSubstr("S8: found"));
}

TEST(GenerationTest, OurOwnChainMustLeadToAnAnchor) {
  const auto other = refusal(server_sources(true, "server-other-ca"));
  EXPECT_EQ(other.message(), Message::ChainInvalid);
  EXPECT_THAT(other.happened(), HasSubstr("S2: found"));
  EXPECT_THAT(other.mend(), HasSubstr("ipm trust install"));
  EXPECT_EQ(refusal(server_sources(true, "server-sub-leaf")).message(), Message::ChainInvalid);
  EXPECT_NO_THROW(build(server_sources(true, "server-sub")));
}

TEST(GenerationTest, ADialIdentityOfAnotherCaIsTakenWithANotice) {
  const auto generation = build(client_sources("client-other-ca"));
  EXPECT_TRUE(generation->dial_identity());
  ASSERT_EQ(generation->notices().size(), 1U);
  EXPECT_THAT(generation->notices()[0].text, HasSubstr("Another Test CA"));
}

TEST(GenerationTest, AnchorsThatAreNoneAreRefused) {
  const OwnAnchors raw("BEGINDATA\nCKA_CLASS CK_OBJECT_CLASS CKO_NSS_BUILTIN_ROOT_LIST\n");
  auto sources = server_sources();
  sources.anchors = raw.path;
  EXPECT_EQ(refusal(sources).message(), Message::AnchorsUnusable);
  sources.anchors = "/nowhere/ca-cert.pem";
  EXPECT_EQ(refusal(sources).message(), Message::FileNotFound);
}

TEST(GenerationTest, ADamagedRevocationListIsRefusedAndAMissingOneIsNot) {
  const TemporaryFolder folder;
  write_file({folder / "crl.pem", "-----BEGIN X509 CRL-----\nAAAA\n"});
  auto sources = server_sources();
  sources.crl = folder / "crl.pem";
  EXPECT_EQ(refusal(sources).message(), Message::CrlUnusable);
  sources.crl = folder / "absent.pem";
  EXPECT_NO_THROW(build(sources));
}

TEST(GenerationTest, AListThatNamesOurselvesIsTakenUpWithANotice) {
  auto sources = client_sources();  // its certificate is the one that is revoked
  sources.crl = file("crl-client.pem");
  const auto generation = build(sources);
  ASSERT_EQ(generation->notices().size(), 1U);
  EXPECT_EQ(generation->notices()[0].message, Message::CertificateRevoked);
}

TEST(GenerationTest, AnExpiredListDoesNotKeepTheServerFromStarting) {
  auto sources = server_sources();
  sources.crl = file("crl-expired.pem");
  EXPECT_NO_THROW(build(sources));
}

TEST(GenerationTest, FilesAreWatchedOnceEach) {
  auto sources = server_sources();
  sources.crl = file("crl-empty.pem");
  sources.client_anchors = file("other-ca-cert.pem");
  const auto files = sources.files();
  EXPECT_EQ(files.size(), 5U);  // certificate, key, anchors, client anchors, list
}

// --- S18
// --------------------------------------------------------------------------------------------

std::string as_public(const std::string& pem, const std::string& purposes) {
  return "# ipm-trust: purposes=" + purposes + "; public\n" + pem;
}

TEST(ClientTrust, S18_APublicCaThatVouchesForClientsIsRefused) {
  const OwnAnchors anchors(as_public(text_of("ca-cert.pem"), "SERVER_AUTH,CLIENT_AUTH"));
  auto sources = server_sources();
  sources.anchors = anchors.path;
  const auto error = refusal(sources);
  EXPECT_EQ(error.message(), Message::PublicClientTrustRefused);
  EXPECT_THAT(error.happened(), HasSubstr("Imprimatur Test CA"));
  EXPECT_THAT(error.mend(), HasSubstr("public_ca_clients = \"allow\""));
}

TEST(ClientTrust, S18_PublicCasAloneAreRefusedWhateverTheyVouchFor) {
  const OwnAnchors anchors(as_public(text_of("ca-cert.pem"), "SERVER_AUTH"));
  auto sources = server_sources();
  sources.anchors = anchors.path;
  EXPECT_EQ(refusal(sources).message(), Message::PublicClientTrustRefused);
}

TEST(ClientTrust, S18_StatedByNameItIsTakenAndWarnedOf) {
  const OwnAnchors anchors(as_public(text_of("ca-cert.pem"), "SERVER_AUTH"));
  auto sources = server_sources();
  sources.anchors = anchors.path;
  sources.policy.public_ca_clients = true;
  const auto generation = build(sources);
  ASSERT_EQ(generation->notices().size(), 1U);
  EXPECT_EQ(generation->notices()[0].message, Message::PublicClientTrust);
  EXPECT_FALSE(meet(generation, build(client_sources())).server_error);
}

TEST(ClientTrust, S18_PublicRootsForServersBesideAPrivateCaAreFine) {
  const OwnAnchors anchors(text_of("ca-cert.pem") +
                           as_public(text_of("other-ca-cert.pem"), "SERVER_AUTH"));
  auto sources = server_sources();
  sources.anchors = anchors.path;
  const auto generation = build(sources);
  EXPECT_FALSE(meet(generation, build(client_sources())).server_error);
  const auto stranger = meet(generation, build(client_sources("client-other-ca")));
  ASSERT_TRUE(stranger.server_error);
  EXPECT_EQ(stranger.server_error->message(), Message::PeerRefused);
}

TEST(ClientTrust, S18_APublicRootIsKnownWithoutItsCommentLine) {
  const TemporaryFolder folder;
  write_file({folder / "mozilla.pem", text_of("ca-cert.pem")});
  auto sources = server_sources();
  sources.public_roots.mozilla = {folder / "mozilla.pem"};
  EXPECT_EQ(refusal(sources).message(), Message::PublicClientTrustRefused);
}

TEST(ClientTrust, S18_WithoutMutualAuthenticationNobodyVouchesForClients) {
  const OwnAnchors anchors(as_public(text_of("ca-cert.pem"), "SERVER_AUTH"));
  auto sources = server_sources(false);
  sources.anchors = anchors.path;
  EXPECT_NO_THROW(build(sources));
}

TEST(ClientTrust, TheAnchorsForClientsAreASetOfTheirOwn) {
  auto sources = server_sources();
  sources.client_anchors = file("other-ca-cert.pem");
  const auto generation = build(sources);
  EXPECT_FALSE(meet(generation, build(client_sources("client-other-ca"))).server_error);
  EXPECT_TRUE(meet(generation, build(client_sources("client"))).server_error);
}

TEST(DenyList, ACertificateThatTheSiteDeniesIsRefused) {
  auto sources = server_sources();
  sources.policy.denied = {pki::Certificate::parse(text_of("client-cert.pem"), "c").digest()};
  const auto generation = build(sources);
  const auto meeting = meet(generation, build(client_sources()));
  ASSERT_TRUE(meeting.server_error);
  EXPECT_THAT(meeting.server_error->what(), HasSubstr("denied: found"));
  EXPECT_FALSE(meet(generation, build(client_sources("client2"))).server_error);
}

TEST(Names, S11_StrictNamesRefuseTheCommonNameAlone) {
  // Only our client's side judges host names.
  auto sources = client_sources();
  sources.policy.common_name = false;
  auto server = server_sources(false, "server-no-san");
  const auto generation = build(server);
  EXPECT_FALSE(meet(generation, build(client_sources())).client_error);
  const auto meeting = meet(generation, build(sources));
  ASSERT_TRUE(meeting.client_error);
  EXPECT_EQ(meeting.client_error->message(), Message::PeerRefused);
}

}  // namespace
}  // namespace ipm::tls::test
