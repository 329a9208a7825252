// Lists only ever go forward (B6): what vanishes, goes back, shrinks or cannot be read keeps counting.
#include "tls/lists_in_force.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "base/files.h"
#include "pki/profile.h"
#include "support.h"
#include "tls/keeper.h"

namespace ipm::tls::test {
namespace {

using std::chrono::days;
using std::chrono::hours;
using testing::HasSubstr;

struct Ca {
  explicit Ca(const std::string& name)
      : key(pki::PrivateKey::generate(pki::KeyKind::P256)),
        certificate(pki::make_authority(key, {name, {}, noon() - days{10}, days{900}},
                                        pki::new_serial())) {}

  pki::Crl list(std::uint64_t number, const std::vector<std::string>& serials,
                TimePoint from = noon(), TimePoint until = noon() + days{7}) const {
    std::vector<pki::Revocation> revoked;
    for (const auto& serial : serials) revoked.push_back({serial, from, "unspecified"});
    return pki::Crl::sign(certificate, key, revoked, number, from, until);
  }
  trust::Anchor anchor() const { return {certificate, true, true, {}, false, {}}; }

  pki::PrivateKey key;
  pki::Certificate certificate;
};

struct ListsTest : testing::Test {
  Ca ca{"Print CA"};
  Ca namesake{"Print CA"};
  std::vector<trust::Anchor> anchors{ca.anchor(), namesake.anchor()};
  TimePoint now = noon() + hours{1};

  ListsInForce forward(std::vector<pki::Crl> before, std::vector<pki::Crl> found,
                       std::string trouble = {}) {
    return take_forward(
        {{std::move(found), std::move(trouble)}, "crl.pem", std::move(before), anchors, now});
  }
  static std::vector<std::string> numbers(const ListsInForce& in_force) {
    std::vector<std::string> all;
    for (const auto& list : in_force.lists) all.push_back(*list.number());
    return all;
  }
};

using Numbers = std::vector<std::string>;

TEST_F(ListsTest, B6_AHigherNumberTakesItForwardAlsoWithFewerEntries) {
  const auto result = forward({ca.list(4, {"0A", "0B"})}, {ca.list(5, {"0A"})});
  EXPECT_EQ(numbers(result), Numbers{"5"});
  EXPECT_TRUE(result.kept.empty());
}

TEST_F(ListsTest, B6_AListThatVanishesStaysInForceAndIsToldOf) {
  const auto result = forward({ca.list(4, {"0A"})}, {}, "is not there");
  EXPECT_EQ(numbers(result), Numbers{"4"});
  ASSERT_EQ(result.kept.size(), 1U);
  EXPECT_EQ(result.kept[0].message, Message::RevocationListKept);
  EXPECT_THAT(result.kept[0].text, HasSubstr("number 4, 1 entries"));
  EXPECT_THAT(result.kept[0].text, HasSubstr("crl.pem is not there"));
}

TEST_F(ListsTest, B6_ItStaysPastItsEndToo) {
  now = noon() + days{30};
  EXPECT_EQ(numbers(forward({ca.list(4, {"0A"})}, {}, "is not there")), Numbers{"4"});
}

TEST_F(ListsTest, AnEndedListOfACaThatIsTrustedNoMoreIsForgotten) {
  now = noon() + days{30};
  anchors = {namesake.anchor()};
  Ca gone("Gone CA");
  EXPECT_TRUE(forward({gone.list(4, {"0A"})}, {}, "is not there").lists.empty());
  now = noon() + hours{1};
  EXPECT_EQ(forward({gone.list(4, {"0A"})}, {}, "is not there").lists.size(), 1U);
}

TEST_F(ListsTest, B6_ALowerNumberKeepsTheOldOne) {
  const auto result = forward({ca.list(4, {"0A"})}, {ca.list(3, {"0A", "0B"}, noon() + hours{1})});
  EXPECT_EQ(numbers(result), Numbers{"4"});
  ASSERT_EQ(result.kept.size(), 1U);
  EXPECT_THAT(result.kept[0].text, HasSubstr("an older one, of number 3"));
}

TEST_F(ListsTest, B6_OneOfTheSameNumberWithoutAnEntryKeepsTheOldOne) {
  const auto result = forward({ca.list(4, {"0A", "0B"})}, {ca.list(4, {"0B"}, noon() + hours{1})});
  EXPECT_EQ(result.lists[0].size(), 2U);
  ASSERT_EQ(result.kept.size(), 1U);
  EXPECT_THAT(result.kept[0].text, HasSubstr("without 1 of its entries"));
}

TEST_F(ListsTest, B6_OneOfTheSameNumberWithAllEntriesAndMoreIsTaken) {
  const auto result = forward({ca.list(4, {"0A"})}, {ca.list(4, {"0A", "0B"}, noon() + hours{1})});
  ASSERT_EQ(result.lists.size(), 1U);
  EXPECT_EQ(result.lists[0].size(), 2U);
  EXPECT_TRUE(result.kept.empty());
}

TEST_F(ListsTest, B6_OneOfTheSameNumberThatIsOlderKeepsTheOldOne) {
  const auto result = forward({ca.list(4, {"0A"})}, {ca.list(4, {"0A"}, noon() - hours{1})});
  EXPECT_EQ(result.lists[0].this_update(), noon());
  EXPECT_EQ(result.kept.size(), 1U);
}

TEST_F(ListsTest, B6_TheListOfAnotherKeyOfTheSameNameTakesNothingForward) {
  const auto result = forward({ca.list(4, {"0A"})}, {namesake.list(9, {})});
  EXPECT_EQ(numbers(result), (Numbers{"9", "4"}));
  EXPECT_EQ(result.kept.size(), 1U);
}

TEST_F(ListsTest, TheSameListsAreNotSpokenOf) {
  const auto list = ca.list(4, {"0A"});
  const auto other = namesake.list(1, {});
  const auto result = forward({list, other}, {other, list});
  EXPECT_EQ(result.lists.size(), 2U);
  EXPECT_TRUE(result.kept.empty());
}

TEST_F(ListsTest, WhatIsRememberedIsReadBack) {
  const TemporaryFolder folder;
  EXPECT_TRUE(remembered_lists(folder / "lists.pem").empty());
  const auto list = ca.list(4, {"0A"});
  remember_lists(folder / "lists.pem", {list});
  ASSERT_EQ(remembered_lists(folder / "lists.pem").size(), 1U);
  EXPECT_EQ(remembered_lists(folder / "lists.pem")[0].der(), list.der());
  remember_lists(folder / "lists.pem", {});
  EXPECT_TRUE(remembered_lists(folder / "lists.pem").empty());
}

// --- with a generation and its keeper

struct KeptListTest : testing::Test {
  TemporaryFolder folder;
  TimePoint now = noon();
  GenerationSources sources = server_sources();

  KeptListTest() {
    sources.crl = folder / "crl.pem";
    sources.list_memory = folder / "memory.pem";
    write_file({*sources.crl, text_of("crl-client.pem")});
  }
  std::shared_ptr<const Generation> build(const Generation* before = nullptr) {
    return Generation::build(sources, 1, [this] { return now; }, before);
  }
};

TEST_F(KeptListTest, B6_AnUnreadableListKeepsTheOneInForce) {
  const auto before = build();
  ASSERT_EQ(before->client_verifier().crls().size(), 1U);
  EXPECT_TRUE(before->standing_notices().empty());
  for (const std::string text : {"", "no list", "-----BEGIN X509 CRL-----\nAAAA\n"}) {
    write_file({*sources.crl, text});
    const auto after = build(before.get());
    EXPECT_EQ(after->client_verifier().crls().size(), 1U) << text;
    ASSERT_EQ(after->standing_notices().size(), 1U) << text;
    EXPECT_THAT(after->standing_notices()[0].text, HasSubstr("cannot be used"));
  }
}

TEST_F(KeptListTest, B6_AnUnreadableListWithoutAnEarlierOneIsRefused) {
  write_file({*sources.crl, "no list"});
  EXPECT_THROW(build(), Error);
}

TEST_F(KeptListTest, B6_TheNextRunRemembers) {
  remember_lists(*sources.list_memory, build()->client_verifier().crls());
  fs::remove(*sources.crl);
  const auto next = build();
  EXPECT_EQ(next->client_verifier().crls().size(), 1U);
  EXPECT_EQ(next->standing_notices().size(), 1U);
}

TEST_F(KeptListTest, B6_ADamagedMemoryIsToldOf) {
  write_file({*sources.list_memory, "no list"});
  const auto generation = build();
  ASSERT_EQ(generation->notices().size(), 1U);
  EXPECT_EQ(generation->notices()[0].message, Message::RevocationListKept);
}

TEST_F(KeptListTest, B6_AnAnchorForClientsWithoutAListIsToldOfWhereAnotherHasOne) {
  write_file({folder / "ca.pem", text_of("ca-cert.pem") + text_of("other-ca-cert.pem")});
  sources.anchors = folder / "ca.pem";
  auto generation = build();
  ASSERT_EQ(generation->notices().size(), 1U);
  EXPECT_EQ(generation->notices()[0].message, Message::AnchorWithoutList);
  fs::remove(*sources.crl);
  EXPECT_TRUE(build()->notices().empty()) << "nobody has one";
  sources.policy.revocation_required = true;
  EXPECT_EQ(build()->notices().size(), 2U);
}

TEST_F(KeptListTest, B6_ItIsAnErrorInTheLogEachDayAcrossRestarts) {
  const Log log{{.file = folder / "error.log", .clock = fixed_clock()}};
  const auto count = [&] {
    const auto text = read_file(folder / "error.log");
    std::size_t found = 0;
    for (auto at = text.find("IMP-2016"); at != std::string::npos;
         at = text.find("IMP-2016", at + 1)) {
      ++found;
    }
    return found;
  };
  {
    Keeper keeper(sources, [this] { return now; }, log);
    keeper.poll();
    fs::remove(*sources.crl);
    keeper.poll();
    EXPECT_TRUE(keeper.poll());
    EXPECT_EQ(count(), 1U);
    now += hours{24};
    keeper.poll();
    EXPECT_EQ(count(), 2U);
  }
  const Keeper keeper(sources, [this] { return now; }, log);
  EXPECT_EQ(keeper.current()->client_verifier().crls().size(), 1U);
  EXPECT_EQ(count(), 3U);
}

}  // namespace
}  // namespace ipm::tls::test
