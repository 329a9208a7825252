// The search on hostile bags of certificates: a bounded cost, and what is there is found all the
// same.

#include <chrono>

#include "path_graph.h"

namespace ipm::trust::test {
namespace {

// Same name, no key identifiers, each with a key of its own: any of them could be the issuer.
std::vector<pki::Certificate> namesakes(Graph& graph, int count, const std::string& issuer) {
  std::vector<pki::Certificate> bag;
  for (int i = 0; i < count; ++i) {
    auto spec = authority_spec("CA", make::Key::p256(2000 + i % 40));
    spec.extensions.drop(oid::kSubjectKeyId);
    bag.push_back(pki::Certificate::parse_der(
        make::build(spec, make::common_name(issuer), graph.key(issuer)), "bag"));
  }
  return bag;
}

VerifierOptions roomy(const pki::Certificate& anchor) {
  VerifierOptions options;
  options.anchors.push_back({anchor, true, true, std::nullopt, false});
  options.relaxed = {"subject-key-identifier"};
  options.limits.untrusted_max = 10'000;
  options.limits.signatures_max = 200;
  return options;
}

TEST(HostileBag, ManyNamesakesAreTriedUntilTheRightOne) {
  Graph graph;
  auto bag = namesakes(graph, 60, "Root");
  bag.push_back(graph.edge("Root", "CA"));
  auto spec = leaf_spec(make::Key::p256(3));
  const auto leaf = pki::Certificate::parse_der(
      make::build(spec, make::common_name("CA"), graph.key("CA")), "leaf");
  const Verifier verifier(roomy(graph.edge("Root", "Root")));
  EXPECT_TRUE(verifier.verify(leaf, bag, Purpose::Server, {}, kNow).valid);
}

TEST(HostileBag, TheBudgetOfSignaturesEndsTheSearch) {
  Graph graph;
  auto spec = leaf_spec(make::Key::p256(3));
  const auto leaf = pki::Certificate::parse_der(
      make::build(spec, make::common_name("CA"), graph.key("CA")), "leaf");
  auto options = roomy(graph.edge("Root", "Root"));
  options.limits.signatures_max = 20;
  auto bag = namesakes(graph, 60, "Root");
  bag.push_back(graph.edge("Root", "CA"));
  const auto verdict = Verifier(options).verify(leaf, bag, Purpose::Server, {}, kNow);
  EXPECT_FALSE(verdict.valid);
  ASSERT_FALSE(verdict.findings.empty());
  EXPECT_EQ(verdict.findings.back().rule, "budget");
}

TEST(HostileBag, NoStepAtAllIsNoValidChain) {
  Graph graph;
  for (const int steps : {0, 1}) {
    VerifierLimits limits;
    limits.steps_max = steps;
    const auto verdict = verify(graph.leaf("B"), {graph.edge("A", "B"), graph.edge("Root", "A")},
                                {graph.edge("Root", "Root")}, limits);
    EXPECT_FALSE(verdict.valid) << steps;
    EXPECT_FALSE(verdict.findings.empty()) << steps;
    EXPECT_FALSE(verdict.chain.empty()) << steps;
  }
}

TEST(HostileBag, AnAnchorThatIsSentAsItsOwnIssuerLeadsNowhere) {
  Graph graph;
  // The anchor is no CA, so it fails as such; nor may it be passed as an intermediate of itself.
  const auto anchor = graph.edge("Root", "Root", &no_authority);
  const auto verdict = verify(graph.leaf("Root"), {anchor}, {anchor});
  EXPECT_FALSE(verdict.valid);
  EXPECT_FALSE(verdict.findings.empty());
}

// Every CA certifies every other one, and none stands under the anchor: exponentially many paths.
TEST(HostileBag, AFullyConnectedBagIsGivenUp) {
  Graph graph;
  std::vector<pki::Certificate> bag;
  constexpr int kCas = 9;
  for (int i = 0; i < kCas; ++i) {
    for (int k = 0; k < kCas; ++k) {
      if (i != k) bag.push_back(graph.edge("CA " + std::to_string(i), "CA " + std::to_string(k)));
    }
  }
  auto options = roomy(graph.edge("Root", "Root"));
  const Verifier verifier(options);
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_FALSE(verifier.verify(graph.leaf("CA 0"), bag, Purpose::Server, {}, kNow).valid);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
}

// Every CA certifies every other one, and one stands under the anchor with a path length that only
// a short chain keeps to.
std::vector<pki::Certificate> mesh(Graph& graph, int cas, Graph::Change under_the_anchor) {
  std::vector<pki::Certificate> bag;
  const auto name = [](int i) { return "CA " + std::to_string(i); };
  for (int i = 0; i < cas; ++i) {
    for (int k = 0; k < cas; ++k) {
      if (i != k) bag.push_back(graph.edge(name(i), name(k)));
    }
  }
  bag.push_back(graph.edge("Root", name(cas - 1), under_the_anchor));
  return bag;
}

TEST(HostileBag, TheShortChainIsFoundInAFullyConnectedBag) {
  Graph graph;
  const auto bag = mesh(graph, 10, [](make::CertificateSpec& spec) {
    spec.extensions.set(oid::kBasicConstraints, true, make::basic_constraints(true, 1));
  });
  const Verifier verifier(roomy(graph.edge("Root", "Root")));
  const auto verdict = verifier.verify(graph.leaf("CA 0"), bag, Purpose::Server, {}, kNow);
  EXPECT_TRUE(verdict.valid) << pki::to_line(verdict.findings);
  EXPECT_EQ(verdict.chain.size(), 4U);  // leaf, CA 0, CA 9, Root
}

TEST(HostileBag, NoChainIsFoundInAFullyConnectedBagWherePathLengthsForbidAll) {
  Graph graph;
  const auto bag = mesh(graph, 6, pathlen_0);
  const Verifier verifier(roomy(graph.edge("Root", "Root")));
  EXPECT_FALSE(verifier.verify(graph.leaf("CA 0"), bag, Purpose::Server, {}, kNow).valid);
}

TEST(HostileBag, ALongChainIsFoundBehindShortOnesThatEnd) {
  Graph graph;
  std::vector<pki::Certificate> bag;
  for (int i = 0; i < 7; ++i) {
    bag.push_back(graph.edge("Nobody", "CA " + std::to_string(i)));
    bag.push_back(graph.edge("CA " + std::to_string(i + 1), "CA " + std::to_string(i)));
  }
  bag.push_back(graph.edge("Root", "CA 7"));
  const Verifier verifier(roomy(graph.edge("Root", "Root")));
  const auto verdict = verifier.verify(graph.leaf("CA 0"), bag, Purpose::Server, {}, kNow);
  EXPECT_TRUE(verdict.valid) << pki::to_line(verdict.findings);
  EXPECT_EQ(verdict.chain.size(), 10U);
}

TEST(HostileBag, AnAnchorWithinACycleOfCAsIsReached) {
  Graph graph;
  const std::vector<pki::Certificate> bag = {
      graph.edge("B", "A"), graph.edge("C", "A"), graph.edge("B", "B1"),
      graph.edge("A", "B"), graph.edge("C", "B"), graph.edge("C", "C1"),
      graph.edge("A", "C"), graph.edge("B", "C"), graph.edge("A", "A1")};
  const auto verdict = verify(graph.leaf("A1"), bag, {graph.edge("A", "A")});
  EXPECT_TRUE(verdict.valid) << pki::to_line(verdict.findings);
  EXPECT_FALSE(verify(graph.leaf("A1"), bag, {graph.edge("D", "D")}).valid);
}

TEST(HostileBag, BrokenCertificatesOnNoPathDoNoHarm) {
  Graph graph;
  const auto unknown = [](make::CertificateSpec& spec) {
    spec.extensions.set(oid::kUnknown, true, "anything");
  };
  const auto no_key = [](make::CertificateSpec& spec) {
    spec.public_key = der::sequence(
        {der::sequence({der::oid("1.2.840.113549.1.1.1"), der::null()}), der::bits("")});
  };
  const std::vector<pki::Certificate> bag = {
      graph.edge("Root", "Aside", unknown), graph.edge("Root", "CA", unknown),
      graph.edge("Root", "CA", no_key), graph.edge("Root", "CA", spoil), graph.edge("Root", "CA")};
  const auto verdict = verify(graph.leaf("CA"), bag, {graph.edge("Root", "Root")});
  EXPECT_TRUE(verdict.valid) << pki::to_line(verdict.findings);
}

// Each CA maps each of fifteen policies to all fifteen: a tree of them would have 15^12 leaves.
TEST(HostileBag, PoliciesThatMultiplyCostLittle) {
  Graph graph;
  const auto multiply = [](make::CertificateSpec& spec) {
    std::vector<std::string> oids;
    for (int i = 0; i < 15; ++i) oids.push_back("1.3.6.1.4.1.55555." + std::to_string(i));
    std::string mappings;
    for (const auto& from : oids) {
      for (const auto& to : oids) {
        mappings += der::sequence({der::oid(from), der::oid(to)});
      }
    }
    spec.extensions.set(oid::kPolicies, false, make::policies(oids))
        .set(oid::kPolicyMappings, true, der::element(0x30, mappings))
        .set(oid::kPolicyConstraints, true, der::element(0x30, der::context(0, "\x20")));
  };
  std::vector<pki::Certificate> bag = {graph.edge("Root", "CA 12", multiply)};
  for (int i = 0; i < 12; ++i) {
    bag.push_back(graph.edge("CA " + std::to_string(i + 1), "CA " + std::to_string(i), multiply));
  }
  auto options = roomy(graph.edge("Root", "Root"));
  options.limits.depth_max = 20;
  const auto begin = std::chrono::steady_clock::now();
  const auto verdict = Verifier(options).verify(graph.leaf("CA 0"), bag, Purpose::Server, {}, kNow);
  EXPECT_TRUE(verdict.valid) << pki::to_line(verdict.findings);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

TEST(HostileBag, CertificatesBeyondTheLimitAreNotLookedAt) {
  Graph graph;
  auto options = roomy(graph.edge("Root", "Root"));
  options.limits.untrusted_max = 2;
  const Verifier verifier(options);
  const auto helpful = graph.edge("Root", "CA");
  const auto useless = graph.edge("Root", "X");
  const auto other = graph.edge("Root", "Y");
  const auto leaf = graph.leaf("CA");
  EXPECT_TRUE(
      verifier.verify(leaf, std::vector{useless, helpful, other}, Purpose::Server, {}, kNow).valid);
  EXPECT_FALSE(
      verifier.verify(leaf, std::vector{useless, other, helpful}, Purpose::Server, {}, kNow).valid);
}

}  // namespace
}  // namespace ipm::trust::test
