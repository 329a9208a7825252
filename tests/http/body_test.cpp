#include "http/body.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace ipm::http {
namespace {

struct Outcome {
  std::string body;
  std::string rest;  // what belongs to the next message
  bool done = false;
  bool broken = false;
};

Outcome decode(Framing framing, const std::string& text, std::size_t step) {
  BodyDecoder decoder(framing);
  Outcome outcome;
  std::size_t at = 0;
  while (at < text.size() && !decoder.done() && !decoder.broken()) {
    std::string piece = text.substr(at, step);
    const auto taken =
        decoder.decode({reinterpret_cast<unsigned char*>(piece.data()), piece.size()});
    EXPECT_LE(taken.produced, taken.consumed);
    outcome.body.append(piece, 0, taken.produced);
    at += taken.consumed;
    if (taken.consumed < piece.size()) EXPECT_TRUE(decoder.done() || decoder.broken());
  }
  outcome.rest = text.substr(at);
  outcome.done = decoder.done();
  outcome.broken = decoder.broken();
  return outcome;
}

constexpr Framing kChunked{Framing::Kind::Chunked, 0};

TEST(ChunkedBody, IsTheSameHoweverItIsCut) {
  const std::string text =
      "5\r\nhello\r\n1;name=value\r\n \r\n00A; x=\"a b\"\r\n0123456789\r\n0;last\r\nTrailer: "
      "x\r\nB: \r\n\r\nGET ";
  for (std::size_t step = 1; step <= text.size(); ++step) {
    const Outcome outcome = decode(kChunked, text, step);
    EXPECT_EQ(outcome.body, "hello 0123456789") << step;
    EXPECT_EQ(outcome.rest, "GET ") << step;
    EXPECT_TRUE(outcome.done) << step;
  }
}

TEST(ChunkedBody, AnEmptyOneEndsAtOnce) {
  const Outcome outcome = decode(kChunked, "0\r\n\r\n", 99);
  EXPECT_TRUE(outcome.done);
  EXPECT_EQ(outcome.body, "");
}

TEST(ChunkedBody, DamageIsRefusedHoweverItIsCut) {
  const std::vector<std::string> damaged{
      "\r\nhello",                           // no size
      "g\r\nhello\r\n",                      // no digit
      "-5\r\nhello\r\n",                     // a sign
      "+5\r\nhello\r\n",                     //
      "0x5\r\nhello\r\n",                    //
      " 5\r\nhello\r\n",                     // a blank before
      "5 \r\nhello\r\n",                     // and behind
      "5\nhello\r\n",                        // LF alone
      "5\r\r\nhello",                        // CR twice
      "5\rhello",                            // CR alone
      "5\r\nhello5\r\nworld\r\n0\r\n\r\n",   // a chunk longer than its size
      "5\r\nhelloX\n",                       //
      "5\r\nhello\n0\r\n\r\n",               // LF alone behind the data
      "5\r\nhello\r0\r\n\r\n",               //
      "10000000000000000\r\n",               // seventeen digits
      "FFFFFFFFFFFFFFFF\r\n",                // 2^64 - 1
      "00000000000000005\r\nhello\r\n",      // seventeen digits, though a small number
      "5;a\nb\r\nhello\r\n",                 // LF within an extension
      "5;" + std::string(2000, 'x'),         // an endless extension
      std::string("5;\0\r\nhello\r\n", 12),  // NUL
      "0\r\n\n",                             //
      "0\r\nA: b\n\r\n",                     // LF alone in a trailer
      "0\r\nA\r\n\r\n",                      // a trailer without a value
      "0\r\n: b\r\n\r\n",                    // and without a name
      "0\r\nA : b\r\n\r\n",                  // white space behind the name
      "0\r\n folded\r\n\r\n",                //
      "0\r\n\rX",                            //
      "0\r\nA: " + std::string(9000, 'x'),   // endless trailers
  };
  for (const std::string& text : damaged) {
    for (const std::size_t step : {std::size_t{1}, std::size_t{3}, text.size()}) {
      const Outcome outcome = decode(kChunked, text, step);
      EXPECT_TRUE(outcome.broken) << text.substr(0, 40) << " in steps of " << step;
      EXPECT_FALSE(outcome.done);
    }
  }
}

TEST(ChunkedBody, ManyShortTrailersAreLimitedTogether) {
  std::string text = "0\r\n";
  for (int i = 0; i < 2000; ++i) text += "A: bcd\r\n";
  EXPECT_TRUE(decode(kChunked, text + "\r\n", 4096).broken);
}

TEST(ChunkedBody, BlanksAroundASizeAreTakenFromDevicesOnly) {
  const auto body_of = [](std::string text, BodyDecoder::Forms forms) -> std::string {
    BodyDecoder decoder(kChunked, forms);
    const auto step = decoder.decode({reinterpret_cast<unsigned char*>(text.data()), text.size()});
    return decoder.done() ? text.substr(0, step.produced) : "broken";
  };
  for (const char* text : {"5 \r\nhello\r\n0\r\n\r\n", "  5\t\r\nhello\r\n0\r\n\r\n",
                           "5 ; a = b\r\nhello\r\n0 \r\n\r\n"}) {
    EXPECT_EQ(body_of(text, BodyDecoder::Forms::Any), "hello") << text;
    EXPECT_EQ(body_of(text, BodyDecoder::Forms::Strict), "broken") << text;
  }
  for (const std::string& text :
       {std::string("5 a\r\nhello\r\n0\r\n\r\n"), std::string(" \r\nhello\r\n0\r\n\r\n"),
        std::string("5 5\r\nhello\r\n0\r\n\r\n"), std::string(2000, ' ')}) {
    EXPECT_EQ(body_of(text, BodyDecoder::Forms::Any), "broken") << text.substr(0, 20);
  }
}

TEST(ChunkedBody, AnEarlyEndBreaksIt) {
  const std::string whole = "3\r\nabc\r\n0\r\n\r\n";
  for (std::size_t size = 0; size < whole.size(); ++size) {
    BodyDecoder decoder(kChunked);
    std::string piece = whole.substr(0, size);
    (void)decoder.decode({reinterpret_cast<unsigned char*>(piece.data()), piece.size()});
    decoder.end();
    EXPECT_TRUE(decoder.broken()) << size;
  }
}

TEST(LengthBody, TakesExactlyItsBytes) {
  const Outcome outcome = decode({Framing::Kind::Length, 5}, "helloGET /", 3);
  EXPECT_EQ(outcome.body, "hello");
  EXPECT_EQ(outcome.rest, "GET /");
  EXPECT_TRUE(outcome.done);
  BodyDecoder decoder({Framing::Kind::Length, 5});
  EXPECT_EQ(decoder.remaining(), 5U);
  decoder.end();
  EXPECT_TRUE(decoder.broken());
}

TEST(NoBody, IsDoneAtOnce) {
  BodyDecoder decoder(Framing{});
  EXPECT_TRUE(decoder.done());
  EXPECT_EQ(decoder.remaining(), 0U);
  std::string text = "GET";
  EXPECT_EQ(decoder.decode({reinterpret_cast<unsigned char*>(text.data()), 3}).consumed, 0U);
  EXPECT_TRUE(BodyDecoder({Framing::Kind::Length, 0}).done());
}

TEST(UnboundedBody, EndsWithTheConnection) {
  BodyDecoder decoder({Framing::Kind::UntilEnd, 0});
  std::string text = "anything";
  const auto step = decoder.decode({reinterpret_cast<unsigned char*>(text.data()), text.size()});
  EXPECT_EQ(step.produced, text.size());
  EXPECT_FALSE(decoder.done());
  decoder.end();
  EXPECT_TRUE(decoder.done());
  EXPECT_FALSE(decoder.broken());
}

}  // namespace
}  // namespace ipm::http
