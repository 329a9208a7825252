// The search itself (RFC 4158): issuers tried one after the other, loops, and a bounded cost on a
// hostile bag of certificates.

#include <chrono>

#include "base/error.h"
#include "path_case.h"

namespace ipm::trust::test {
namespace {

using namespace std::string_literals;

// A small world of CAs that certify each other, for graphs that a table of one chain cannot hold.
class Graph {
 public:
  using Change = void (*)(make::CertificateSpec&);

  // `issuer` certifies `subject`; both are names, each with a key of its own.
  pki::Certificate edge(const std::string& issuer, const std::string& subject,
                        Change change = nullptr) {
    auto spec = authority_spec(subject, key(subject));
    if (change != nullptr) change(spec);
    return sign(std::move(spec), issuer);
  }
  pki::Certificate leaf(const std::string& issuer) {
    return sign(leaf_spec(make::Key::p256(3)), issuer);
  }
  make::Key key(const std::string& name) { return make::Key::p256(1000 + index_of(name)); }

 private:
  pki::Certificate sign(make::CertificateSpec spec, const std::string& issuer) {
    spec.extensions.set(oid::kAuthorityKeyId, false,
                        make::authority_key_id(key(issuer).identifier()));
    return pki::Certificate::parse_der(make::build(spec, make::common_name(issuer), key(issuer)),
                                       "graph");
  }
  int index_of(const std::string& name) {
    for (std::size_t i = 0; i < names_.size(); ++i) {
      if (names_[i] == name) return static_cast<int>(i);
    }
    names_.push_back(name);
    return static_cast<int>(names_.size()) - 1;
  }

  std::vector<std::string> names_;
};

const TimePoint kNow = *parse_rfc3339("2026-06-01T12:00:00Z");

Verdict verify(const pki::Certificate& leaf, const std::vector<pki::Certificate>& untrusted,
               const std::vector<pki::Certificate>& anchors, VerifierLimits limits = {}) {
  VerifierOptions options;
  for (const auto& anchor : anchors) {
    options.anchors.push_back({anchor, true, true, std::nullopt, false});
  }
  options.limits = limits;
  return Verifier(options).verify(leaf, untrusted, Purpose::Server, {}, kNow);
}

void expire(make::CertificateSpec& spec) {
  spec.not_after = der::utc_time("260201000000Z");
}
void forbid_com(make::CertificateSpec& spec) {
  spec.extensions.set(oid::kNameConstraints, true, make::name_constraints({}, {make::dns("com")}));
}
void use_mail(make::CertificateSpec& spec) {
  spec.extensions.set(oid::kExtendedKeyUsage, false, make::purposes({oid::kMailUse}));
}
void weaken(make::CertificateSpec& spec) {
  spec.inner_algorithm = der::sequence({der::oid("1.2.840.10045.4.1")});
  spec.digest = "SHA1";
}
void no_authority(make::CertificateSpec& spec) {
  spec.extensions.set(oid::kBasicConstraints, true, make::basic_constraints(false));
}
void no_constraints(make::CertificateSpec& spec) {
  spec.extensions.drop(oid::kBasicConstraints);
}
void spoil(make::CertificateSpec& spec) {
  spec.spoil_signature = true;
}
void pathlen_0(make::CertificateSpec& spec) {
  spec.extensions.set(oid::kBasicConstraints, true, make::basic_constraints(true, 0));
}

// RFC 4158, figure 7: EE <- B <- {A, C}, A and C certify each other, both stand under the anchor.
class Figure7 : public ::testing::TestWithParam<std::tuple<Graph::Change, unsigned>> {};

TEST_P(Figure7, AnyPathThatIsLeftIsFound) {
  const auto [change, broken] = GetParam();
  const std::pair<const char*, const char*> edges[] = {
      {"C", "B"}, {"A", "B"}, {"C", "A"}, {"A", "C"}, {"Anchor", "C"}, {"Anchor", "A"}};
  Graph graph;
  std::vector<pki::Certificate> untrusted;
  for (unsigned i = 0; i < 6; ++i) {
    untrusted.push_back(
        graph.edge(edges[i].first, edges[i].second, (broken & (1U << i)) != 0 ? change : nullptr));
  }
  const auto whole = [broken](unsigned i) { return (broken & (1U << i)) == 0; };
  const bool by_a = whole(1) && (whole(5) || (whole(2) && whole(4)));
  const bool by_c = whole(0) && (whole(4) || (whole(3) && whole(5)));
  const auto verdict = verify(graph.leaf("B"), untrusted, {graph.edge("Anchor", "Anchor")});
  EXPECT_EQ(verdict.valid, by_a || by_c) << pki::to_line(verdict.findings);
  EXPECT_EQ(verdict.findings.empty(), verdict.valid);
}

std::vector<unsigned> masks(unsigned step) {
  std::vector<unsigned> some;
  for (unsigned mask = 0; mask < 64; mask += step) some.push_back(mask);
  return some;
}
INSTANTIATE_TEST_SUITE_P(Expired, Figure7,
                         ::testing::Combine(::testing::Values(&expire),
                                            ::testing::ValuesIn(masks(1))));
INSTANTIATE_TEST_SUITE_P(Broken, Figure7,
                         ::testing::Combine(::testing::Values(&forbid_com, &use_mail, &weaken,
                                                              &no_authority, &no_constraints,
                                                              &spoil),
                                            ::testing::ValuesIn(masks(7))));

TEST(PathSearch, TwoAnchorsOfWhichOneIsLeft) {
  Graph graph;
  const auto by_1 = graph.edge("Root 1", "CA");
  const auto by_2 = graph.edge("Root 2", "CA");
  const auto verdict = verify(graph.leaf("CA"), {by_1, by_2}, {graph.edge("Root 2", "Root 2")});
  ASSERT_TRUE(verdict.valid);
  ASSERT_EQ(verdict.chain.size(), 3U);
  EXPECT_EQ(verdict.chain[1], by_2);
}

TEST(PathSearch, TheExpiredCrossCertificateOfATrustedRootDoesNotMatter) {
  Graph graph;
  const auto root = graph.edge("Root", "Root");
  const auto verdict = verify(graph.leaf("Root"), {graph.edge("Old", "Root", &expire)},
                              {graph.edge("Old", "Old"), root});
  EXPECT_TRUE(verdict.valid);
}

TEST(PathSearch, TheExpiredRootIsPassedByItsCrossCertificate) {
  Graph graph;
  const auto verdict = verify(graph.leaf("Root"), {graph.edge("New", "Root")},
                              {graph.edge("Root", "Root", &expire), graph.edge("New", "New")});
  ASSERT_TRUE(verdict.valid) << pki::to_line(verdict.findings);
  EXPECT_EQ(verdict.chain.size(), 3U);
}

TEST(PathSearch, AConstrainedWayIsLeftForAnUnconstrainedOne) {
  Graph graph;
  const auto verdict = verify(graph.leaf("CA"),
                              {graph.edge("Strict", "CA"),
                               graph.edge("Root", "Strict", &forbid_com), graph.edge("Root", "CA")},
                              {graph.edge("Root", "Root")});
  EXPECT_TRUE(verdict.valid) << pki::to_line(verdict.findings);
}

TEST(PathSearch, CertificatesInAnyOrder) {
  Graph graph;
  const std::vector<pki::Certificate> untrusted{graph.edge("Root", "A"), graph.edge("C", "D"),
                                                graph.edge("A", "B"), graph.edge("X", "Y"),
                                                graph.edge("B", "C")};
  EXPECT_TRUE(verify(graph.leaf("D"), untrusted, {graph.edge("Root", "Root")}).valid);
}

TEST(PathSearch, TwoCasThatCertifyEachOtherLeadNowhere) {
  Graph graph;
  const auto verdict = verify(graph.leaf("A"), {graph.edge("A", "B"), graph.edge("B", "A")},
                              {graph.edge("Root", "Root")});
  EXPECT_FALSE(verdict.valid);
}

TEST(PathSearch, ACycleThroughAnAnchor) {
  Graph graph;
  const auto verdict = verify(
      graph.leaf("A1"),
      {graph.edge("A", "A1"), graph.edge("B", "A"), graph.edge("C", "A"), graph.edge("A", "B"),
       graph.edge("C", "B"), graph.edge("A", "C"), graph.edge("B", "C")},
      {graph.edge("A", "A")});
  EXPECT_TRUE(verdict.valid);
}

TEST(PathSearch, OneKeyUnderTwoNamesIsNoLoop) {
  Graph graph;
  auto again = authority_spec("Again", graph.key("CA"));
  again.extensions.set(oid::kAuthorityKeyId, false,
                       make::authority_key_id(graph.key("CA").identifier()));
  const auto second = pki::Certificate::parse_der(
      make::build(again, make::common_name("CA"), graph.key("CA")), "again");
  auto last = leaf_spec(make::Key::p256(3));
  const auto leaf = pki::Certificate::parse_der(
      make::build(last, make::common_name("Again"), graph.key("CA")), "leaf");
  EXPECT_TRUE(verify(leaf, {second, graph.edge("Root", "CA")}, {graph.edge("Root", "Root")}).valid);
}

TEST(PathSearch, ThePathLengthOfOneIssuerIsPassedByAnother) {
  Graph graph;
  const auto verdict = verify(graph.leaf("B"),
                              {graph.edge("A", "B"), graph.edge("Root", "A", &pathlen_0),
                               graph.edge("Other", "A"), graph.edge("Root", "Other")},
                              {graph.edge("Root", "Root")});
  EXPECT_TRUE(verdict.valid) << pki::to_line(verdict.findings);
}

TEST(PathSearch, ATrustedLeafNeedsNoChainButItsRules) {
  Graph graph;
  const auto leaf = graph.leaf("Somebody");
  const auto verdict = verify(leaf, {}, {leaf});
  EXPECT_TRUE(verdict.valid) << pki::to_line(verdict.findings);
  EXPECT_EQ(verdict.chain.size(), 1U);
  const auto authority = graph.edge("Root", "Root");
  EXPECT_FALSE(verify(authority, {}, {authority}).valid);
}

TEST(PathSearch, TheBestAttemptIsReported) {
  Graph graph;
  const auto verdict =
      verify(graph.leaf("B"), {graph.edge("A", "B"), graph.edge("Root", "A", &expire)},
             {graph.edge("Root", "Root")});
  ASSERT_FALSE(verdict.valid);
  ASSERT_EQ(verdict.findings.size(), 1U) << pki::to_line(verdict.findings);
  EXPECT_EQ(verdict.findings[0].rule, "not-after");
  EXPECT_EQ(verdict.findings[0].subject, "A");
  EXPECT_FALSE(verdict.expired);  // the leaf is not
  EXPECT_EQ(verdict.chain.size(), 3U);
}

TEST(PathSearch, AllThatTheLeafBreaksIsReported) {
  Scenario scenario;
  scenario.leaf.serial = der::integer(0);
  scenario.leaf.not_after = der::utc_time("260401000000Z");
  scenario.leaf.extensions.drop(oid::kExtendedKeyUsage);
  scenario.expect_host("other.example.org");
  const auto verdict = scenario.judge();
  ASSERT_TRUE(verdict);
  EXPECT_TRUE(verdict->expired);
  std::string rules;
  for (const auto& finding : verdict->findings) rules += finding.rule + " ";
  EXPECT_EQ(rules, "serial-number S7 not-after S11 ");
}

// --- hostile bags
// -------------------------------------------------------------------------------------

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

TEST(PathSearch, ManyNamesakesAreTriedUntilTheRightOne) {
  Graph graph;
  auto bag = namesakes(graph, 60, "Root");
  bag.push_back(graph.edge("Root", "CA"));
  auto spec = leaf_spec(make::Key::p256(3));
  const auto leaf = pki::Certificate::parse_der(
      make::build(spec, make::common_name("CA"), graph.key("CA")), "leaf");
  const Verifier verifier(roomy(graph.edge("Root", "Root")));
  EXPECT_TRUE(verifier.verify(leaf, bag, Purpose::Server, {}, kNow).valid);
}

TEST(PathSearch, TheBudgetOfSignaturesEndsTheSearch) {
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

TEST(PathSearch, NoStepAtAllIsNoValidChain) {
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

TEST(PathSearch, AnAnchorThatIsSentAsItsOwnIssuerLeadsNowhere) {
  Graph graph;
  // The anchor is no CA, so it fails as such; nor may it be passed as an intermediate of itself.
  const auto anchor = graph.edge("Root", "Root", &no_authority);
  const auto verdict = verify(graph.leaf("Root"), {anchor}, {anchor});
  EXPECT_FALSE(verdict.valid);
  EXPECT_FALSE(verdict.findings.empty());
}

// Every CA certifies every other one, and none stands under the anchor: exponentially many paths.
TEST(PathSearch, AFullyConnectedBagIsGivenUp) {
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

TEST(PathSearch, TheShortChainIsFoundInAFullyConnectedBag) {
  Graph graph;
  const auto bag = mesh(graph, 10, [](make::CertificateSpec& spec) {
    spec.extensions.set(oid::kBasicConstraints, true, make::basic_constraints(true, 1));
  });
  const Verifier verifier(roomy(graph.edge("Root", "Root")));
  const auto verdict = verifier.verify(graph.leaf("CA 0"), bag, Purpose::Server, {}, kNow);
  EXPECT_TRUE(verdict.valid) << pki::to_line(verdict.findings);
  EXPECT_EQ(verdict.chain.size(), 4U);  // leaf, CA 0, CA 9, Root
}

TEST(PathSearch, NoChainIsFoundInAFullyConnectedBagWherePathLengthsForbidAll) {
  Graph graph;
  const auto bag = mesh(graph, 6, pathlen_0);
  const Verifier verifier(roomy(graph.edge("Root", "Root")));
  EXPECT_FALSE(verifier.verify(graph.leaf("CA 0"), bag, Purpose::Server, {}, kNow).valid);
}

TEST(PathSearch, ALongChainIsFoundBehindShortOnesThatEnd) {
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

TEST(PathSearch, CertificatesBeyondTheLimitAreNotLookedAt) {
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

// --- lists of distrusted certificates
// -------------------------------------------------------------------

TEST(PathSearch, ADeniedFingerprintIsRefusedWhereverItStands) {
  Graph graph;
  const auto root = graph.edge("Root", "Root");
  const auto authority = graph.edge("Root", "CA");
  const auto leaf = graph.leaf("CA");
  for (const auto& denied : {root, authority, leaf}) {
    VerifierOptions options;
    options.anchors.push_back({root, true, true, std::nullopt, false});
    options.denied = {denied.digest()};
    const auto verdict =
        Verifier(options).verify(leaf, std::vector{authority}, Purpose::Server, {}, kNow);
    EXPECT_FALSE(verdict.valid);
    ASSERT_FALSE(verdict.findings.empty());
    EXPECT_EQ(verdict.findings.back().rule, "denied");
  }
}

TEST(PathSearch, ADistrustedIssuerAndSerialIsRefusedWhereverItStands) {
  Graph graph;
  const auto root = graph.edge("Root", "Root");
  const auto authority = graph.edge("Root", "CA");
  const auto leaf = graph.leaf("CA");
  for (const auto& distrusted : {root, authority, leaf}) {
    VerifierOptions options;
    options.anchors.push_back({root, true, true, std::nullopt, false});
    options.distrusted.push_back({issuer_and_serial_digest(distrusted), std::nullopt, "bad"});
    EXPECT_FALSE(
        Verifier(options).verify(leaf, std::vector{authority}, Purpose::Server, {}, kNow).valid);
  }
}

TEST(PathSearch, ARuleThatCannotBeRelaxedIsRefusedByName) {
  VerifierOptions options;
  options.relaxed = {"signature"};
  EXPECT_THROW(Verifier{options}, Error);
  options.relaxed = {"no such rule"};
  EXPECT_THROW(Verifier{options}, Error);
  options.relaxed = {"weak-key", "weak-digest"};
  EXPECT_NO_THROW(Verifier{options});
}

TEST(PathSearch, B6_IsRevokedAsksTheLists) {
  Scenario scenario;
  scenario.leaf.serial = der::integer(5);
  make::CrlSpec spec;
  spec.issuer = scenario.root.subject;
  spec.extensions.set(oid::kCrlNumber, false, der::integer(1));
  spec.revoked = {{.serial = der::integer(5), .extensions = {}}};
  VerifierOptions options;
  options.crls.push_back(pki::Crl::parse_der(make::build(spec, scenario.root.key), "list"));
  const Verifier verifier(options);
  const auto revoked = pki::Certificate::parse_der(
      make::build(scenario.leaf, scenario.root.subject, scenario.root.key), "leaf");
  scenario.leaf.serial = der::integer(6);
  const auto other = pki::Certificate::parse_der(
      make::build(scenario.leaf, scenario.root.subject, scenario.root.key), "leaf");
  EXPECT_TRUE(verifier.is_revoked(revoked));
  EXPECT_FALSE(verifier.is_revoked(other));
}

}  // namespace
}  // namespace ipm::trust::test
