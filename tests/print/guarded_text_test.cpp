#include "print/guarded_text.h"

#include <gtest/gtest.h>

namespace ipm::print {
namespace {

ActualDestination device(std::string uri, std::string credentials = {}) {
  ActualDestination device;
  device.device_uri = std::move(uri);
  device.settings.credentials = std::move(credentials);
  return device;
}

TEST(GuardedText, AddressesAndPathsAreLeftOutAndTheSentenceStays) {
  struct Row {
    ActualDestination at;
    std::string text;
    std::string open;
  };
  const auto ipp = device("ipps://hp:10631/ipp/print", "/etc/imprimatur/hp.password");
  for (const Row& row : {
           Row{ipp, "cannot connect to hp:10631: refused", "cannot connect to the device: refused"},
           Row{ipp, "printed by hp:10631 as job 7", "printed by the device as job 7"},
           Row{ipp, "hpijs and the-hp are no hp", "hpijs and the-hp are no the device"},
           Row{ipp, "/etc/imprimatur/hp.password may be read by all",
               "a file there may be read by all"},
           Row{ipp, "it points to ipp://10.0.0.9/x: mend it", "it points to an address: mend it"},
           Row{ipp, "1 / 2 and/or 3 of 4 pages", "1 / 2 and/or 3 of 4 pages"},
           Row{device("socket://127.0.0.1:9100"), "127.0.0.1:9100 took 3 of 9 bytes",
               "the device took 3 of 9 bytes"},
           Row{device("ipp://[fc00::1]/p"), "(fc00::1) and [fc00::1]:80",
               "(the device) and the device"},
           Row{device("file:///srv/my%20prints/"),
               "in /srv/my prints/job-1-1-a.pdf (/var/x), which",
               "in a file there (a file there), which"},
           Row{device("file:///"), "in /job-1.pdf", "in a file there"},
       }) {
    const std::string text = guarded(row.text, row.at);
    EXPECT_EQ(without_places(text), row.open);
    EXPECT_EQ(in_full(text), row.text);
    EXPECT_EQ(guarded(text, row.at), text) << "marked once, however often";
  }
}

TEST(GuardedText, JoinedAndCutTextsKeepTheirSecrets) {
  const auto at = device("socket://10.0.0.9");
  const std::string joined = guarded("10.0.0.9 is away", at) + "; next try in 2 s";
  EXPECT_EQ(without_places(joined), "the device is away; next try in 2 s");
  EXPECT_EQ(without_places(joined.substr(0, 5)), "the device");
}

// Marks that somebody sends are none.
TEST(GuardedText, NobodyMarksForUs) {
  EXPECT_EQ(without_places(guarded("a \x0e"
                                   "b\x0f c \x0e")),
            "a b c ");
}

}  // namespace
}  // namespace ipm::print
