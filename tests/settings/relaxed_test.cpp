#include "settings/relaxed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "settings/client.h"
#include "settings/server.h"

namespace ipm::settings {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string kFirst(64, 'a');
const std::string kSecond(64, 'b');
const std::string kEntry =
    "[[trust.relax]]\nsha256 = '" + kFirst + "'\nrules = ['weak-key', 'weak-digest']\n";

TEST(Relaxed, BothFilesExceptCasByFingerprint) {
  const std::string text = "[trust]\ndeny = ['" + kSecond + "']\n" + kEntry +
                           "[[trust.relax]]\nsha256 = '" + kSecond + "'\nrules = ['server-use']\n";
  const auto server = parse_server_settings(text, "/etc/ipm/ipmd.toml", places());
  ASSERT_EQ(server.relaxed_cas.size(), 2U);
  EXPECT_EQ(server.relaxed_cas[0].sha256, kFirst);
  EXPECT_THAT(server.relaxed_cas[0].rules, ElementsAre("weak-key", "weak-digest"));
  EXPECT_EQ(server.relaxed_cas[0].place, "/etc/ipm/ipmd.toml, line 3");
  EXPECT_EQ(server.relaxed_cas[1].place, "/etc/ipm/ipmd.toml, line 6");
  EXPECT_EQ(server.denied.size(), 1U);
  const auto client = parse_client_settings(text, "/etc/ipm/ipm.toml", places());
  EXPECT_EQ(client.relaxed_cas.size(), 2U);
  EXPECT_TRUE(parse_client_settings("", "/etc/ipm/ipm.toml", places()).relaxed_cas.empty());
}

struct Wrong {
  std::string text;
  std::string happened;
  std::string expected;
};

TEST(Relaxed, AnythingElseIsRefusedWithItsLineAndWhatIsWanted) {
  const std::string head = "[[trust.relax]]\nsha256 = '" + kFirst + "'\n";
  for (const auto& [text, happened, expected] : std::vector<Wrong>{
           {"[[trust.relax]]\nrules = ['weak-key']", "line 1: trust.relax.sha256 is missing",
            "64 hexadecimal digits"},
           {head, "line 1: trust.relax.rules is missing", "weak-key"},
           {head + "rules = []", "line 3: trust.relax.rules is an empty list", "weak-key"},
           {head + "rules = 'weak-key'", "line 3: trust.relax.rules is a text", "list of texts"},
           {head + "rules = [1]", "line 3", "list of texts"},
           {head + "rules = ['weak-key', 'weak-key']",
            "line 3: trust.relax.rules is a list with "
            "weak-key twice",
            "each rule once"},
           {head + "rulez = ['weak-key']\nrules = ['weak-key']",
            "line 3: nothing is called 'rulez'", "did you mean 'rules'"},
           {"[[trust.relax]]\nsha256 = 'Old Printers CA'\nrules = ['weak-key']",
            "line 2: trust.relax.sha256 is Old Printers CA", "64 hexadecimal digits"},
           {"[[trust.relax]]\nsha256 = 3\nrules = ['weak-key']", "line 2", "a text"},
           {kEntry + kEntry, "line 5: trust.relax.sha256 is that of an entry above", "one entry"},
           {kEntry + "[[trust.relax]]\nsha256 = '" + std::string(64, 'A') + "'\nrules = ['x']",
            "line 5", "one entry"},
           {"[trust]\nrelax = ['weak-key']", "line 2: trust.relax is a list with a text",
            "[[trust.relax]]"},
           {"[trust.relax]\nrules = ['weak-key']", "trust.relax is a table", "[[trust.relax]]"},
           {"[[trust]]\nsha256 = 'x'", "line 1", ""}}) {
    try {
      parse_server_settings(text, "/etc/ipm/ipmd.toml", places());
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.message(), Message::ConfigurationWrong);
      EXPECT_THAT(error.happened(), HasSubstr(happened));
      EXPECT_THAT(error.expected(), HasSubstr(expected));
    }
  }
}

TEST(Relaxed, ThereAreAtMostAThousand) {
  std::string text;
  for (std::size_t i = 0; i <= kRelaxedMax; ++i) text += "[[trust.relax]]\n";
  try {
    parse_server_settings(text, "/etc/ipm/ipmd.toml", places());
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_THAT(error.expected(), HasSubstr("at most 1000"));
  }
}

}  // namespace
}  // namespace ipm::settings
