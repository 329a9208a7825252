#include "ipp/compression.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <random>
#include <string>

#include "base/error.h"

namespace ipm::ipp {
namespace {

std::span<const unsigned char> bytes_of(std::string_view text) {
  return {reinterpret_cast<const unsigned char*>(text.data()), text.size()};
}

constexpr InflateLimits kPlenty{1U << 30U};

// Unpacks in pieces of `piece` bytes into a buffer of `room`.
std::string unpack(Compression kind, std::string_view packed, std::size_t piece = 1000,
                   std::size_t room = 777, const InflateLimits& limits = kPlenty) {
  Inflater inflater(kind, limits);
  std::string out;
  std::vector<unsigned char> buffer(room);
  while (!packed.empty()) {
    auto input = bytes_of(packed.substr(0, piece));
    packed.remove_prefix(input.size());
    while (const std::size_t written = inflater.step(input, buffer)) {
      out.append(reinterpret_cast<const char*>(buffer.data()), written);
    }
    EXPECT_TRUE(input.empty());
  }
  inflater.finish();
  EXPECT_EQ(inflater.bytes_out(), out.size());
  return out;
}

std::string pack(Compression kind, std::string_view plain, std::size_t piece = 1000,
                 std::size_t room = 333) {
  Deflater deflater(kind);
  std::string out;
  std::vector<unsigned char> buffer(room);
  auto keep = [&](std::size_t written) {
    out.append(reinterpret_cast<const char*>(buffer.data()), written);
  };
  while (!plain.empty()) {
    auto input = bytes_of(plain.substr(0, piece));
    plain.remove_prefix(input.size());
    while (const std::size_t written = deflater.step(input, buffer)) keep(written);
    EXPECT_TRUE(input.empty());
  }
  while (const std::size_t written = deflater.finish(buffer)) keep(written);
  return out;
}

std::string zlib_pack(std::string_view plain) {
  std::string out(compressBound(plain.size()), '\0');
  uLongf length = out.size();
  compress(reinterpret_cast<Bytef*>(out.data()), &length, bytes_of(plain).data(), plain.size());
  out.resize(length);
  return out;
}

std::string sample() {
  std::mt19937 engine(1);
  std::string text;
  for (int i = 0; i < 60'000; ++i)
    text += static_cast<char>(engine() % 7 == 0 ? engine() : 'a' + i % 3);
  return text;
}

void expect_broken(Compression kind, std::string_view packed) {
  for (const std::size_t piece : {std::size_t{1}, std::size_t{1000}, std::size_t{1'000'000}}) {
    try {
      unpack(kind, packed, piece);
      ADD_FAILURE() << "was accepted in pieces of " << piece;
    } catch (const Error& error) {
      EXPECT_EQ(error.message(), Message::CompressionBroken);
    }
  }
}

TEST(Compression, KeywordsAreKnown) {
  for (const auto kind : {Compression::None, Compression::Deflate, Compression::Gzip}) {
    EXPECT_EQ(find_compression(compression_name(kind)), kind);
  }
  EXPECT_FALSE(find_compression("compress"));
  EXPECT_FALSE(find_compression("GZIP"));
}

TEST(Compression, WhatIsPackedUnpacksInPiecesOfAnySize) {
  const std::string plain = sample();
  for (const auto kind : {Compression::None, Compression::Deflate, Compression::Gzip}) {
    const std::string packed = pack(kind, plain);
    EXPECT_EQ(packed.size() < plain.size(), kind != Compression::None);
    EXPECT_EQ(pack(kind, plain, 100'000, 100'000), packed);
    for (const std::size_t piece : {1U, 2U, 3U, 1000U, 1'000'000U}) {
      EXPECT_EQ(unpack(kind, packed, piece), plain) << compression_name(kind) << piece;
      EXPECT_EQ(unpack(kind, packed, piece, 100'000), plain);
    }
    EXPECT_EQ(unpack(kind, packed, 1000, 1), plain);
  }
}

TEST(Compression, EmptyDocumentsUnpack) {
  for (const auto kind : {Compression::None, Compression::Deflate, Compression::Gzip}) {
    EXPECT_EQ(unpack(kind, pack(kind, "")), "");
    EXPECT_EQ(unpack(kind, pack(kind, ""), 1), "");
  }
}

TEST(Compression, DeflateIsTakenRawAndWrapped) {
  const std::string plain = sample();
  EXPECT_EQ(unpack(Compression::Deflate, zlib_pack(plain)), plain);
  EXPECT_EQ(unpack(Compression::Deflate, zlib_pack(plain), 1), plain);
  EXPECT_EQ(unpack(Compression::Deflate, zlib_pack("")), "");
  std::string stored = "\x01";  // RFC 1951, 3.2.4: a final stored block of 3 bytes
  stored += std::string("\x03\x00\xfc\xff", 4) + "abc";
  EXPECT_EQ(unpack(Compression::Deflate, stored, 1), "abc");
}

TEST(Compression, GzipMembersFollowEachOther) {
  const std::string one = pack(Compression::Gzip, "one");
  EXPECT_EQ(unpack(Compression::Gzip, one + pack(Compression::Gzip, "") + one), "oneone");
  EXPECT_EQ(unpack(Compression::Gzip, one + one, 1, 1), "oneone");
}

TEST(Compression, EveryTruncationIsNoticed) {
  const std::string plain = sample().substr(0, 2000);
  for (const std::string& packed :
       {pack(Compression::Gzip, plain), zlib_pack(plain), pack(Compression::Deflate, plain)}) {
    const auto kind = packed[0] == '\x1f' ? Compression::Gzip : Compression::Deflate;
    for (std::size_t length = 0; length < packed.size(); ++length) {
      EXPECT_THROW(unpack(kind, packed.substr(0, length)), Error) << length;
    }
  }
  const std::string member = pack(Compression::Gzip, "one");
  EXPECT_THROW(unpack(Compression::Gzip, member + member.substr(0, 1)), Error);
}

TEST(Compression, DamageAndTrailingBytesAreRefused) {
  const std::string gzip = pack(Compression::Gzip, sample());
  std::string wrong_checksum = gzip;
  wrong_checksum[gzip.size() - 8] = static_cast<char>(wrong_checksum[gzip.size() - 8] ^ 1);
  std::string wrong_length = gzip;
  wrong_length.back() = static_cast<char>(wrong_length.back() ^ 1);
  std::string wrong_method = gzip;
  wrong_method[2] = '\x07';
  for (const std::string& wrong :
       {wrong_checksum, wrong_length, wrong_method, gzip + '\0', gzip + "x", gzip + "garbage",
        std::string("%PDF-1.7"), zlib_pack("x"), pack(Compression::Deflate, "x")}) {
    expect_broken(Compression::Gzip, wrong);
  }
  std::string wrong_adler = zlib_pack(sample());
  wrong_adler.back() = static_cast<char>(wrong_adler.back() ^ 1);
  std::string with_dictionary = zlib_pack("x");
  with_dictionary[0] = '\x78';
  with_dictionary[1] = '\xbb';  // FDICT set: a dictionary that nobody has
  with_dictionary.insert(2, std::string("\0\0\0\1", 4));
  for (const std::string& wrong :
       {wrong_adler, with_dictionary, zlib_pack("x") + "y", pack(Compression::Deflate, "x") + "y",
        gzip, std::string("%PDF-1.7"), std::string(100, '\xff')}) {
    expect_broken(Compression::Deflate, wrong);
  }
}

TEST(Compression, TheUnpackedSizeIsBounded) {
  const std::string plain(1'000'000, 'x');
  for (const auto kind : {Compression::None, Compression::Deflate, Compression::Gzip}) {
    const std::string packed = pack(kind, plain);
    EXPECT_EQ(unpack(kind, packed, 1000, 65536, {plain.size()}), plain);
    EXPECT_THROW(unpack(kind, packed, 1000, 65536, {plain.size() - 1}), Error);
  }
}

TEST(Compression, ABombIsStoppedByItsRatioBeyondAFreeAmount) {
  const std::string plain(1'000'000, 'x');
  const std::string packed = pack(Compression::Gzip, plain);
  EXPECT_EQ(unpack(Compression::Gzip, packed, 1000, 65536, {1U << 30U, 10, plain.size()}), plain);
  EXPECT_THROW(unpack(Compression::Gzip, packed, 1000, 65536, {1U << 30U, 10, 500'000}), Error);
  EXPECT_EQ(unpack(Compression::Gzip, packed, 1000, 65536, {1U << 30U, 1100, 0}), plain);
}

TEST(Compression, EveryByteTakenIsCounted) {
  Inflater inflater(Compression::Deflate, kPlenty);
  auto input = bytes_of("x");
  std::vector<unsigned char> buffer(10);
  EXPECT_EQ(inflater.step(input, buffer), 0U);
  EXPECT_EQ(inflater.bytes_in(), 1U);
  EXPECT_THROW(inflater.finish(), Error);
}

TEST(Compression, BothMove) {
  Inflater inflater(Compression::Gzip, kPlenty);
  const std::string packed = pack(Compression::Gzip, "abc");
  Inflater moved = std::move(inflater);
  auto input = bytes_of(packed);
  std::vector<unsigned char> buffer(10);
  EXPECT_EQ(moved.step(input, buffer), 3U);
  EXPECT_EQ(moved.step(input, buffer), 0U);
  moved.finish();
}

}  // namespace
}  // namespace ipm::ipp
