// Chains that the openssl program made, to the seeds' letter: another implementation's idea of
// right.

#include <gtest/gtest.h>

#include <fstream>

#include "base/clock.h"
#include "openssl_maker.h"
#include "trust/verifier.h"

namespace ipm::trust {
namespace {

using ipm::test::file_text;
using ipm::test::run_command;
using ipm::test::TemporaryFolder;

// A CA and what it signs, in a folder.
class OpensslChain : public ::testing::Test {
 protected:
  void SetUp() override {
    run("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key "
        "-out ca.pem -subj '/CN=Site CA' -days 3650");
  }

  void run(const std::string& line) {
    const auto result =
        run_command("cd " + folder_.path().string() + " && " + line, folder_.path());
    ASSERT_EQ(result.code, 0) << line << "\n" << result.output;
  }

  pki::Certificate sign(const std::string& subject, const std::string& extensions) {
    std::ofstream(folder_ / "extensions") << extensions;
    run("openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout leaf.key "
        "-out leaf.csr -subj '" +
        subject + "'");
    run("openssl x509 -req -in leaf.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 "
        "-extfile extensions -out leaf.pem");
    return pki::Certificate::parse(file_text(folder_ / "leaf.pem"), "leaf.pem");
  }

  Verdict verify(const pki::Certificate& leaf, const std::string& host,
                 Purpose purpose = Purpose::Server, bool with_list = false, bool strict = false) {
    VerifierOptions options;
    options.anchors = parse_anchors(file_text(folder_ / "ca.pem"), "ca.pem");
    options.strict = strict;
    if (with_list) {
      options.crls = pki::Crl::parse_all(file_text(folder_ / "crl.pem"), "crl.pem");
      options.crl_required = true;
    }
    ExpectedPeer expected;
    if (!host.empty()) expected = pki::DnsName::parse(host);
    return Verifier(options).verify(leaf, {}, purpose, expected, system_clock()());
  }

  TemporaryFolder folder_;
};

const std::string kServer =
    "keyUsage=digitalSignature,keyEncipherment\nextendedKeyUsage=serverAuth\n";

TEST_F(OpensslChain, S10_S11_TheMainNameInTheSubjectTheOthersInTheSan) {
  const auto leaf =
      sign("/CN=ipmsrv.example.com", kServer + "subjectAltName=DNS:alt1.example.com,IP:10.0.0.1\n");
  EXPECT_TRUE(verify(leaf, "ipmsrv.example.com").valid);
  EXPECT_TRUE(verify(leaf, "alt1.example.com").valid);
  EXPECT_FALSE(verify(leaf, "alt2.example.com").valid);
  EXPECT_FALSE(verify(leaf, "ipmsrv.example.com", Purpose::Server, false, true).valid);
}

TEST_F(OpensslChain, S10_AWildcardInTheSubject) {
  const auto leaf = sign("/CN=*.example.com", kServer);
  EXPECT_TRUE(verify(leaf, "ipmsrv.example.com").valid);
  EXPECT_FALSE(verify(leaf, "a.b.example.com").valid);
}

TEST_F(OpensslChain, S10_APartialWildcardInTheSubject) {
  EXPECT_FALSE(verify(sign("/CN=ipm*.example.com", kServer), "ipmsrv.example.com").valid);
}

TEST_F(OpensslChain, S7_S8_WithAndWithoutExtendedKeyUsage) {
  EXPECT_FALSE(verify(sign("/CN=a.example.com", "keyUsage=digitalSignature\n"), "").valid);
  const auto client = sign("/CN=alice", "keyUsage=digitalSignature\nextendedKeyUsage=clientAuth\n");
  EXPECT_TRUE(verify(client, "", Purpose::Client).valid);
  EXPECT_FALSE(verify(client, "").valid);
  const auto mutual = sign("/CN=a.example.com",
                           "keyUsage=digitalSignature\nextendedKeyUsage=serverAuth,clientAuth\n");
  EXPECT_TRUE(verify(mutual, "a.example.com").valid);
  EXPECT_TRUE(verify(mutual, "", Purpose::Client).valid);
}

TEST_F(OpensslChain, B6_ARevokedCertificate) {
  const auto leaf = sign("/CN=a.example.com", kServer);
  std::ofstream(folder_ / "ca.cnf")
      << "[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\ncrlnumber=crlnumber\ndefault_md=sha256\n"
         "default_crl_days=30\ncrl_extensions=e\n[e]\nauthorityKeyIdentifier=keyid\n";
  std::ofstream(folder_ / "index.txt") << "";
  std::ofstream(folder_ / "crlnumber") << "01\n";
  const std::string list =
      "openssl ca -config ca.cnf -gencrl -keyfile ca.key -cert ca.pem -out crl.pem";
  run(list);
  EXPECT_TRUE(verify(leaf, "a.example.com", Purpose::Server, true).valid);
  run("openssl ca -config ca.cnf -revoke leaf.pem -keyfile ca.key -cert ca.pem");
  run(list);
  const auto verdict = verify(leaf, "a.example.com", Purpose::Server, true);
  EXPECT_FALSE(verdict.valid);
  EXPECT_TRUE(verdict.revoked);
}

TEST_F(OpensslChain, AnotherCaOfTheSameName) {
  const auto leaf = sign("/CN=a.example.com", kServer);
  SetUp();
  EXPECT_FALSE(verify(leaf, "a.example.com").valid);
}

}  // namespace
}  // namespace ipm::trust
