#include "pki/finding.h"

#include <gtest/gtest.h>

namespace ipm::pki {
namespace {

const Finding kKept{"S8", true, "", "clientAuth", "clientAuth", "", "RFC 5280, 4.2.1.12"};
const Finding kBroken{"S7", false, "", "no serverAuth", "serverAuth", "issue a new one", ""};
const Finding kOther{"path-length", false, "Acme CA", "2", "at most 1", "", ""};

TEST(Finding, OnlyFailuresAreInTheLine) {
  EXPECT_EQ(to_line({kKept, kBroken, kOther}),
            "S7: found no serverAuth; wanted serverAuth; mend: issue a new one | "
            "Acme CA: path-length: found 2; wanted at most 1");
  EXPECT_EQ(to_line({kKept}), "");
  EXPECT_EQ(to_line({}), "");
}

TEST(Finding, FailuresKeepTheirOrder) {
  EXPECT_EQ(failures({kBroken, kKept, kOther}), (Findings{kBroken, kOther}));
  EXPECT_TRUE(all_passed({kKept}));
  EXPECT_TRUE(all_passed({}));
  EXPECT_FALSE(all_passed({kKept, kBroken}));
}

}  // namespace
}  // namespace ipm::pki
