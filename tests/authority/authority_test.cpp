#include "authority/authority.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <set>

#include "base/files.h"
#include "openssl_maker.h"
#include "pki/signature.h"

namespace ipm::authority {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

Message message_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.message();
  }
  ADD_FAILURE() << "nothing was thrown";
  return Message::Notice;
}

mode_t mode_of(const fs::path& path) {
  struct stat status{};
  EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
  return status.st_mode & 07777U;
}

std::optional<pki::Revocation> find_revocation(const pki::Crl& list,
                                               const pki::Certificate& certificate) {
  for (auto& revocation : list.revocations()) {
    if (revocation.serial == certificate.serial()) return std::move(revocation);
  }
  return std::nullopt;
}

class AuthorityOnDisk : public ::testing::Test {
 protected:
  static TimePoint now() {
    static const TimePoint kNow =
        std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
    return kNow;
  }
  static Creation creation() {
    Creation wanted;
    wanted.name = "Example Print CA";
    wanted.key = pki::KeyKind::P256;
    wanted.now = now();
    return wanted;
  }
  static const pki::PrivateKey& leaf_key() {
    static const pki::PrivateKey kKey = pki::PrivateKey::generate(pki::KeyKind::P256);
    return kKey;
  }
  static pki::LeafOrder order(std::string name, pki::Role role = pki::Role::Client) {
    pki::LeafOrder made;
    made.role = role;
    made.common_name = std::move(name);
    made.now = now();
    return made;
  }
  static pki::Certificate issue(Authority& authority, const std::string& name) {
    return authority.issue(leaf_key().public_key(), order(name));
  }

  fs::path folder() const { return root_ / "var/lib/ipm/ca"; }
  Authority reopened() const { return Authority::open(folder(), {}); }

  test::TemporaryFolder root_;
};

TEST_F(AuthorityOnDisk, S13_KeyAndFolderArePrivateTheCertificateIsPublic) {
  Authority::create(folder(), creation());
  EXPECT_EQ(mode_of(folder()), 0700U);
  EXPECT_EQ(mode_of(folder() / "ca-key.pem"), 0600U);
  EXPECT_EQ(mode_of(folder() / "ca-cert.pem"), 0644U);
  EXPECT_EQ(mode_of(folder() / "inventory.db"), 0600U);
}

TEST_F(AuthorityOnDisk, IssuesAndRemembersAcrossRuns) {
  const auto made = Authority::create(folder(), creation()).certificate();
  auto authority = reopened();
  EXPECT_EQ(authority.certificate(), made);
  const auto leaf = authority.issue(leaf_key().public_key(),
                                    order("ipmsrv.example.com", pki::Role::MutualServer));
  const auto entries = reopened().inventory().all();
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].serial, leaf.serial());
  EXPECT_EQ(entries[0].name, "ipmsrv.example.com");
  EXPECT_EQ(entries[0].names, "DNS:ipmsrv.example.com");
  EXPECT_EQ(entries[0].role, pki::Role::MutualServer);
  EXPECT_EQ(entries[0].recorded, now());
  EXPECT_EQ(entries[0].expires, leaf.not_after());
  EXPECT_EQ(entries[0].fingerprint, leaf.fingerprint());
  EXPECT_EQ(entries[0].state(now()), State::Valid);
  EXPECT_EQ(entries[0].state(leaf.not_after() + std::chrono::seconds{1}), State::Expired);
  EXPECT_EQ(reopened().inventory().find_certificate(leaf.serial()), leaf);
}

TEST_F(AuthorityOnDisk, IsNeverOverwrittenByAccident) {
  const auto first = Authority::create(folder(), creation()).certificate();
  EXPECT_EQ(message_of([&] { Authority::create(folder(), creation()); }), Message::AuthorityExists);
  EXPECT_EQ(reopened().certificate(), first);
  fs::remove(folder() / "ca-cert.pem");  // The key alone is an authority, too.
  EXPECT_EQ(message_of([&] { Authority::create(folder(), creation()); }), Message::AuthorityExists);
}

TEST_F(AuthorityOnDisk, ReplacedOneIsMovedAsideWhole) {
  auto first = Authority::create(folder(), creation());
  const auto leaf = issue(first, "alice");
  auto again = creation();
  again.replace = true;
  const auto second = Authority::create(folder(), std::move(again));
  ASSERT_TRUE(second.replaced());
  const auto old = Authority::open(*second.replaced(), {});
  EXPECT_EQ(old.certificate(), first.certificate());
  EXPECT_EQ(old.inventory().all().size(), 1U);
  EXPECT_TRUE(second.inventory().all().empty());
  EXPECT_FALSE(second.certificate() == first.certificate());
}

TEST_F(AuthorityOnDisk, RefusedOrdersLeaveNoTraceAtAll) {
  auto wanted = creation();
  wanted.name = "";
  EXPECT_EQ(message_of([&] { Authority::create(folder(), std::move(wanted)); }),
            Message::NameInvalid);
  EXPECT_FALSE(fs::exists(folder()));

  auto authority = Authority::create(folder(), creation());
  EXPECT_EQ(message_of([&] {
              authority.issue(leaf_key().public_key(),
                              order("ipm*.example.com", pki::Role::Server));
            }),
            Message::NameInvalid);
  EXPECT_TRUE(authority.inventory().all().empty());
}

TEST_F(AuthorityOnDisk, MissingAndDamagedOnesAreTold) {
  EXPECT_EQ(message_of([&] { reopened(); }), Message::AuthorityMissing);
  Authority::create(folder(), creation());
  const auto other = pki::PrivateKey::generate(pki::KeyKind::P256);
  write_file({folder() / "ca-key.pem", other.pem().reveal(), os::Privacy::Owner});
  auto authority = reopened();
  EXPECT_EQ(message_of([&] { issue(authority, "alice"); }), Message::AuthorityDamaged);
  EXPECT_TRUE(authority.inventory().all().empty());
  write_file({folder() / "inventory.db", std::string(5000, 'x'), os::Privacy::Owner});
  EXPECT_EQ(message_of([&] { reopened(); }), Message::AuthorityDamaged);
  fs::remove(folder() / "ca-key.pem");
  EXPECT_EQ(message_of([&] { authority.unlock(); }), Message::FileNotFound);
}

TEST_F(AuthorityOnDisk, EncryptedKeyAsksOnceAndOnlyToSign) {
  auto wanted = creation();
  wanted.passphrase.emplace("correct horse");
  Authority::create(folder(), std::move(wanted));
  EXPECT_THAT(read_file(folder() / "ca-key.pem"), HasSubstr("BEGIN ENCRYPTED PRIVATE KEY"));

  int asked = 0;
  auto authority = Authority::open(folder(), [&] {
    ++asked;
    return Secret("correct horse");
  });
  EXPECT_TRUE(authority.has_encrypted_key());
  EXPECT_TRUE(authority.inventory().all().empty());
  EXPECT_EQ(asked, 0);
  issue(authority, "alice");
  issue(authority, "bob");
  EXPECT_EQ(asked, 1);

  auto wrong = Authority::open(folder(), [] { return Secret("wrong"); });
  EXPECT_EQ(message_of([&] { issue(wrong, "carol"); }), Message::PassphraseWrong);
  auto nobody = reopened();
  EXPECT_EQ(message_of([&] { issue(nobody, "carol"); }), Message::PassphraseWrong);
  EXPECT_EQ(nobody.inventory().all().size(), 2U);
}

TEST_F(AuthorityOnDisk, FindsBySerialAndByName) {
  auto authority = Authority::create(folder(), creation());
  const auto first = issue(authority, "alice");
  issue(authority, "Alice");
  EXPECT_EQ(authority.named("ALICE").size(), 2U);
  EXPECT_EQ(authority.named(first.serial()).size(), 1U);
  std::string lower = first.serial();
  std::transform(lower.begin(), lower.end(), lower.begin(), ::tolower);
  EXPECT_EQ(authority.named(lower)[0].serial, first.serial());
  for (const auto* unknown : {"bob", "", "00", "' OR 1=1 --"}) {
    EXPECT_EQ(message_of([&] { authority.named(unknown); }), Message::SerialUnknown) << unknown;
  }
}

TEST_F(AuthorityOnDisk, B6_RevokesOnceAndListsWhatWasRevoked) {
  auto authority = Authority::create(folder(), creation());
  const auto alice = issue(authority, "alice");
  const auto bob = issue(authority, "bob");
  EXPECT_TRUE(authority.revoke(alice.serial(), "keyCompromise", now()));
  EXPECT_FALSE(authority.revoke(alice.serial(), "superseded", now()));
  EXPECT_EQ(authority.named("alice")[0].state(now()), State::Revoked);
  EXPECT_EQ(authority.named("alice")[0].reason, "keyCompromise");
  EXPECT_EQ(message_of([&] { authority.revoke(bob.serial(), "boredom", now()); }),
            Message::UsageWrong);
  EXPECT_EQ(message_of([&] { authority.revoke("1234", "superseded", now()); }),
            Message::SerialUnknown);

  const auto list = authority.sign_list(now());
  EXPECT_TRUE(pki::crl_signature_holds(list, authority.certificate()));
  EXPECT_EQ(list.next_update(), now() + std::chrono::days{7});
  ASSERT_TRUE(find_revocation(list, alice));
  EXPECT_EQ(find_revocation(list, alice)->reason, "keyCompromise");
  EXPECT_FALSE(find_revocation(list, bob));
  EXPECT_EQ(pki::Crl::parse(read_file(authority.list_file()), "crl.pem").der(), list.der());
}

TEST_F(AuthorityOnDisk, ListNumbersOnlyGrow) {
  auto authority = Authority::create(folder(), creation());
  EXPECT_EQ(authority.sign_list(now()).number(), "1");
  EXPECT_EQ(authority.sign_list(now()).number(), "2");
  EXPECT_EQ(reopened().sign_list(now()).number(), "3");
  EXPECT_EQ(message_of([&] { authority.sign_list(now(), std::chrono::days{0}); }),
            Message::UsageWrong);
}

TEST_F(AuthorityOnDisk, B6_AListIsNeverSignedThatForgetsWhatAnEarlierOneTakesBack) {
  auto authority = Authority::create(folder(), creation());
  const auto copy = root_ / "copy";
  fs::copy(folder(), copy, fs::copy_options::recursive);
  const auto alice = issue(authority, "alice");
  authority.revoke(alice.serial(), "keyCompromise", now());
  authority.sign_list(now());
  const std::vector<SignedList> earlier = {{authority.sign_list(now()), "/etc/ipm/crl.pem"}};
  auto older = Authority::open(copy, {});
  try {
    older.sign_list(now(), {}, earlier);
    FAIL() << "it was signed";
  } catch (const Error& error) {
    EXPECT_EQ(error.message(), Message::InventoryBehind);
    EXPECT_EQ(error.mend(), "ipm ca import /etc/ipm/crl.pem");
  }
  EXPECT_TRUE(older.take_in(earlier[0], now()));
  EXPECT_FALSE(older.take_in(earlier[0], now()));
  const auto list = older.sign_list(now(), {}, earlier);
  EXPECT_EQ(list.number(), "3") << "counted on from the list that was there";
  ASSERT_TRUE(find_revocation(list, alice));
  EXPECT_EQ(find_revocation(list, alice)->reason, "keyCompromise");
}

TEST_F(AuthorityOnDisk, B6_TheNumberOfAListThatIsThereIsCountedOnFrom) {
  auto authority = Authority::create(folder(), creation());
  const auto copy = root_ / "copy";
  fs::copy(folder(), copy, fs::copy_options::recursive);
  for (int i = 0; i < 3; ++i) authority.sign_list(now());
  const std::vector<SignedList> earlier = {{authority.sign_list(now()), "crl.pem"}};
  EXPECT_EQ(Authority::open(copy, {}).sign_list(now(), {}, earlier).number(), "5");
}

TEST_F(AuthorityOnDisk, ListsOfOtherKeysOfTheSameNameAreNothingToIt) {
  auto other = Authority::create(root_ / "other", creation());
  const auto bob = issue(other, "bob");
  other.revoke(bob.serial(), "superseded", now());
  const std::vector<SignedList> earlier = {{other.sign_list(now()), "crl.pem"}};
  auto authority = Authority::create(folder(), creation());
  EXPECT_EQ(authority.sign_list(now(), {}, earlier).number(), "1");
  EXPECT_EQ(message_of([&] { authority.take_in(earlier[0], now()); }), Message::SerialUnknown);
  EXPECT_EQ(message_of([&] { authority.take_in(bob, now()); }), Message::SerialUnknown);
  EXPECT_FALSE(authority.issued(authority.certificate()));
}

TEST_F(AuthorityOnDisk, B6_WhatTheInventoryLacksIsTakenInAndRevoked) {
  const auto alice = [&] {
    auto authority = Authority::create(folder(), creation());
    return issue(authority, "alice");
  }();
  for (const std::string part : {"", "-wal", "-shm"})
    fs::remove(folder() / ("inventory.db" + part));
  auto without = Authority::open(folder(), {});
  EXPECT_TRUE(without.take_in(alice, now()));
  EXPECT_FALSE(without.take_in(alice, now()));
  EXPECT_EQ(without.named("alice")[0].fingerprint, alice.fingerprint());
  EXPECT_TRUE(without.revoke(alice.serial(), "keyCompromise", now()));
  EXPECT_TRUE(find_revocation(without.sign_list(now()), alice));
}

TEST_F(AuthorityOnDisk, AListLastsAsLongAsTheOneBeforeUnlessToldOtherwise) {
  auto authority = Authority::create(folder(), creation());
  authority.sign_list(now(), std::chrono::days{365});
  EXPECT_EQ(authority.sign_list(now()).next_update(), now() + std::chrono::days{365});
}

TEST_F(AuthorityOnDisk, AListLastsAsLongAsTheOneThatWasImported) {
  auto authority = Authority::create(folder(), creation());
  const auto copy = root_ / "copy";
  fs::copy(folder(), copy, fs::copy_options::recursive);
  const SignedList list = {authority.sign_list(now(), std::chrono::days{30}), "crl.pem"};
  auto older = Authority::open(copy, {});
  EXPECT_TRUE(older.take_in(list, now()));
  EXPECT_EQ(older.sign_list(now()).next_update(), now() + std::chrono::days{30});
}

TEST_F(AuthorityOnDisk, OneThatMayNotBeLookedAtIsThere) {
  if (::geteuid() == 0) {
    // Whoever may look at everything sees nothing of this: a child without the right does.
    Authority::create(folder(), creation());
    fs::permissions(root_.path(), fs::perms::all);
    ::chmod(folder().c_str(), 0700);
    const pid_t child = ::fork();
    if (child == 0) {
      if (::setgid(65534) != 0 || ::setuid(65534) != 0) ::_exit(2);
      try {
        ::_exit(Authority::exists(folder()) ? 0 : 1);
      } catch (...) {
        ::_exit(3);
      }
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(WEXITSTATUS(status), 0);
  }
  EXPECT_FALSE(Authority::exists(root_ / "nowhere"));
}

TEST_F(AuthorityOnDisk, WhatOneOfThisMachineIssuedIsKnownAlsoWhenItWasReplaced) {
  const auto alice = [&] {
    auto authority = Authority::create(folder(), creation());
    return issue(authority, "alice");
  }();
  EXPECT_TRUE(Authority::any_issued(folder(), alice));
  auto anew = creation();
  anew.replace = true;
  Authority::create(folder(), std::move(anew));
  EXPECT_TRUE(Authority::any_issued(folder(), alice));
  auto elsewhere = Authority::create(root_ / "elsewhere", creation());
  EXPECT_FALSE(Authority::any_issued(folder(), issue(elsewhere, "bob")));
  EXPECT_FALSE(Authority::any_issued(root_ / "nowhere", alice));
}

TEST_F(AuthorityOnDisk, AListBeginsALittleEarlier) {
  auto authority = Authority::create(folder(), creation());
  EXPECT_LE(authority.sign_list(now()).this_update(), now() - pki::kBackdating);
}

TEST_F(AuthorityOnDisk, RevokedOnesLeaveTheListAMonthAfterTheirEnd) {
  auto authority = Authority::create(folder(), creation());
  const auto alice = issue(authority, "alice");
  authority.revoke(alice.serial(), "superseded", now());
  const auto listed_at = [&](TimePoint time) {
    return authority.sign_list(time).revocations().size();
  };
  EXPECT_EQ(listed_at(alice.not_after() + std::chrono::days{1}), 1U);
  EXPECT_EQ(listed_at(alice.not_after() + std::chrono::days{32}), 0U);
}

TEST_F(AuthorityOnDisk, AnUnfinishedSerialIsShownAndCanBeRevoked) {
  auto authority = Authority::create(folder(), creation());
  // As a crash between recording and signing leaves it.
  Inventory(folder() / "inventory.db").record("0ABC", "alice", "", pki::Role::Client, now());
  ASSERT_EQ(authority.named("0abc").size(), 1U);
  EXPECT_EQ(authority.named("0abc")[0].state(now()), State::Unfinished);
  EXPECT_TRUE(authority.revoke("0ABC", "unspecified", now()));
  EXPECT_EQ(authority.sign_list(now()).revocations().size(), 1U);
  EXPECT_EQ(
      message_of([&] {
        Inventory(folder() / "inventory.db").record("0ABC", "bob", "", pki::Role::Client, now());
      }),
      Message::AuthorityDamaged);
}

TEST_F(AuthorityOnDisk, TwoProcessesIssueAtOnceAndLoseNothing) {
  Authority::create(folder(), creation());
  constexpr int kProcesses = 3;
  constexpr int kEach = 5;
  std::vector<pid_t> children;
  for (int process = 0; process < kProcesses; ++process) {
    const pid_t child = ::fork();
    if (child == 0) {
      int code = 0;
      try {
        auto authority = reopened();
        for (int i = 0; i < kEach; ++i) {
          const auto leaf = issue(authority, "client" + std::to_string(process));
          authority.revoke(leaf.serial(), "superseded", now());
          authority.sign_list(now());
        }
      } catch (...) {
        code = 1;
      }
      ::_exit(code);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(WEXITSTATUS(status), 0);
  }
  const auto entries = reopened().inventory().all();
  std::set<std::string> serials;
  for (const auto& entry : entries) serials.insert(entry.serial);
  EXPECT_EQ(serials.size(), kProcesses * kEach);
  const auto newest = pki::Crl::parse(read_file(folder() / "crl.pem"), "crl.pem");
  EXPECT_EQ(newest.number(), std::to_string(kProcesses * kEach));
  EXPECT_EQ(newest.revocations().size(), kProcesses * kEach);
}

TEST_F(AuthorityOnDisk, OpensslHonoursTheList) {
  auto authority = Authority::create(folder(), creation());
  const auto alice = issue(authority, "alice");
  const auto bob = issue(authority, "bob");
  authority.revoke(alice.serial(), "keyCompromise", now());
  authority.sign_list(now());
  write_file({root_ / "alice.pem", alice.pem()});
  write_file({root_ / "bob.pem", bob.pem()});
  const auto verify = [&](const std::string& leaf) {
    return test::run_command("openssl verify -crl_check -x509_strict -CAfile " +
                                 authority.certificate_file().string() + " -CRLfile " +
                                 authority.list_file().string() + " " + (root_ / leaf).string(),
                             root_.path());
  };
  EXPECT_EQ(verify("bob.pem").code, 0) << verify("bob.pem").output;
  EXPECT_THAT(verify("alice.pem").output, HasSubstr("certificate revoked"));
}

}  // namespace
}  // namespace ipm::authority
