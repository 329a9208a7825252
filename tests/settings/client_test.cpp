#include "settings/client.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "base/error.h"

namespace ipm::settings {
namespace {

namespace fs = std::filesystem;

class ClientSettingsTest : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(machine_.configuration);
    fs::create_directories(user_);
  }
  void TearDown() override { fs::remove_all(root_); }

  static void write(const fs::path& path, std::string_view text) { std::ofstream(path) << text; }
  ClientSettings load() const { return load_client_settings(machine_, user_); }

  fs::path root_ =
      fs::path(testing::TempDir()) /
      ("client_settings." + std::to_string(::testing::UnitTest::GetInstance()->random_seed()) +
       testing::UnitTest::GetInstance()->current_test_info()->name());
  Places machine_ = places(root_);
  fs::path user_ = root_ / "home/.config/ipm";
};

TEST_F(ClientSettingsTest, WithoutFilesThereAreDefaults) {
  const auto settings = load();
  EXPECT_FALSE(settings.server);
  EXPECT_FALSE(settings.destination);
  EXPECT_TRUE(settings.encrypted);
  EXPECT_EQ(settings.warn_days, 31);
  EXPECT_EQ(settings.certificate, machine_.client_certificate());
  EXPECT_EQ(settings.key, machine_.client_key());
  EXPECT_FALSE(settings.identity_unreadable);
}

TEST_F(ClientSettingsTest, B16_EachKeyOfTheUsersFileWins) {
  write(machine_.client_configuration(),
        "[client]\nserver = 'machine.example.com'\ndestination = 'office'\nwarn_days = 10\n");
  write(user_ / "ipm.toml", "[client]\ndestination = 'attic'\nca = 'own.pem'\n");
  const auto settings = load();
  EXPECT_EQ(settings.server, "machine.example.com");
  EXPECT_EQ(settings.server_file, machine_.client_configuration());
  EXPECT_EQ(settings.destination, "attic");
  EXPECT_EQ(settings.anchors, user_ / "own.pem");
  EXPECT_EQ(settings.warn_days, 10);
  EXPECT_TRUE(settings.encrypted);
}

TEST_F(ClientSettingsTest, B16_TheUsersPairComesBeforeTheMachines) {
  write(machine_.client_certificate(), "x");
  write(machine_.client_key(), "x");
  EXPECT_EQ(load().certificate, machine_.client_certificate());
  // One of the two is enough to mean it: the other's absence is told when it is loaded.
  write(user_ / "client-cert.pem", "x");
  EXPECT_EQ(load().certificate, user_ / "client-cert.pem");
  EXPECT_EQ(load().key, user_ / "client-key.pem");
  write(user_ / "ipm.toml", "[client]\ncertificate = 'a.pem'\nkey = '/b.pem'\n");
  EXPECT_EQ(load().certificate, user_ / "a.pem");
  EXPECT_EQ(load().key, "/b.pem");
}

TEST_F(ClientSettingsTest, WhatTheMachineDeniesStaysDenied) {
  const std::string one(64, 'a');
  const std::string two(64, 'b');
  write(machine_.client_configuration(), "[trust]\ndeny = ['" + one + "']\n");
  write(user_ / "ipm.toml", "[trust]\ndeny = ['" + two + "']\n");
  EXPECT_EQ(load().denied, (std::vector<std::string>{one, two}));
  write(user_ / "ipm.toml", "[trust]\ndeny = []\n");
  EXPECT_EQ(load().denied, std::vector<std::string>{one});
}

TEST_F(ClientSettingsTest, EachFileIsReadStrictly) {
  for (const auto& [text, words] : std::vector<std::pair<std::string, std::string>>{
           {"[client]\nsrever = 'x'", "did you mean 'client.server'"},
           {"\n[cleint]\nserver = 'x'", "did you mean 'client'"},
           {"[client]\nwarn_days = 0", "from 1 to 3650"},
           {"[client]\nkey = 'k.pem'", "together"},
           {"[client]\nca = ''", "path of a file"},
           {"\nclient = 3", "did you mean [client]"},
           {"\ndestination = 'x'", "did you mean 'client.destination'"},
           {"[client]\nzzzzzzzz = 1", "a known key"}}) {
    for (const fs::path& file : {machine_.client_configuration(), user_ / "ipm.toml"}) {
      write(file, text);
      try {
        load();
        ADD_FAILURE() << text;
      } catch (const Error& error) {
        EXPECT_EQ(error.message(), Message::ConfigurationWrong);
        EXPECT_NE(std::string(error.what()).find(words), std::string::npos) << error.what();
        EXPECT_NE(error.happened().find(file.string() + ", line 2"), std::string::npos)
            << error.happened();
      }
      fs::remove(file);
    }
  }
}

TEST_F(ClientSettingsTest, TheUsersFolderIsWhereXdgSays) {
  const auto set = [](const char* home, const char* configuration) {
    ::setenv("HOME", home, 1);
    ::setenv("XDG_CONFIG_HOME", configuration, 1);
  };
  set("/home/anna", "/elsewhere");
  EXPECT_EQ(user_folder(), "/elsewhere/ipm");
  set("/home/anna", "");
  EXPECT_EQ(user_folder(), "/home/anna/.config/ipm");
  set("/home/anna", "relative");
  EXPECT_EQ(user_folder(), "/home/anna/.config/ipm");
  set("", "");
  EXPECT_EQ(user_folder(), "");
}

}  // namespace
}  // namespace ipm::settings
