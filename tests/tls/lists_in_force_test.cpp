// Lists only ever go forward (B6): what vanishes, goes back, shrinks or cannot be read keeps counting.
#include "tls/lists_in_force.h"

#include <gmock/gmock.h>
#include <openssl/x509v3.h>

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "pki/openssl.h"
#include "pki/profile.h"
#include "support.h"
#include "tls/expiry.h"
#include "tls/keeper.h"
#include "tls/limits.h"

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

  ListsInForce forward(std::vector<pki::Crl> before, std::vector<pki::Crl> found,
                       std::string trouble = {}) {
    return forward(std::move(before), FoundLists{std::move(found), {}, std::move(trouble)});
  }
  ListsInForce forward(std::vector<pki::Crl> before, FoundLists found) {
    return take_forward(
        {std::move(found), "crl.pem", "/state/memory.pem", std::move(before), anchors});
  }
  static std::vector<std::string> numbers(const ListsInForce& in_force) {
    std::vector<std::string> all;
    for (const auto& list : in_force.lists) all.push_back(*list.number());
    return all;
  }
};

using Numbers = std::vector<std::string>;

// A list with one thing changed, signed again.
template <class Change>
pki::Crl changed(const Ca& ca, const pki::Crl& list, Change change) {
  pki::CrlPtr copy(X509_CRL_dup(list.handle()));
  change(copy.get());
  X509_CRL_sign(copy.get(), ca.key.handle(), EVP_sha256());
  const auto der = pki::encode(i2d_X509_CRL, copy.get());
  return pki::Crl::parse_der(der, "a changed list");
}

pki::Crl as_delta(const Ca& ca, std::uint64_t number, int base) {
  return changed(ca, ca.list(number, {}), [base](X509_CRL* list) {
    const pki::IntegerPtr value(ASN1_INTEGER_new());
    ASN1_INTEGER_set(value.get(), base);
    X509_CRL_add1_ext_i2d(list, NID_delta_crl, value.get(), 1, 0);
  });
}

// Number 5, with the issuer's name as another type of string.
pki::Crl renamed(const Ca& ca, int type) {
  return changed(ca, ca.list(5, {"0A"}), [type](X509_CRL* list) {
    const pki::NamePtr name(X509_NAME_new());
    X509_NAME_add_entry_by_NID(name.get(), NID_commonName, type,
                               reinterpret_cast<const unsigned char*>("Print CA"), -1, -1, 0);
    X509_CRL_set_issuer_name(list, name.get());
  });
}

TEST_F(ListsTest, B6_AHigherNumberTakesItForward) {
  const auto result = forward({ca.list(4, {"0A"})}, {ca.list(5, {"0A", "0B"})});
  EXPECT_EQ(numbers(result), Numbers{"5"});
  EXPECT_TRUE(result.kept.empty());
}

TEST_F(ListsTest, B6_AHigherNumberWithFewerEntriesCountsAndIsAnError) {
  const auto result = forward({ca.list(4, {"0A", "0B", "0C"})}, {ca.list(5, {"0B"})});
  EXPECT_EQ(numbers(result), Numbers{"5"});
  ASSERT_EQ(result.kept.size(), 1U);
  EXPECT_EQ(result.kept[0].message, Message::RevocationEntriesGone);
  EXPECT_THAT(result.kept[0].text, HasSubstr("number 5, has no entry for 2 of"));
  EXPECT_THAT(result.kept[0].text, HasSubstr("serial 0A, 0C;"));
  EXPECT_THAT(result.kept[0].text, HasSubstr("ipm ca revoke FILE"));
}

TEST_F(ListsTest, B6_OfManyEntriesThatAreGoneTheFirstAreNamed) {
  const auto result = forward({ca.list(4, {"01", "02", "03", "04", "05", "06", "07"})},
                              {ca.list(5, {}), ca.list(6, {})});
  ASSERT_EQ(result.kept.size(), 1U);
  EXPECT_THAT(result.kept[0].text, HasSubstr("number 6"));
  EXPECT_THAT(result.kept[0].text, HasSubstr("01, 02, 03, 04, 05 and 2 more;"));
}

TEST_F(ListsTest, B6_AListThatVanishesStaysInForceAndIsToldOf) {
  const auto result = forward({ca.list(4, {"0A"})}, {}, "is not there");
  EXPECT_EQ(numbers(result), Numbers{"4"});
  ASSERT_EQ(result.kept.size(), 1U);
  EXPECT_EQ(result.kept[0].message, Message::RevocationListKept);
  EXPECT_THAT(result.kept[0].text, HasSubstr("number 4, 1 entries"));
  EXPECT_THAT(result.kept[0].text, HasSubstr("crl.pem is not there"));
  EXPECT_THAT(result.kept[0].text, HasSubstr("a copy of /state/memory.pem: ipm ca import FILE"));
  const auto digits = to_hex(pki::sha256(result.lists[0].der())).substr(0, kListNameDigits);
  EXPECT_THAT(result.kept[0].text, HasSubstr("ipm trust withdraw-list " + digits));
}

TEST_F(ListsTest, B6_TheEndedListOfACaThatIsNoAnchorStaysToo) {
  // An intermediate CA's: its clients are admitted by an anchor above it.
  const Ca below("Sub CA");
  const auto ended = below.list(4, {"0A"}, noon() - days{60}, noon() - days{30});
  const auto result = forward({ended}, {ca.list(1, {})});
  EXPECT_EQ(numbers(result), (Numbers{"1", "4"}));
  EXPECT_EQ(result.kept.size(), 1U);
}

TEST_F(ListsTest, B6_AListThatIsWithdrawnByItsLineIsGivenUp) {
  const auto list = ca.list(4, {"0A"});
  const auto other = namesake.list(7, {"0B"});
  for (const std::string& rest : {std::string(), list.pem()}) {
    const auto found = read_lists("# a remark\n" + withdrawal_line(list) + rest, "crl.pem");
    const auto result = forward({list, other}, found);
    EXPECT_EQ(numbers(result), Numbers{"7"});
    ASSERT_EQ(result.withdrawn.size(), 1U);
    EXPECT_EQ(result.withdrawn[0].message, Message::RevocationListWithdrawn);
    EXPECT_THAT(result.withdrawn[0].text, HasSubstr("number 4"));
    const auto again = forward(result.lists, found);
    EXPECT_TRUE(again.withdrawn.empty()) << "it is told once";
  }
}

TEST_F(ListsTest, AWithdrawalThatIsNotUnderstoodIsRefused) {
  for (const std::string line :
       {"# ipm-withdrawn:", "# ipm-withdrawn: Old CA", "# ipm-withdrawn: sha256=0A0B",
        "# ipm-withdrawn: sha256=xyz; a"}) {
    EXPECT_THROW(read_lists(line + "\n" + ca.list(4, {}).pem(), "crl.pem"), Error) << line;
  }
  EXPECT_TRUE(
      read_lists("see # ipm-withdrawn: above\n" + ca.list(4, {}).pem(), "x").withdrawn.empty());
  EXPECT_THROW(read_lists("", "crl.pem"), Error);
}

TEST_F(ListsTest, ADeltaListIsFollowedByACompleteOneOfNoLowerNumber) {
  const auto delta = as_delta(ca, 5, 4);
  EXPECT_EQ(numbers(forward({delta}, {ca.list(5, {"0A"})})), Numbers{"5"});
  EXPECT_TRUE(forward({delta}, {ca.list(6, {})}).kept.empty());
  const auto behind = forward({delta}, {ca.list(4, {})});
  EXPECT_EQ(numbers(behind), (Numbers{"4", "5"}));
  EXPECT_EQ(behind.kept.size(), 1U);
  const auto alone = forward({ca.list(4, {"0A"})}, {delta});
  EXPECT_EQ(numbers(alone), (Numbers{"5", "4"})) << "a delta list follows no complete one";
}

TEST_F(ListsTest, TheIssuersNameMayBeEncodedOtherwise) {
  // The same CA: its certificate has the name as UTF8String, its list as PrintableString.
  const auto printed = renamed(ca, V_ASN1_PRINTABLESTRING);
  EXPECT_NE(printed.issuer_der(), ca.certificate.subject_der());
  const auto result = forward({ca.list(4, {"0A"})}, {printed});
  EXPECT_EQ(numbers(result), Numbers{"5"});
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

TEST_F(ListsTest, AMemoryOfAnEarlierVersionIsRead) {
  const TemporaryFolder folder;
  write_file({folder / "lists.pem", ca.list(4, {"0A"}).pem()});
  EXPECT_EQ(remembered_lists(folder / "lists.pem").size(), 1U);
}

TEST_F(ListsTest, B6_AMemoryThatLostListsIsDamagedAndIsSetAside) {
  const TemporaryFolder folder;
  const auto memory = folder / "lists.pem";
  const auto first = ca.list(4, {"0A"});
  remember_lists(memory, {first, namesake.list(7, {"0B"})});
  const auto whole = read_file(memory);
  const auto second = whole.rfind("-----BEGIN");
  for (const auto& damaged :
       {std::string(), whole.substr(0, second), whole.substr(second),
        whole.substr(0, whole.find('\n') + 1), whole.substr(0, second + 40)}) {
    write_file({memory, damaged});
    if (damaged != whole.substr(second)) {
      EXPECT_THROW(remembered_lists(memory), Error) << damaged;
      const auto aside = remember_lists(memory, {first});
      ASSERT_TRUE(aside) << damaged;
      EXPECT_EQ(read_file(*aside), damaged) << "what was aside already stays";
    }
    EXPECT_EQ(remembered_lists(memory).size(), 1U);
    EXPECT_FALSE(remember_lists(memory, {first}));
  }
}

// --- with a generation and its keeper

struct KeptListTest : testing::Test {
  TemporaryFolder folder;
  std::size_t logged(std::string_view what) const {
    const auto text = read_file(folder / "error.log");
    std::size_t found = 0;
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++found;
    return found;
  }
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

TEST_F(KeptListTest, B6_ADamagedMemoryIsToldOfWhileItLasts) {
  write_file({*sources.list_memory, "no list"});
  const auto generation = build();
  EXPECT_EQ(generation->client_verifier().crls().size(), 1U);
  ASSERT_EQ(generation->standing_notices().size(), 1U);
  EXPECT_EQ(generation->standing_notices()[0].message, Message::ListMemoryUnusable);
}

TEST_F(KeptListTest, B6_ADamagedMemoryAndNoListAreRefused) {
  const auto withdrawn = withdrawal_line(pki::Crl::parse(text_of("crl-client.pem"), "crl"));
  for (const std::string& memory : {std::string("no list"), std::string()}) {
    write_file({*sources.list_memory, memory});
    fs::remove(*sources.crl);
    try {
      build();
      FAIL() << "put in force";
    } catch (const Error& error) {
      EXPECT_EQ(error.message(), Message::ListMemoryUnusable);
      EXPECT_THAT(error.happened(), HasSubstr("crl.pem is not there"));
      EXPECT_THAT(error.mend(), HasSubstr("ipm ca crl"));
    }
    write_file({*sources.crl, withdrawn});
    EXPECT_THROW(build(), Error) << "what else was in force is not known";
  }
  EXPECT_EQ(read_file(*sources.list_memory), "") << "the evidence stays";
}

TEST_F(KeptListTest, B6_AWithdrawnListIsForgottenWithAWarning) {
  const auto before = build();
  const auto list = before->client_verifier().crls()[0];
  write_file({*sources.crl, withdrawal_line(list)});
  const auto after = build(before.get());
  EXPECT_TRUE(after->client_verifier().crls().empty());
  EXPECT_TRUE(after->standing_notices().empty());
  ASSERT_EQ(after->notices().size(), 1U);
  EXPECT_EQ(after->notices()[0].message, Message::RevocationListWithdrawn);
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

TEST_F(KeptListTest, NobodyIsRemindedOfTheEndedListOfACasEarlierKey) {
  const auto current = pki::Certificate::parse(text_of("ca-cert.pem"), "ca");
  const auto reminders = [&](const std::string& name) {
    const auto ended = Ca(name).list(9, {}, noon() - days{60}, noon() - days{30});
    write_file({*sources.crl, text_of("crl-client.pem") + ended.pem()});
    const auto generation = build();
    EXPECT_EQ(generation->client_verifier().crls().size(), 2U);
    return std::ranges::count_if(expiry_notices(*generation), [](const Notice& notice) {
      return notice.message == Message::CrlExpired;
    });
  };
  EXPECT_EQ(reminders(current.display_name()), 0);
  EXPECT_EQ(reminders("Sub CA"), 1) << "an intermediate's is awaited";
}

TEST_F(KeptListTest, B6_ItIsAnErrorInTheLogEachDayAcrossRestarts) {
  const Log log{{.file = folder / "error.log", .clock = fixed_clock()}};
  const auto count = [&] { return logged("IMP-2016"); };
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

TEST_F(KeptListTest, B6_AMemoryThatCannotBeWrittenIsTriedAgainAndToldOnceADay) {
  const Log log{{.file = folder / "error.log", .clock = fixed_clock()}};
  sources.list_memory = folder / "state/memory.pem";
  write_file({folder / "state", "in the way of the folder"});
  Keeper keeper(sources, [this] { return now; }, log);
  for (int i = 0; i < 5; ++i) keeper.poll();
  EXPECT_EQ(logged("not remembered for the next start"), 1U);
  now += kMemoryRetryPause;
  keeper.poll();
  EXPECT_EQ(logged("not remembered for the next start"), 1U);
  now += hours{24};
  keeper.poll();
  EXPECT_EQ(logged("not remembered for the next start"), 2U);
  fs::remove(folder / "state");
  keeper.poll();
  EXPECT_FALSE(fs::exists(*sources.list_memory)) << "within the pause";
  now += kMemoryRetryPause;
  keeper.poll();
  EXPECT_EQ(remembered_lists(*sources.list_memory).size(), 1U);
}

TEST_F(KeptListTest, B6_ADamagedMemoryIsSetAsideBeforeANewOneIsWritten) {
  const Log log{{.file = folder / "error.log", .clock = fixed_clock()}};
  write_file({*sources.list_memory, "no list"});
  Keeper keeper(sources, [this] { return now; }, log);
  keeper.poll();
  EXPECT_EQ(read_file(folder / "memory.pem.damaged"), "no list");
  EXPECT_EQ(remembered_lists(*sources.list_memory).size(), 1U);
  EXPECT_EQ(logged("memory.pem.damaged"), 1U);
}

}  // namespace
}  // namespace ipm::tls::test
