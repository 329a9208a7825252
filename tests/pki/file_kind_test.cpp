#include "pki/file_kind.h"

#include <gtest/gtest.h>

#include "fixtures.h"
#include "pki/pem.h"
#include "pki/wanted.h"

namespace ipm::pki {
namespace {

using namespace std::string_literals;
using test::Fixtures;

TEST(FileKind, TellsWhatOpensslWrote) {
  struct Case {
    const char* file;
    FileKind kind;
  };
  for (const auto& [file, kind] : std::initializer_list<Case>{
           {"ec.pem", FileKind::PrivateKey},
           {"rsa.pem", FileKind::PrivateKey},
           {"ec.der", FileKind::DerPrivateKey},
           {"ec8.der", FileKind::DerPrivateKey},
           {"ec-pbkdf2.pem", FileKind::EncryptedKey},
           {"ec-encrypted.der", FileKind::DerEncryptedKey},
           {"ec-traditional-encrypted.pem", FileKind::TraditionalEncryptedKey},
           {"ec-public.pem", FileKind::PublicKey},
           {"ec-public.der", FileKind::DerPublicKey},
           {"server.pem", FileKind::Certificate},
           {"server.der", FileKind::DerCertificate},
           {"trusted.pem", FileKind::TrustedCertificate},
           {"server.csr", FileKind::Request},
           {"server.csr.der", FileKind::DerRequest},
           {"list.pem", FileKind::Crl},
           {"list.der", FileKind::DerCrl},
           {"server.p12", FileKind::Pkcs12},
           {"server.p7b", FileKind::Pkcs7},
           {"server.p7b.der", FileKind::DerPkcs7},
       }) {
    EXPECT_EQ(file_kind(Fixtures::get().read(file)), kind) << file;
    EXPECT_TRUE(test::error_queue_is_empty()) << file;
  }
}

TEST(FileKind, EveryCutOfAFileHasAKind) {
  for (const char* file : {"server.der", "ec8.der", "list.der", "server.p12", "server.pem"}) {
    const std::string bytes = Fixtures::get().read(file);
    for (std::size_t size = 0; size < bytes.size(); size += 37) {
      const FileKind kind = file_kind(std::string_view(bytes).substr(0, size));
      EXPECT_FALSE(file_kind_words(kind).empty());
    }
    EXPECT_TRUE(test::error_queue_is_empty()) << file;
  }
}

TEST(FileKind, AKeyCountsMostAmongSeveralBlocks) {
  const Fixtures& fixtures = Fixtures::get();
  EXPECT_EQ(file_kind(fixtures.read("server.pem") + fixtures.read("ec.pem")), FileKind::PrivateKey);
  EXPECT_EQ(file_kind(fixtures.read("server.csr") + fixtures.read("server.pem")),
            FileKind::Certificate);
}

TEST(FileKind, ShellWordsStayOneWord) {
  EXPECT_EQ(shell_word("/etc/ipm/server-key.pem"), "/etc/ipm/server-key.pem");
  EXPECT_EQ(shell_word("my key.pem"), "'my key.pem'");
  EXPECT_EQ(shell_word("it's; rm -rf $HOME"), "'it'\\''s; rm -rf $HOME'");
  EXPECT_EQ(shell_word("-key.pem"), "./-key.pem");
  EXPECT_EQ(shell_word("- key"), "'./- key'");
  EXPECT_EQ(shell_word(""), "''");
}

TEST(FileKind, AMendNeverWritesOverItsInput) {
  const Fixtures& fixtures = Fixtures::get();
  const std::string der = fixtures.read("ec8.der");
  for (const char* name :
       {"key.pem", "key", "key.der", "a/key-key.pem", "x y.pem", "k.PEM", "key.new.pem"}) {
    const Error error = wrong_kind(Wanted::PrivateKey, der, name);
    const auto out = error.mend().find(" -out ");
    ASSERT_NE(out, std::string::npos);
    EXPECT_NE(error.mend().substr(out + 6), shell_word(name)) << error.mend();
  }
}

TEST(FileKind, AForeignFileNameCannotForgeALine) {
  const Error error = wrong_kind(Wanted::Crl, "", "a\nb\x1b[31m");
  EXPECT_EQ(std::string(error.what()).find_first_of("\n\x1b"), std::string::npos);
}

}  // namespace
}  // namespace ipm::pki
