#include "trust/relaxation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/text.h"
#include "path_case.h"

namespace ipm::trust {
namespace {

using test::authority_spec;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<Anchor> two_anchors() {
  const auto key = test::make::Key::p256(0);
  std::vector<Anchor> anchors;
  for (const char* name : {"Old Printers CA", "Another CA"}) {
    const auto der =
        test::make::build(authority_spec(name, key), test::make::common_name(name), key);
    anchors.push_back({pki::Certificate::parse_der(der, name), true, true, std::nullopt, false});
  }
  return anchors;
}

Relaxation relaxation_of(const Anchor& anchor) {
  return parse_relaxation(to_hex(anchor.certificate.digest()), {"weak-key"}, "ipmd.toml, line 3");
}

TEST(RelaxationTest, ExceptsTheOneThatItNames) {
  auto anchors = two_anchors();
  const std::vector relaxations{relaxation_of(anchors[0])};
  relax(anchors, relaxations);
  EXPECT_THAT(anchors[0].relaxed, ElementsAre("weak-key"));
  EXPECT_THAT(anchors[1].relaxed, IsEmpty());
  EXPECT_TRUE(concerns(relaxations[0], anchors));
  EXPECT_FALSE(concerns(relaxations[0], std::span(anchors).subspan(1)));
}

TEST(RelaxationTest, S18_APubliclyTrustedCaIsNeverExcepted) {
  auto anchors = two_anchors();
  anchors[0].is_public = true;
  const std::vector relaxations{relaxation_of(anchors[0])};
  try {
    relax(anchors, relaxations);
    FAIL() << "it was relaxed";
  } catch (const Error& error) {
    EXPECT_EQ(error.message(), Message::ConfigurationWrong);
    EXPECT_THAT(error.happened(), HasSubstr("ipmd.toml, line 3: Old Printers CA is publicly"));
  }
}

TEST(RelaxationTest, NamesThatAreNoneAreRefusedWithTheirLine) {
  const std::string fingerprint(64, 'a');
  for (const char* rule : {"weak-keys", "signature", "not-after", "denied", "revoked", ""}) {
    try {
      parse_relaxation(fingerprint, {"weak-key", rule}, "ipmd.toml, line 3");
      ADD_FAILURE() << rule;
    } catch (const Error& error) {
      EXPECT_EQ(error.message(), Message::ConfigurationWrong);
      EXPECT_THAT(error.happened(), HasSubstr("ipmd.toml, line 3: \""));
      EXPECT_THAT(error.expected(), HasSubstr("weak-digest"));
    }
  }
  EXPECT_THROW(parse_relaxation("Old Printers CA", {"weak-key"}, "ipmd.toml, line 3"), Error);
}

TEST(RelaxationTest, AVerifierTellsWhatIsRelaxedForWhom) {
  auto anchors = two_anchors();
  const std::vector relaxations{relaxation_of(anchors[0])};
  VerifierOptions options;
  options.anchors = anchors;
  const Verifier before(options);
  relax(options.anchors, relaxations);
  const Verifier after(options);
  EXPECT_TRUE(after.is_relaxed(anchors[0].certificate, "weak-key"));
  EXPECT_FALSE(after.is_relaxed(anchors[0].certificate, "weak-digest"));
  EXPECT_FALSE(after.is_relaxed(anchors[1].certificate, "weak-key"));
  EXPECT_FALSE(before.is_relaxed(anchors[0].certificate, "weak-key"));
  EXPECT_FALSE(before.trusts_alike(after));
  EXPECT_TRUE(after.trusts_alike(Verifier(options)));

  options.relaxed = {"weak-digest"};
  options.anchors[1].is_public = true;
  const Verifier everywhere(options);
  EXPECT_TRUE(everywhere.is_relaxed(anchors[0].certificate, "weak-digest"));
  EXPECT_FALSE(everywhere.is_relaxed(anchors[1].certificate, "weak-digest")) << "it is public";
}

TEST(RelaxationTest, AnyChangeOfTrustIsSeen) {
  VerifierOptions options;
  options.anchors = two_anchors();
  const Verifier verifier(options);
  const auto differs = [&](const auto& change) {
    VerifierOptions other = options;
    change(other);
    return !verifier.trusts_alike(Verifier(other));
  };
  EXPECT_TRUE(differs([](auto& o) { o.anchors.pop_back(); }));
  EXPECT_TRUE(differs([](auto& o) { o.anchors[0].vouches_for_clients = false; }));
  EXPECT_TRUE(differs([](auto& o) { o.anchors[0].server_distrust_after = TimePoint{}; }));
  EXPECT_TRUE(differs([](auto& o) { o.denied.push_back({}); }));
  EXPECT_TRUE(differs([](auto& o) { o.distrusted.push_back({}); }));
  EXPECT_TRUE(differs([](auto& o) { o.strict = true; }));
  EXPECT_FALSE(differs([](auto& o) { o.crl_required = true; }));
}

}  // namespace
}  // namespace ipm::trust
