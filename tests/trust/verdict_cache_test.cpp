#include "trust/verdict_cache.h"

#include <atomic>
#include <thread>

#include "path_case.h"

namespace ipm::trust::test {
namespace {

using std::chrono::seconds;

struct Chain {
  pki::Certificate root;
  pki::Certificate authority;
  pki::Certificate leaf;
};

Chain plain_chain() {
  Scenario s;
  s.with_intermediate();
  s.leaf.not_before = der::utc_time("260301000000Z");
  s.leaf.not_after = der::utc_time("260901000000Z");
  return {pki::Certificate::parse_der(s.root_der(), "root"),
          pki::Certificate::parse_der(s.intermediate_der(), "authority"),
          pki::Certificate::parse_der(
              make::build(s.leaf, s.intermediate.subject, s.intermediate.key), "leaf")};
}

Verifier verifier_of(const Chain& chain, std::vector<pki::Crl> crls = {}) {
  VerifierOptions options;
  options.anchors.push_back({chain.root, true, true, std::nullopt, false});
  options.crls = std::move(crls);
  return Verifier(options);
}

const TimePoint kNow = *parse_rfc3339("2026-06-01T12:00:00Z");

TEST(VerdictCache, ARememberedVerdictIsTheSame) {
  const Chain chain = plain_chain();
  const Verifier verifier = verifier_of(chain);
  const std::vector untrusted{chain.authority};
  const auto first = verifier.verify(chain.leaf, untrusted, Purpose::Server, {}, kNow);
  const auto again = verifier.verify(chain.leaf, untrusted, Purpose::Server, {}, kNow);
  EXPECT_TRUE(first.valid);
  EXPECT_TRUE(again.valid);
  EXPECT_EQ(first.chain, again.chain);
  EXPECT_TRUE(again.findings.empty());
}

TEST(VerdictCache, ItEndsWithTheFirstCertificate) {
  const Chain chain = plain_chain();
  const Verifier verifier = verifier_of(chain);
  const std::vector untrusted{chain.authority};
  const auto at = [&](std::string_view time) {
    return verifier.verify(chain.leaf, untrusted, Purpose::Server, {}, *parse_rfc3339(time)).valid;
  };
  EXPECT_TRUE(at("2026-06-01T12:00:00Z"));
  EXPECT_TRUE(at("2026-09-01T00:00:00Z"));
  EXPECT_FALSE(at("2026-09-01T00:00:01Z"));
  EXPECT_TRUE(at("2026-03-01T00:00:00Z"));
  EXPECT_FALSE(at("2026-02-28T23:59:59Z"));
}

TEST(VerdictCache, ItEndsWithTheRevocationList) {
  const Chain chain = plain_chain();
  make::CrlSpec spec;
  spec.issuer = authority_spec("Intermediate", make::Key::p256(2)).subject;
  spec.extensions.set(oid::kCrlNumber, false, der::integer(1));
  spec.next_update = der::utc_time("260602000000Z");
  const Verifier verifier =
      verifier_of(chain, {pki::Crl::parse_der(make::build(spec, make::Key::p256(2)), "list")});
  const std::vector untrusted{chain.authority};
  const auto at = [&](std::string_view time) {
    return verifier.verify(chain.leaf, untrusted, Purpose::Server, {}, *parse_rfc3339(time)).valid;
  };
  EXPECT_TRUE(at("2026-06-01T12:00:00Z"));
  EXPECT_TRUE(at("2026-06-02T00:00:00Z"));
  EXPECT_FALSE(at("2026-06-02T00:00:01Z"));
  EXPECT_FALSE(at("2026-04-30T00:00:00Z"));
}

TEST(VerdictCache, AnotherQuestionIsNotAnsweredFromMemory) {
  const Chain chain = plain_chain();
  const Verifier verifier = verifier_of(chain);
  const std::vector untrusted{chain.authority};
  ASSERT_TRUE(verifier.verify(chain.leaf, untrusted, Purpose::Server, {}, kNow).valid);
  EXPECT_FALSE(verifier.verify(chain.leaf, untrusted, Purpose::Client, {}, kNow).valid);
  EXPECT_FALSE(verifier.verify(chain.leaf, {}, Purpose::Server, {}, kNow).valid);
  EXPECT_FALSE(verifier
                   .verify(chain.leaf, untrusted, Purpose::Server,
                           pki::DnsName::parse("other.example.org"), kNow)
                   .valid);
  EXPECT_FALSE(verifier.verify(chain.authority, untrusted, Purpose::Server, {}, kNow).valid);
}

TEST(VerdictCache, KeysDifferWithEverything) {
  const Chain chain = plain_chain();
  const std::vector one{chain.authority};
  const std::vector two{chain.authority, chain.root};
  const std::vector turned{chain.root, chain.authority};
  const std::vector<std::string> keys{
      verdict_key(chain.leaf, {}, Purpose::Server, {}),
      verdict_key(chain.leaf, {}, Purpose::Client, {}),
      verdict_key(chain.leaf, one, Purpose::Server, {}),
      verdict_key(chain.leaf, two, Purpose::Server, {}),
      verdict_key(chain.leaf, turned, Purpose::Server, {}),
      verdict_key(chain.root, {}, Purpose::Server, {}),
      verdict_key(chain.leaf, {}, Purpose::Server, pki::DnsName::parse("a.example.com")),
      verdict_key(chain.leaf, {}, Purpose::Server, pki::DnsName::parse("b.example.com")),
      verdict_key(chain.leaf, {}, Purpose::Server, pki::IpAddress::parse("10.1.1.1"))};
  for (std::size_t i = 0; i < keys.size(); ++i) {
    for (std::size_t k = i + 1; k < keys.size(); ++k) EXPECT_NE(keys[i], keys[k]);
  }
}

TEST(VerdictCache, TheOldestGoFirstAndTheSizeIsBounded) {
  const Chain chain = plain_chain();
  VerdictCache cache(32);
  for (int i = 0; i < 1000; ++i) {
    cache.put("key " + std::to_string(i), {{chain.leaf}, {kNow, kNow}});
    EXPECT_TRUE(cache.find("key " + std::to_string(i), kNow));
  }
  EXPECT_LE(cache.size(), 32U);
  EXPECT_FALSE(cache.find("key 0", kNow));
  EXPECT_FALSE(cache.find("key 999", kNow + seconds(1)));
  EXPECT_FALSE(cache.find("key 999", kNow - seconds(1)));
}

TEST(VerdictCache, PuttingAgainReplaces) {
  const Chain chain = plain_chain();
  VerdictCache cache(160);
  cache.put("key", {{chain.leaf}, {kNow, kNow}});
  cache.put("key", {{chain.root}, {kNow, kNow + seconds(5)}});
  EXPECT_EQ(cache.size(), 1U);
  const auto found = cache.find("key", kNow + seconds(5));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->chain.front(), chain.root);
}

TEST(VerdictCache, OffMeansOff) {
  const Chain chain = plain_chain();
  VerdictCache cache(0);
  cache.put("key", {{chain.leaf}, {kNow, kNow}});
  EXPECT_FALSE(cache.find("key", kNow));
}

TEST(VerdictCache, ThreadsShareIt) {
  const Chain chain = plain_chain();
  const Verifier verifier = verifier_of(chain);
  std::vector<std::thread> threads;
  std::atomic<int> valid = 0;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      const std::vector untrusted{chain.authority};
      for (int i = 0; i < 100; ++i) {
        const auto host = pki::DnsName::parse((t + i) % 2 == 0 ? "ipmsrv.example.com" : "no.host");
        valid += verifier.verify(chain.leaf, untrusted, Purpose::Server, host, kNow).valid ? 1 : 0;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(valid, 200);
}

// A known peer costs at most a twentieth of the first validation.
TEST(VerdictCache, AKnownPeerIsCheap) {
  const Chain chain = plain_chain();
  const std::vector untrusted{chain.authority};
  const auto time = [&](const Verifier& verifier, int rounds) {
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < rounds; ++i) {
      EXPECT_TRUE(verifier.verify(chain.leaf, untrusted, Purpose::Server, {}, kNow).valid);
    }
    return (std::chrono::steady_clock::now() - begin) / rounds;
  };
  VerifierOptions options;
  options.anchors.push_back({chain.root, true, true, std::nullopt, false});
  options.limits.cache_entries_max = 0;
  const auto first = time(Verifier(options), 50);
  const Verifier remembering = verifier_of(chain);
  (void)time(remembering, 1);
  const auto known = time(remembering, 1000);
  EXPECT_LE(known * 20, first);
}

}  // namespace
}  // namespace ipm::trust::test
