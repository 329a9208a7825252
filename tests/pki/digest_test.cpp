#include "pki/digest.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace ipm::pki {
namespace {

constexpr std::string_view kAbc =
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
constexpr std::string_view kNothing =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

std::span<const unsigned char> bytes(std::string_view text) {
  return {reinterpret_cast<const unsigned char*>(text.data()), text.size()};
}

TEST(Digest, Fips180Examples) {
  EXPECT_EQ(to_hex(sha256("abc")), kAbc);
  EXPECT_EQ(to_hex(sha256(std::string_view())), kNothing);
  EXPECT_EQ(fingerprint(DigestKind::Sha256, bytes("abc")).substr(0, 11), "BA:78:16:BF");
  EXPECT_EQ(fingerprint(DigestKind::Sha384, bytes("abc")).substr(0, 11), "CB:00:75:3F");
  EXPECT_EQ(fingerprint(DigestKind::Sha512, bytes("abc")).substr(0, 11), "DD:AF:35:A1");
  EXPECT_EQ(fingerprint(DigestKind::Sha512, bytes("abc")).size(), 64U * 3 - 1);
}

TEST(Digest, AStreamIsTheSameInAnyPieces) {
  const std::string text(1000, 'x');
  for (const std::size_t piece : {1U, 7U, 64U, 999U, 1000U}) {
    Sha256Stream stream;
    for (std::size_t at = 0; at < text.size(); at += piece) {
      stream.add(bytes(std::string_view(text).substr(at, piece)));
    }
    stream.add({});
    EXPECT_EQ(stream.finish(), sha256(text));
  }
  Sha256Stream empty;
  EXPECT_EQ(to_hex(empty.finish()), kNothing);
}

}  // namespace
}  // namespace ipm::pki
