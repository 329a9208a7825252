#include "net/gate.h"

#include <gtest/gtest.h>

#include <boost/asio/ip/address.hpp>
#include <string>

namespace ipm::net {
namespace {

using std::chrono::seconds;
using Verdict = Gate::Verdict;

Gate::Key key(const std::string& text) {
  return Gate::key(boost::asio::ip::make_address(text));
}

GateLimits small() {
  GateLimits limits;
  limits.connections = 5;
  limits.connections_per_address = 3;
  limits.refusals_burst = 4;
  limits.refusals_per_second = 2;
  limits.penalised = 2;
  return limits;
}

const Gate::Time kStart = Gate::Time(std::chrono::hours(1));

TEST(Gate, MappedAddressesAreTheIPv4OnesAndIPv6CountsByItsNetwork) {
  EXPECT_EQ(key("192.0.2.7"), key("::ffff:192.0.2.7"));
  EXPECT_NE(key("192.0.2.7"), key("192.0.2.8"));
  EXPECT_EQ(key("2001:db8:1:2::1"), key("2001:db8:1:2:ffff::9"));
  EXPECT_NE(key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
}

TEST(Gate, LimitsOneAddressAndAllTogether) {
  Gate gate(small());
  for (int i = 0; i < 3; ++i) EXPECT_EQ(gate.enter(key("192.0.2.1"), kStart), Verdict::Enter);
  EXPECT_EQ(gate.enter(key("192.0.2.1"), kStart), Verdict::TooManyOfAddress);
  EXPECT_EQ(gate.enter(key("192.0.2.2"), kStart), Verdict::Enter);
  EXPECT_TRUE(gate.enter_local());
  EXPECT_FALSE(gate.enter_local());
  EXPECT_EQ(gate.enter(key("192.0.2.3"), kStart), Verdict::TooManyInAll);
  gate.leave(key("192.0.2.1"), kStart);
  EXPECT_EQ(gate.enter(key("192.0.2.1"), kStart), Verdict::Enter);
  EXPECT_EQ(gate.connections(), 5U);
}

TEST(Gate, ARefusedAddressWaitsUntilItsBucketHasDrained) {
  Gate gate(small());
  const Gate::Key bad = key("192.0.2.1");
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(gate.enter(bad, kStart), Verdict::Enter);
    gate.note_refusal(bad, kStart);
    gate.leave(bad, kStart);
  }
  EXPECT_EQ(gate.enter(bad, kStart), Verdict::Pause);
  EXPECT_EQ(gate.enter(key("192.0.2.2"), kStart), Verdict::Enter);
  EXPECT_EQ(gate.enter(bad, kStart), Verdict::Pause);
  EXPECT_EQ(gate.enter(bad, kStart), Verdict::TooManyPaused);
  gate.unpause(bad);
  EXPECT_EQ(gate.enter(bad, kStart), Verdict::Pause);
  for (int i = 0; i < 3; ++i) gate.leave(bad, kStart);
  EXPECT_EQ(gate.enter(bad, kStart + seconds(3)), Verdict::Enter);
}

TEST(Gate, RemembersNobodyWhoLeftClean) {
  Gate gate(small());
  EXPECT_EQ(gate.enter(key("192.0.2.1"), kStart), Verdict::Enter);
  gate.leave(key("192.0.2.1"), kStart);
  EXPECT_EQ(gate.addresses(), 0U);
  gate.note_refusal(key("192.0.2.2"), kStart);
  EXPECT_EQ(gate.addresses(), 1U);
}

TEST(Gate, ItsMemoryIsBounded) {
  Gate gate(small());
  for (unsigned i = 0; i < 3U * kGateAddressesMax; ++i) {
    gate.note_refusal(Gate::key(boost::asio::ip::address_v4(i)), kStart);
  }
  EXPECT_LE(gate.addresses(), kGateAddressesMax);
}

}  // namespace
}  // namespace ipm::net
