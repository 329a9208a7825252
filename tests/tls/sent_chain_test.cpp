// What of a certificate file goes to the other side.
#include "tls/sent_chain.h"

#include <gmock/gmock.h>
#include <openssl/x509.h>

#include "pki/openssl.h"
#include "support.h"

namespace ipm::tls::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct SentChainTest : testing::Test {
  const std::vector<pki::Certificate> file =
      pki::Certificate::parse_all(text_of("client-sub-cert.pem"), "client-sub");
  const pki::Certificate root = pki::Certificate::parse(text_of("ca-cert.pem"), "ca");

  // The leaf again, with its issuer's name as another type of string.
  pki::Certificate renamed() const {
    const pki::CertificatePtr copy(X509_dup(file[0].handle()));
    const auto name = file[1].common_name().value();
    const pki::NamePtr issuer(X509_NAME_new());
    X509_NAME_add_entry_by_NID(issuer.get(), NID_commonName, V_ASN1_PRINTABLESTRING,
                               reinterpret_cast<const unsigned char*>(name.data()),
                               static_cast<int>(name.size()), -1, 0);
    X509_set_issuer_name(copy.get(), issuer.get());
    const auto key = pki::PrivateKey::parse(text_of("sub-key.pem"), "sub");
    X509_sign(copy.get(), key.handle(), EVP_sha256());
    return pki::Certificate::from_handle(copy.get());
  }
};

TEST_F(SentChainTest, TheLeafAndWhatLeadsOnFromItInOrder) {
  const auto sent = sent_chain({file[0], root, file[1], file[1]});
  EXPECT_THAT(sent.chain, ElementsAre(file[0], file[1]));
  EXPECT_THAT(sent.left_out, ElementsAre(HasSubstr("a root"), HasSubstr("twice")));
}

TEST_F(SentChainTest, AnIntermediateWhoseNameIsEncodedOtherwiseIsSent) {
  const auto leaf = renamed();
  ASSERT_NE(leaf.issuer_der(), file[1].subject_der());
  const auto sent = sent_chain({leaf, file[1]});
  EXPECT_THAT(sent.chain, ElementsAre(leaf, file[1]));
  EXPECT_THAT(sent.left_out, IsEmpty());
}

}  // namespace
}  // namespace ipm::tls::test
