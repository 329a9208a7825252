#include "settings/server.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace ipm::settings {
namespace {

ServerSettings parse(std::string_view text) {
  return parse_server_settings(text, "/etc/ipm/ipmd.toml", places());
}

std::string complaint(std::string_view text) {
  try {
    parse(text);
  } catch (const Error& error) {
    EXPECT_EQ(error.message(), Message::ConfigurationWrong);
    return error.what();
  }
  return "nothing was refused";
}

TEST(ServerSettings, S5_AbsentPathsAreThoseOfTheInstallation) {
  const ServerSettings settings = parse("[encryption]\nenabled = true\nmutual = true\n");
  EXPECT_EQ(settings.anchors, "/etc/ipm/ca-cert.pem");
  EXPECT_EQ(settings.certificate, "/etc/ipm/server-cert.pem");
  EXPECT_EQ(settings.dial_key, "/etc/ipm/server-key.pem");
  EXPECT_EQ(settings.listen, std::vector<std::string>{"[::]:631"});
}

TEST(ServerSettings, S1_OneSwitchTurnsEncryptionOnAndItIsOffByItself) {
  EXPECT_FALSE(parse("").encrypted);
  EXPECT_TRUE(parse("encryption.enabled = true").encrypted);
}

TEST(ServerSettings, TheDialIdentityFollowsTheListeningOne) {
  const auto settings = parse("[encryption]\ncertificate='a.pem'\nkey='/b.pem'\n");
  EXPECT_EQ(settings.dial_certificate, "/etc/ipm/a.pem");
  EXPECT_EQ(settings.dial_key, "/b.pem");
}

TEST(ServerSettings, S18_PublicAuthoritiesMustBeAllowedByName) {
  EXPECT_FALSE(parse("").public_ca_clients);
  EXPECT_TRUE(parse("encryption.public_ca_clients = 'allow'").public_ca_clients);
  EXPECT_NE(complaint("encryption.public_ca_clients = true").find("text"), std::string::npos);
  EXPECT_NE(complaint("encryption.public_ca_clients = 'yes'").find("\"allow\""), std::string::npos);
}

TEST(ServerSettings, RoomIsKeptForAFullDisk) {
  EXPECT_FALSE(parse("").reserve_bytes);
  EXPECT_EQ(parse("[spool]\nreserve_bytes = 0\n").reserve_bytes, 0U);
  EXPECT_EQ(parse("[spool]\nreserve_bytes = 1048576\n").reserve_bytes, 1'048'576U);
  EXPECT_THROW(parse("[spool]\nreserve_bytes = -1\n"), Error);
}

TEST(ServerSettings, TheHistoryIsKeptByNumberAndByDays) {
  EXPECT_EQ(parse("").history_jobs_max, 10'000U);
  EXPECT_EQ(parse("").history_days_max, 30);
  const auto settings = parse("[history]\njobs = 1000000\ndays = 365\n");
  EXPECT_EQ(settings.history_jobs_max, 1'000'000U);
  EXPECT_EQ(settings.history_days_max, 365);
  EXPECT_THROW(parse("[history]\njobs = -1\n"), Error);
  EXPECT_THROW(parse("[history]\ndays = 0\n"), Error);
}

TEST(ServerSettings, EveryComplaintNamesTheLine) {
  for (const auto& [text, words] : std::vector<std::pair<std::string, std::string>>{
           {"[encryption]\nenabld = true", "did you mean 'encryption.enabled'"},
           {"[encryption]\nenabled = 'yes'", "true or false"},
           {"[encryption]\nwarn_days = 0", "from 1 to 3650"},
           {"[encryption]\nwarn_days = 1.5", "whole number"},
           {"[server]\nlisten = '[::]:631'", "list of texts"},
           {"[server]\nlisten = []", "at least one address"},
           {"[server]\nlisten = [631]", "list of texts"},
           {"[encryption]\nmutual = true", "enabled = true"},
           {"[encryption]\nkey = 'k.pem'", "together"},
           {"[encryption]\nenabled = ", "TOML"},
           {"[access]\noperators = ['a*.example.com']", "whole first label"},
           {"[access]\nadministrators = ['*srv.example.com']", "whole first label"},
           {"[access]\nadministrators = ['*.*.example.com']", "whole first label"},
           {"[access]\nadministrators = ['ok.example.com', '']", "empty name"},
           {"[access]\nadministrators = ['*']", "whole first label"},
           {"\nencryption = 3", "did you mean"}}) {
    const std::string found = complaint(text);
    EXPECT_NE(found.find(words), std::string::npos) << found;
    EXPECT_NE(found.find("line 2"), std::string::npos) << found;
  }
}

}  // namespace
}  // namespace ipm::settings
