#include "output/driver.h"

#include <gtest/gtest.h>
#include <boost/asio/thread_pool.hpp>
#include <filesystem>

namespace ipm::output {
namespace {

class Addresses : public testing::Test {
 protected:
  std::string refusal(const std::string& device, const DeviceSettings& settings = {}) {
    try {
      make_driver(parse_uri(device), settings,
                  {pool_.get_executor(), {}, &net::system_network(), &devices_});
    } catch (const Error& error) {
      return error.what();
    }
    return "nothing was refused";
  }
  boost::asio::thread_pool pool_{1};
  DevicePool devices_;
};

TEST_F(Addresses, ThoseThatNoDriverUnderstandsAreRefusedWithTheMend) {
  EXPECT_NE(refusal("ftp://host/").find("file:///DIR/"), std::string::npos);
  EXPECT_NE(refusal("lpd://host/queue").find("no driver"), std::string::npos);
  EXPECT_NE(refusal("file:///nowhere/at/all").find("mkdir -p"), std::string::npos);
  EXPECT_NE(refusal("socket://host/path").find("path"), std::string::npos);
  EXPECT_NE(refusal("ipp://host/ipp/print?x=1").find("query"), std::string::npos);
  EXPECT_NE(refusal("ipps://under_score/ipp/print").find("IMP-1006"), std::string::npos);
}

TEST_F(Addresses, PlainDevicesMayBeCalledWhatNoCertificateCouldSay) {
  EXPECT_EQ(refusal("ipp://HP_LaserJet.local/ipp/print"), "nothing was refused");
  EXPECT_EQ(refusal("socket://HP_LaserJet.local"), "nothing was refused");
  EXPECT_EQ(refusal("ipp://[fe80::1%25eth0]/ipp/print"), "nothing was refused");
}

TEST_F(Addresses, IppsWithoutEncryptionIsRefusedWithTheKeyToSet) {
  const auto words = refusal("ipps://printer.example.com/ipp/print");
  EXPECT_NE(words.find("[encryption] enabled = true"), std::string::npos) << words;
}

TEST_F(Addresses, CredentialsForADeviceInPlaintextAreRefused) {
  DeviceSettings settings;
  settings.credentials = "/etc/ipm/printer.password";
  EXPECT_NE(refusal("ipp://printer/ipp/print", settings).find("plaintext"), std::string::npos);
}

TEST(CancellationTest, ACancelIsStrongerThanAStopAndActionsNest) {
  Cancellation cancellation;
  std::string done;
  const Cancellation::Action outer(cancellation, [&] { done += "o"; });
  {
    const Cancellation::Action inner(cancellation, [&] { done += "i"; });
    cancellation.stop();
  }
  EXPECT_TRUE(cancellation.requested());
  EXPECT_FALSE(cancellation.canceled());
  cancellation.cancel();
  cancellation.stop();
  EXPECT_TRUE(cancellation.canceled());
  EXPECT_EQ(done, "ioo");
}

}  // namespace
}  // namespace ipm::output
