#include "ippclient/credentials.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "pki/digest.h"
#include "temporary_folder.h"

namespace ipm::ippclient {
namespace {

Credentials alice() {
  return {"alice", std::make_shared<const Secret>(std::string("open sesame"))};
}

std::string value(const std::string& field, const std::string& name) {
  const auto at = field.find(name + "=");
  if (at == std::string::npos) return {};
  auto text = field.substr(at + name.size() + 1);
  if (text.starts_with('"')) return text.substr(1, text.find('"', 1) - 1);
  return text.substr(0, text.find(','));
}

TEST(Credentials, BasicIsUserAndPasswordInBase64) {
  EXPECT_EQ(authorize(alice(), "Basic realm=\"printer\"", "POST", "/", 1),
            "Basic YWxpY2U6b3BlbiBzZXNhbWU=");
}

// The first example of RFC 7616, 3.9.1, with our own client nonce.
TEST(Credentials, DigestAnswersAsTheStandardHasIt) {
  const Credentials mufasa{"Mufasa", std::make_shared<const Secret>(std::string("Circle of Life"))};
  const std::string nonce = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v";
  for (const bool md5 : {true, false}) {
    const std::string algorithm = md5 ? "MD5" : "SHA-256";
    const auto field = authorize(mufasa,
                                 "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", "
                                 "algorithm=" +
                                     algorithm + ", nonce=\"" + nonce +
                                     "\", opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"",
                                 "GET", "/dir/index.html", 1);
    ASSERT_TRUE(field);
    const auto hash = [&](const std::string& text) {
      return md5 ? to_hex(pki::insecure_md5(text)) : to_hex(pki::sha256(text));
    };
    const std::string ha1 = hash("Mufasa:http-auth@example.org:Circle of Life");
    if (md5) EXPECT_EQ(ha1, "3d78807defe7de2157e2b0b6573a855f");
    const std::string expected = hash(ha1 + ":" + nonce + ":00000001:" + value(*field, "cnonce") +
                                      ":auth:" + hash("GET:/dir/index.html"));
    EXPECT_EQ(value(*field, "response"), expected);
    EXPECT_EQ(value(*field, "username"), "Mufasa");
    EXPECT_EQ(value(*field, "opaque"), "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS");
  }
}

TEST(Credentials, TheStrongestChallengeIsAnswered) {
  const std::string challenges =
      "Basic realm=\"a\", Digest realm=\"b\", nonce=\"n\", qop=\"auth\", Digest realm=\"c\", "
      "nonce=\"n\", qop=auth, algorithm=SHA-256";
  const auto field = authorize(alice(), challenges, "POST", "/", 1);
  ASSERT_TRUE(field);
  EXPECT_EQ(value(*field, "realm"), "c");
  EXPECT_TRUE(
      authorize(alice(), "Basic realm=\"a\", Digest realm=\"b\", nonce=\"n\"", "POST", "/", 1)
          ->starts_with("Digest "));
}

TEST(Credentials, ChallengesThatWeCannotAnswerGetNoPassword) {
  for (const char* challenges :
       {"", "Negotiate", "Bearer realm=\"x\"", "Digest realm=\"x\", nonce=\"n\", algorithm=SHA-512",
        "Digest realm=\"x\", nonce=\"n\", qop=\"auth-int\"", "=", ",,,", "\"", "Digest"}) {
    const auto field = authorize(alice(), challenges, "POST", "/", 1);
    EXPECT_TRUE(!field || field->find("sesame") == std::string::npos) << challenges;
    if (std::string(challenges) != "Digest") EXPECT_FALSE(field) << challenges;
  }
}

TEST(Credentials, AQuoteInANameDoesNotEndIt) {
  const Credentials odd{"a\"b", std::make_shared<const Secret>(std::string("x"))};
  const auto field = authorize(odd, "Digest realm=\"r\\\"s\", nonce=\"n\"", "POST", "/", 1);
  ASSERT_TRUE(field);
  EXPECT_NE(field->find("username=\"a\\\"b\", realm=\"r\\\"s\""), std::string::npos) << *field;
}

TEST(Credentials, TheFileIsOneLineThatOnlyItsOwnerReads) {
  const ipm::test::TemporaryFolder folder;
  const auto file = folder / "password";
  write_file({file, "alice:open:sesame\n", os::Privacy::Owner});
  EXPECT_EQ(read_credentials(file).user, "alice");
  EXPECT_EQ(read_credentials(file).password->reveal(), "open:sesame");
  const auto refused = [&](const std::string& text, os::Privacy privacy) -> std::string {
    write_file({file, text, privacy});
    try {
      read_credentials(file);
    } catch (const Error& error) {
      return error.what();
    }
    return "taken";
  };
  EXPECT_NE(refused("alice:x", os::Privacy::OwnerAndGroup).find("chmod 600"), std::string::npos);
  EXPECT_NE(refused("alice:x", os::Privacy::Everyone).find("chmod 600"), std::string::npos);
  EXPECT_NE(refused("alice", os::Privacy::Owner).find("USER:PASSWORD"), std::string::npos);
  EXPECT_NE(refused(":x", os::Privacy::Owner).find("USER:PASSWORD"), std::string::npos);
  EXPECT_NE(refused("", os::Privacy::Owner).find("USER:PASSWORD"), std::string::npos);
  EXPECT_NE(refused("a:b\nc:d", os::Privacy::Owner).find("USER:PASSWORD"), std::string::npos);
  EXPECT_NE(refused("a:\xff", os::Privacy::Owner).find("USER:PASSWORD"), std::string::npos);
  EXPECT_NE(refused(std::string(2000, 'a'), os::Privacy::Owner), "taken");
}

}  // namespace
}  // namespace ipm::ippclient
