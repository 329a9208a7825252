// The search itself (RFC 4158): issuers tried one after the other, and loops.

#include "base/error.h"
#include "path_graph.h"

namespace ipm::trust::test {
namespace {

using namespace std::string_literals;

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
