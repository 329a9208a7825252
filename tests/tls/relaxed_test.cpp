// Old devices whose certificates break a rule of the Web PKI: admitted under the CA that the
// configuration excepts, and under no other.
#include <gmock/gmock.h>

#include "base/text.h"
#include "library_peer.h"

namespace ipm::tls::test {
namespace {

using testing::HasSubstr;

std::string fingerprint(const std::string& name) {
  return to_hex(pki::Certificate::parse(text_of(name), name).digest());
}

// Both CAs are trusted; `rules` are relaxed for the first alone.
struct Relaxed : testing::Test {
  TemporaryFolder folder;

  GenerationSources with(GenerationSources sources, std::vector<std::string> rules) const {
    write_file({folder / "both.pem", text_of("ca-cert.pem") + text_of("other-ca-cert.pem")});
    sources.anchors = folder / "both.pem";
    if (!rules.empty()) {
      sources.policy.relaxations = {trust::parse_relaxation(fingerprint("ca-cert.pem"),
                                                            std::move(rules), "ipmd.toml, line 9")};
    }
    return sources;
  }

  // What our end says when the peer shows that certificate.
  static std::optional<Error> met(const GenerationSources& sources, bool peer_is_server,
                                  const std::string& stem) {
    asio::io_context io{1};
    auto ends = connect_ends(io);
    Stream stream(net::make_transport(std::move(ends.here), "192.0.2.7:40112"));
    const auto generation = build(sources);
    return run_against(
        io,
        [&]() -> awaitable<void> {
          stream.expires_after(std::chrono::seconds(10));
          if (peer_is_server) {
            co_await stream.connect_tls(generation, expect_name());
          } else {
            co_await stream.accept_tls(generation);
          }
        },
        [&] {
          LibraryPeer peer(std::move(ends.there), peer_is_server, stem);
          peer.handshake();
        });
  }
  std::optional<Error> client(const std::string& stem, std::vector<std::string> rules) const {
    return met(with(server_sources(), std::move(rules)), false, stem);
  }
  std::optional<Error> server(const std::string& stem, std::vector<std::string> rules) const {
    return met(with(client_sources(), std::move(rules)), true, stem);
  }
};

TEST_F(Relaxed, AWeakKeyIsAdmittedUnderTheCaThatIsExceptedAlone) {
  EXPECT_FALSE(client("client-rsa1024-ca", {"weak-key"}));
  EXPECT_FALSE(server("server-rsa1024-ca", {"weak-key"}));
  for (const auto& error :
       {client("client-rsa1024-other-ca", {"weak-key"}),
        server("server-rsa1024-other-ca", {"weak-key"}), client("client-rsa1024-ca", {}),
        server("server-rsa1024-ca", {}), client("client-rsa1024-ca", {"weak-digest"})}) {
    ASSERT_TRUE(error);
    EXPECT_EQ(error->message(), Message::PeerRefused);
    EXPECT_THAT(error->what(), HasSubstr("weak-key: found"));
  }
}

TEST_F(Relaxed, AWeakDigestLikewise) {
  EXPECT_FALSE(client("client-sha1-ca", {"weak-digest"}));
  EXPECT_TRUE(client("client-sha1-ca", {"weak-key"}));
  EXPECT_TRUE(client("client-sha1-other-ca", {"weak-digest"}));
}

TEST_F(Relaxed, ADeviceWithoutAnExtendedKeyUsageLikewise) {
  EXPECT_FALSE(server("server-without-use-ca", {"server-use"}));
  EXPECT_TRUE(server("server-without-use-ca", {"client-use"}));
  EXPECT_TRUE(server("server-without-use-other-ca", {"server-use"}));
}

TEST_F(Relaxed, WhatIsBrokenBeyondTheRuleStaysRefused) {
  EXPECT_TRUE(client("client-server-eku", {"client-use"})) << "another purpose is no missing one";
  EXPECT_TRUE(client("client-no-ku", {"client-use"})) << "the key usage is another rule";
  EXPECT_TRUE(client("client-expired", {"weak-digest", "weak-key", "client-use"}));
}

TEST_F(Relaxed, ItHoldsForTheAnchorsOfClientsToo) {
  auto sources = with(server_sources(), {"weak-key"});
  sources.client_anchors = sources.anchors;
  sources.anchors = file("other-ca-cert.pem");
  sources.listen = sources.dial = identity("server-other-ca");
  EXPECT_FALSE(met(sources, false, "client-rsa1024-ca"));
  EXPECT_TRUE(met(sources, false, "client-rsa1024-other-ca"));
}

TEST_F(Relaxed, AnEntryWhoseCaIsNotThereIsSaidAndWaits) {
  auto sources = server_sources();
  sources.policy.relaxations = {
      trust::parse_relaxation(std::string(64, 'a'), {"weak-key"}, "ipmd.toml, line 9")};
  const auto generation = build(sources);
  ASSERT_EQ(generation->notices().size(), 1U);
  EXPECT_THAT(generation->notices()[0].text, HasSubstr("ipmd.toml, line 9: no CA of"));
  EXPECT_EQ(build(with(server_sources(), {"weak-key"}))->notices().size(), 0U);
}

TEST_F(Relaxed, S18_ForAPubliclyTrustedCaTheSetIsRefused) {
  auto sources = with(client_sources(), {"weak-key"});
  write_file({folder / "public.pem",
              "# ipm-trust: purposes=SERVER_AUTH; public\n" + text_of("ca-cert.pem")});
  sources.anchors = folder / "public.pem";
  try {
    build(sources);
    FAIL() << "the set was taken";
  } catch (const Error& error) {
    EXPECT_EQ(error.message(), Message::ConfigurationWrong);
    EXPECT_THAT(error.happened(), HasSubstr("publicly trusted"));
  }
}

}  // namespace
}  // namespace ipm::tls::test
