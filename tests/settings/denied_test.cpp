#include "settings/denied.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "settings/client.h"
#include "settings/server.h"

namespace ipm::settings {
namespace {

const std::string kFingerprint(64, 'a');

TEST(Denied, BothFilesTakeFingerprints) {
  const std::string text = "[trust]\ndeny = ['" + kFingerprint + "']\n";
  EXPECT_EQ(parse_server_settings(text, "/etc/ipm/ipmd.toml", places()).denied.size(), 1U);
  EXPECT_EQ(parse_client_settings(text, "/etc/ipm/ipm.toml", places()).denied.front(),
            kFingerprint);
  EXPECT_TRUE(parse_client_settings("", "/etc/ipm/ipm.toml", places()).denied.empty());
}

TEST(Denied, AnythingElseIsRefusedWithItsLine) {
  for (const std::string value : {"['Some Root']", "['aa:bb']", "'x'", "[1]"}) {
    try {
      parse_client_settings("[trust]\ndeny = " + value, "/etc/ipm/ipm.toml", places());
      ADD_FAILURE() << value;
    } catch (const Error& error) {
      EXPECT_EQ(error.message(), Message::ConfigurationWrong);
      EXPECT_THAT(error.happened(), ::testing::HasSubstr("line 2"));
    }
  }
}

}  // namespace
}  // namespace ipm::settings
