#include "pki/openssl.h"

#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/pemerr.h>

#include "fixtures.h"
#include "pki/random.h"

namespace ipm::pki {
namespace {

using test::error_queue_is_empty;
using test::thrown_by;

TEST(OpenSsl, ErrorsComeNewestFirstAndLeaveTheQueueEmpty) {
  ERR_raise(ERR_LIB_PEM, PEM_R_NO_START_LINE);
  ERR_raise_data(ERR_LIB_ASN1, ASN1_R_TOO_LONG, "Type=%s", "X509");
  EXPECT_EQ(take_openssl_errors(), "too long (Type=X509); no start line");
  EXPECT_TRUE(error_queue_is_empty());
  EXPECT_EQ(take_openssl_errors(), "no reason given");
}

TEST(OpenSsl, AGuardEmptiesTheQueueOnEveryWayOut) {
  {
    const ErrorQueueGuard guard;
  }
  try {
    const ErrorQueueGuard guard;
    ERR_raise(ERR_LIB_PEM, PEM_R_NO_START_LINE);
    throw 1;
  } catch (int) {
  }
  EXPECT_TRUE(error_queue_is_empty());
}

TEST(OpenSsl, AFailedCallIsAnErrorWithItsName) {
  ERR_raise(ERR_LIB_PEM, PEM_R_NO_START_LINE);
  const Error error = thrown_by([] { own<CertificatePtr>(nullptr, "X509_new"); });
  EXPECT_EQ(error.message(), Message::CryptoFailed);
  EXPECT_EQ(error.happened(), "X509_new: no start line");
  EXPECT_TRUE(error_queue_is_empty());
  EXPECT_EQ(thrown_by([] { must(0, "EVP_x"); }).happened(), "EVP_x: no reason given");
  EXPECT_EQ(thrown_by([] { must(-1, "EVP_x"); }).message(), Message::CryptoFailed);
}

TEST(OpenSsl, OwnersAreAsSmallAsPointers) {
  static_assert(sizeof(CertificatePtr) == sizeof(void*));
  static_assert(sizeof(KeyPtr) == sizeof(void*));
}

TEST(OpenSsl, MemoryReadersAndWritersMoveBytes) {
  const BioPtr empty = memory_reader({});
  char c = 0;
  EXPECT_LE(BIO_read(empty.get(), &c, 1), 0);
  const BioPtr writer = memory_writer();
  EXPECT_EQ(written(writer.get()), "");
  BIO_write(writer.get(), "a\0b", 3);
  EXPECT_EQ(written(writer.get()), std::string("a\0b", 3));
}

TEST(OpenSsl, TimesKeepTheirSecondBothWays) {
  for (const char* text :
       {"1950-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "2029-05-21T10:33:41Z",
        "2049-12-31T23:59:59Z", "2050-01-01T00:00:00Z", "9999-12-31T23:59:59Z"}) {
    const TimePoint time = *parse_rfc3339(text);
    const TimePtr made = make_time(time);
    EXPECT_EQ(find_time(made.get()), time) << text;
    const bool short_form = time < *parse_rfc3339("2050-01-01T00:00:00Z");
    EXPECT_EQ(ASN1_STRING_type(made.get()), short_form ? V_ASN1_UTCTIME : V_ASN1_GENERALIZEDTIME);
  }
  EXPECT_FALSE(find_time(nullptr)) << "a null pointer would mean now";
}

TEST(OpenSsl, LongObjectIdentifiersAreWhole) {
  std::string oid = "1.3.6.1.4.1";
  while (oid.size() < 300) oid += ".4294967295";
  const Ptr<ASN1_OBJECT, ASN1_OBJECT_free> object(OBJ_txt2obj(oid.c_str(), 1));
  ASSERT_TRUE(object);
  EXPECT_EQ(dotted(object.get()), oid);
  EXPECT_EQ(dotted(OBJ_nid2obj(NID_server_auth)), "1.3.6.1.5.5.7.3.1");
}

TEST(Random, FillsEveryByteAnew) {
  std::vector<unsigned char> a((1U << 20U) + 17);
  std::vector<unsigned char> b(a.size());
  fill_random(a);
  fill_random(b);
  EXPECT_NE(a, b);
  EXPECT_FALSE(std::equal(a.end() - 16, a.end(), b.end() - 16));
  fill_random({});
}

}  // namespace
}  // namespace ipm::pki
