#include "ipp/codec.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace ipm::ipp {
namespace {

TEST(Codec, ARequestComesBackAsItWas) {
  Message request = Message::request(Operation::PrintJob, 7);
  request.groups[0].add_uri("printer-uri", "ipp://localhost/ipp/print");
  Group& job = request.add_group(GroupTag::Job);
  job.add_integer("copies", 2);
  job.add_keywords("x", {"a", "b"});
  Collection size;
  size.add_integer("x-dimension", 21000);
  Collection media;
  media.add_collection("media-size", size);
  job.add_collection("media-col", media);
  const std::string bytes = encode(request);
  const Decoded whole = decode(bytes + "%PDF");
  EXPECT_EQ(whole.bytes, bytes.size());
  EXPECT_EQ(whole.message, request);
  EXPECT_EQ(encode(whole.message), bytes);
}

}  // namespace
}  // namespace ipm::ipp
