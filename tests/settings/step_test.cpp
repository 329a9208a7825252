// What of a changed ipmd.toml counts at once, and what waits for a restart (S6, S17).
#include "settings/step.h"

#include <gmock/gmock.h>

namespace ipm::settings {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Step, S6_RightsCertificatesAndRulesCountAtOnce) {
  ServerSettings wanted;
  wanted.administrators = {"admin.example.com"};
  wanted.operators = {"operator.example.com"};
  wanted.certificate = "/srv/new.pem";
  wanted.denied = {"ab"};
  wanted.warn_days = 5;
  wanted.revocation_required = true;
  wanted.document_bytes_max = 7;
  const Step next = step({}, wanted);
  EXPECT_EQ(next.in_force, wanted);
  EXPECT_THAT(next.waiting, IsEmpty());
}

TEST(Step, S17_EncryptionIsTurnedOnAtOnce) {
  ServerSettings wanted;
  wanted.encrypted = wanted.mutual = true;
  const Step next = step({}, wanted);
  EXPECT_TRUE(next.in_force.encrypted && next.in_force.mutual);
  EXPECT_THAT(next.waiting, IsEmpty());
}

TEST(Step, S17_EncryptionIsTurnedOffByARestartOnly) {
  ServerSettings running;
  running.encrypted = running.mutual = true;
  const Step next = step(running, {});
  EXPECT_TRUE(next.in_force.encrypted && next.in_force.mutual);
  EXPECT_THAT(next.waiting,
              ElementsAre("[encryption] enabled = false", "[encryption] mutual = false"));
}

TEST(Step, S2_MutualAuthenticationIsTurnedOffByARestartOnly) {
  ServerSettings running;
  running.encrypted = running.mutual = true;
  ServerSettings wanted = running;
  wanted.mutual = false;
  EXPECT_TRUE(step(running, wanted).in_force.mutual);
  EXPECT_THAT(step(running, wanted).waiting, ElementsAre("[encryption] mutual = false"));
}

TEST(Step, WhatTheServerWasBuiltWithWaits) {
  ServerSettings wanted;
  wanted.name = "other.example.com";
  wanted.listen = {"[::]:6631"};
  wanted.reserve_bytes = 1;
  wanted.history_jobs_max = 5;
  wanted.history_days_max = 2;
  wanted.connections_max = 9;
  wanted.connections_per_address_max = 3;
  const Step next = step({}, wanted);
  EXPECT_EQ(next.in_force, ServerSettings{});
  EXPECT_THAT(next.waiting, ElementsAre("[server] name", "[server] listen", "[spool] reserve_bytes",
                                        "[history] jobs", "[history] days", "[limits] connections",
                                        "[limits] connections_per_address"));
}

TEST(Step, WhatIsTakenBackWaitsNoMore) {
  ServerSettings wanted;
  wanted.listen = {"[::]:6631"};
  const Step next = step({}, wanted);
  EXPECT_THAT(step(next.in_force, {}).waiting, IsEmpty());
}

}  // namespace
}  // namespace ipm::settings
