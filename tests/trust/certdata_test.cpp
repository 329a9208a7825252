#include "trust/certdata.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <set>

#include "base/text.h"
#include "certdata_test_support.h"
#include "trust/bundle.h"

namespace ipm::trust {
namespace {

using test::error_of;
using test::newest;
using test::own;
using test::replaced;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

struct ExpectedRoot {
  std::string sha256;
  std::string not_after;
  std::string server_distrust_after;
  std::string trust;
  std::string label;
};

// The rows of a roots.tsv; `columns` are the places of the five fields above.
std::vector<ExpectedRoot> expected_roots(const std::filesystem::path& file,
                                         std::array<std::size_t, 5> columns) {
  const auto text = read_file(file);
  std::vector<ExpectedRoot> roots;
  for (const auto line : split(text, '\n')) {
    if (line.empty() || line.front() == '#') continue;
    const auto fields = split(line, '\t');
    const auto field = [&](std::size_t i) { return std::string(fields.at(columns[i])); };
    roots.push_back({field(0), field(1), field(2), field(3), field(4)});
  }
  return roots;
}

std::vector<ExpectedRoot> own_roots() {
  return expected_roots(test::kOwn / "roots.tsv", {0, 1, 2, 3, 4});
}

std::string statements_text(const TrustStatements& statements) {
  std::string text;
  for (const auto& statement : statements) {
    text += fmt::format("{}{}={}", text.empty() ? "" : ",", purpose_word(statement.purpose),
                        level_word(statement.level));
  }
  return text;
}

std::set<std::string> chosen(const Certdata& data, std::string_view selection,
                             TimePoint now = test::that_day()) {
  std::set<std::string> digests;
  for (const auto* root : choose_roots(data, Selection::parse(selection), {}, now).roots) {
    digests.insert(to_hex(root->digest));
  }
  return digests;
}

std::set<std::string> listed(const std::filesystem::path& file) {
  const auto text = read_file(file);
  std::set<std::string> digests;
  for (const auto line : split(text, '\n')) {
    if (!line.empty()) digests.emplace(line);
  }
  return digests;
}

TEST(Certdata, S4_TodaysDialectIsReadWhole) {
  const auto text = own("nss.txt");
  const auto data = parse_certdata(text, "nss.txt");
  const auto expected = own_roots();
  ASSERT_EQ(data.certificates.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const auto& root = data.certificates[i];
    EXPECT_EQ(to_hex(root.digest), expected[i].sha256);
    EXPECT_EQ(root.label, expected[i].label);
    EXPECT_EQ(statements_text(root.statements), expected[i].trust);
  }
  EXPECT_THAT(data.remarks, SizeIs(0));
}

TEST(Certdata, S4_TheDialectOf2003SaysTheSame) {
  const auto text = own("netscape.txt");
  const auto data = parse_certdata(text, "netscape.txt");
  const auto expected = own_roots();
  ASSERT_EQ(data.certificates.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const auto& root = data.certificates[i];
    EXPECT_EQ(to_hex(root.digest), expected[i].sha256);
    auto trust = expected[i].trust;
    for (auto at = trust.find("MUST_VERIFY_TRUST"); at != std::string::npos;
         at = trust.find("MUST_VERIFY_TRUST")) {
      trust.replace(at, std::string_view("MUST_VERIFY_TRUST").size(), "VALID");
    }
    EXPECT_EQ(statements_text(root.statements), trust);
    EXPECT_FALSE(root.server_distrust_after);
  }
  EXPECT_EQ(data.distrusted.size(), 2U);
}

TEST(Certdata, S4_NoHeaderNoDigestsPlainSerialsAndEscapedLabelsAreRead) {
  const auto text = own("sparse.txt");
  const auto data = parse_certdata(text, "sparse.txt");
  const auto expected = own_roots();
  ASSERT_EQ(data.certificates.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const auto& root = data.certificates[i];
    EXPECT_EQ(to_hex(root.digest), expected[i].sha256);
    EXPECT_EQ(root.label, expected[i].label);
    EXPECT_EQ(statements_text(root.statements), expected[i].trust);
  }
}

TEST(Certdata, S4_AllDialectsSelectTheSameRoots) {
  std::vector<std::set<std::string>> selections;
  for (const auto* name : {"nss.txt", "netscape.txt", "sparse.txt"}) {
    const auto text = own(name);
    const auto data = parse_certdata(text, name);
    selections.push_back(chosen(data, "SERVER_AUTH,CLIENT_AUTH,CRL_SIGN:TRUSTED_DELEGATOR"));
  }
  EXPECT_EQ(selections[0].size(), 4U);  // Alpha, Delta, Epsilon, Theta; Gamma is expired
  EXPECT_EQ(selections[0], selections[1]);
  EXPECT_EQ(selections[0], selections[2]);
}

TEST(Certdata, B12_DistrustDatesAreReadFromEitherObject) {
  for (const auto* name : {"nss.txt", "sparse.txt"}) {
    const auto text = own(name);
    const auto data = parse_certdata(text, name);
    const auto& delta = data.certificates.at(3);
    const auto& epsilon = data.certificates.at(4);
    ASSERT_TRUE(delta.server_distrust_after) << name;
    EXPECT_EQ(to_rfc3339(*delta.server_distrust_after), "2024-11-30T23:59:59Z");
    ASSERT_TRUE(delta.email_distrust_after) << name;
    EXPECT_EQ(to_rfc3339(*delta.email_distrust_after), "2025-12-31T23:59:59Z");
    ASSERT_TRUE(epsilon.server_distrust_after) << name;
    EXPECT_EQ(to_rfc3339(*epsilon.server_distrust_after), "2026-04-15T23:59:59Z");
    EXPECT_FALSE(data.certificates.front().server_distrust_after);
  }
}

TEST(Certdata, ExplicitDistrustIsKeptWithAndWithoutACertificate) {
  const auto text = own("nss.txt");
  const auto data = parse_certdata(text, "nss.txt");
  ASSERT_EQ(data.distrusted.size(), 2U);
  const auto zeta = data.certificates.at(5).certificate();
  EXPECT_TRUE(data.distrusted[0].matches(zeta));
  EXPECT_EQ(data.distrusted[0].sha256, zeta.digest());
  EXPECT_FALSE(data.distrusted[0].matches(data.certificates.front().certificate()));
  EXPECT_FALSE(data.distrusted[1].sha256);
  EXPECT_EQ(data.distrusted[1].label, "Eta, distrusted");
}

TEST(Certdata, CommentsStayWithTheirCertificate) {
  const auto text = own("nss.txt");
  const auto data = parse_certdata(text, "nss.txt");
  EXPECT_THAT(data.certificates.at(3).comments,
              Contains(HasSubstr("For Server Distrust After: 241130235959Z")));
  EXPECT_THAT(data.certificates.at(4).comments, Not(Contains(HasSubstr("Distrust After"))));
  EXPECT_THAT(data.certificates.at(4).comments, Contains(HasSubstr("# Subject: CN=Epsilon Root")));
}

std::string with_line_ends(const std::string& text, std::string_view end) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') {
      out += end;
    } else {
      out += c;
    }
  }
  return out;
}

TEST(Certdata, LineEndsOfOtherSystemsChangeNothingAndAreRemarked) {
  const auto text = own("nss.txt");
  const auto plain = chosen(parse_certdata(text, "nss.txt"), "ALL:ALL");
  for (const std::string_view end : {"\r\n", "\r", "  \n"}) {
    const auto changed = with_line_ends(text, end);
    const auto data = parse_certdata(changed, "nss.txt");
    EXPECT_EQ(chosen(data, "ALL:ALL"), plain);
    EXPECT_EQ(data.certificates.back().line, parse_certdata(text, "").certificates.back().line);
    EXPECT_EQ(data.remarks.size(), end == "  \n" ? 0U : 1U);
  }
}

TEST(Certdata, AMarkAtTheFrontAndAMissingLastLineEndChangeNothing) {
  const auto text = own("nss.txt");
  const auto changed = "\xEF\xBB\xBF" + text.substr(0, text.size() - 1);
  EXPECT_EQ(chosen(parse_certdata(changed, ""), "ALL:ALL"),
            chosen(parse_certdata(text, ""), "ALL:ALL"));
}

TEST(Certdata, TrustBeforeItsCertificateIsPairedAndRemarked) {
  auto text = own("nss.txt");
  const auto trust = text.find("# Trust for \"Alpha Root\"");
  const auto next = text.find("#\n# Certificate \"Beta");
  const auto object = text.substr(trust, next - trust);
  text.erase(trust, next - trust);
  text.insert(text.find("#\n# Certificate \"Alpha"), object);
  const auto data = parse_certdata(text, "f");
  EXPECT_EQ(chosen(data, "ALL:ALL"), chosen(parse_certdata(own("nss.txt"), ""), "ALL:ALL"));
  ASSERT_EQ(data.remarks.size(), 1U);
  EXPECT_THAT(data.remarks[0].text, HasSubstr("before its certificate"));
  EXPECT_EQ(data.remarks[0].line,
            test::line_of(text, text.find("CKA_CLASS CK_OBJECT_CLASS CKO_NSS_TRUST")));
}

TEST(Certdata, ANewPurposeBesideTheKnownOnesIsRemarked) {
  const auto text =
      replaced(own("nss.txt"), "CKA_TRUST_CODE_SIGNING CK_TRUST", "CKA_TRUST_TELEPATHY CK_TRUST");
  const auto data = parse_certdata(text, "f");
  ASSERT_EQ(data.remarks.size(), 1U);
  EXPECT_THAT(data.remarks[0].text, HasSubstr("CKA_TRUST_TELEPATHY"));
}

TEST(Certdata, TwoLevelsOfOnePurposeAreBothKept) {
  const auto text = replaced(own("nss.txt"), "SERVER_AUTH CK_TRUST CKT_NSS_TRUSTED_DELEGATOR",
                             "SERVER_AUTH CK_TRUST CKT_NSS_TRUSTED|CKT_NSS_TRUSTED_DELEGATOR");
  const auto data = parse_certdata(text, "f");
  EXPECT_THAT(statements_text(data.certificates.front().statements),
              HasSubstr("SERVER_AUTH=TRUSTED,SERVER_AUTH=TRUSTED_DELEGATOR"));
}

// --- the newest file -----------------------------------------------------------------------------

// Where ../shared is absent nothing is compared; the dialect files above say the same in small.
TEST(CertdataNewest, S4_SelectsWhatTheScriptSelects) {
  const auto text = newest();
  if (!text) return;
  const auto data = parse_certdata(*text, "certdata.txt");
  EXPECT_EQ(data.certificates.size(), 167U);
  EXPECT_EQ(data.remarks.size(), 0U);
  EXPECT_EQ(chosen(data, "SERVER_AUTH:TRUSTED_DELEGATOR"),
            listed(test::kShared / "expected-default.sha256"));
  EXPECT_EQ(chosen(data, "SERVER_AUTH,CLIENT_AUTH,CRL_SIGN:TRUSTED_DELEGATOR"),
            listed(test::kShared / "expected-seed.sha256"));
  EXPECT_EQ(chosen(data, "EMAIL_PROTECTION:TRUSTED_DELEGATOR").size(), 90U);
  EXPECT_EQ(chosen(data, "ALL:TRUSTED_DELEGATOR").size(), 165U);
  EXPECT_EQ(chosen(data, "SERVER_AUTH:MUST_VERIFY_TRUST").size(), 46U);
  EXPECT_EQ(chosen(data, "CODE_SIGNING:TRUSTED_DELEGATOR").size(), 0U);
  EXPECT_EQ(chosen(data, "ALL:NOT_TRUSTED").size(), 0U);
  EXPECT_EQ(chosen(data, "ALL:ALL").size(), 167U);
}

TEST(CertdataNewest, EveryRootIsAsTheTableSaysOnEveryDay) {
  const auto text = newest();
  if (!text) return;
  const auto data = parse_certdata(*text, "certdata.txt");
  std::map<std::string, const StoreCertificate*> roots;
  for (const auto& root : data.certificates) roots[to_hex(root.digest)] = &root;
  const auto expected = expected_roots(test::kShared / "roots.tsv", {0, 1, 2, 4, 5});
  ASSERT_EQ(roots.size(), expected.size());
  std::set<TimePoint> ends;
  for (const auto& row : expected) {
    ASSERT_TRUE(roots.contains(row.sha256));
    const auto& root = *roots[row.sha256];
    EXPECT_EQ(root.label, row.label);
    EXPECT_EQ(fmt::format("{}", root.not_after.time_since_epoch().count()), row.not_after);
    auto statements = root.statements;
    std::ranges::sort(statements, {}, [](const auto& s) { return purpose_word(s.purpose); });
    EXPECT_EQ(statements_text(statements), row.trust);
    const auto date =
        root.server_distrust_after
            ? fmt::format("{}", root.server_distrust_after->time_since_epoch().count())
            : "-";
    EXPECT_EQ(date, row.server_distrust_after.substr(0, row.server_distrust_after.find('@')));
    ends.insert(root.not_after);
  }
  // Around each end of a root, to the second.
  for (const auto end : ends) {
    for (const auto now : {end, end + std::chrono::seconds(1)}) {
      std::set<std::string> wanted;
      for (const auto& row : expected) {
        if (row.trust.find("SERVER_AUTH=TRUSTED_DELEGATOR") != std::string::npos &&
            std::stoll(row.not_after) >= now.time_since_epoch().count()) {
          wanted.insert(row.sha256);
        }
      }
      EXPECT_EQ(chosen(data, "SERVER_AUTH:TRUSTED_DELEGATOR", now), wanted) << to_rfc3339(now);
    }
  }
}

}  // namespace
}  // namespace ipm::trust
