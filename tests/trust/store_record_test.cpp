#include "trust/store_record.h"

#include <gtest/gtest.h>

#include "base/files.h"
#include "base/text.h"
#include "temporary_folder.h"

namespace ipm::trust {
namespace {

using std::chrono::days;

const TimePoint kDay = *parse_rfc3339("2026-05-01T12:00:00Z");

StoreRecord record() {
  return {"https://example.com/certdata.txt", std::string(64, 'a'), to_hex(pki::sha256("bundle")),
          143, kDay};
}

TEST(StoreRecord, ReadsWhatItWrote) {
  const auto read = StoreRecord::find(record().text());
  ASSERT_TRUE(read);
  EXPECT_EQ(read->source, record().source);
  EXPECT_EQ(read->source_sha256, record().source_sha256);
  EXPECT_EQ(read->bundle_sha256, record().bundle_sha256);
  EXPECT_EQ(read->roots, 143U);
  EXPECT_EQ(read->installed, kDay);
}

TEST(StoreRecord, SpeaksOfOneFileAlone) {
  EXPECT_TRUE(record().speaks_of(pki::sha256("bundle")));
  EXPECT_FALSE(record().speaks_of(pki::sha256("bundle\n")));
}

TEST(StoreRecord, IsOldAfterAQuarter) {
  EXPECT_EQ(record().age(kDay + days(90)), days(90));
  EXPECT_FALSE(record().is_old(kDay));
  EXPECT_FALSE(record().is_old(kDay + days(90)));
  EXPECT_TRUE(record().is_old(kDay + days(91)));
  EXPECT_FALSE(record().is_old(kDay - days(400))) << "a clock that was wrong then";
}

TEST(StoreRecord, ADamagedOneIsNone) {
  const std::string whole = record().text();
  for (std::size_t size = 0; size + 3 < whole.size(); ++size) {
    EXPECT_FALSE(StoreRecord::find(whole.substr(0, size))) << size;
  }
  for (const char* text :
       {"[]", "3", "null", "{}", "{\"installed\": 3}", "{\"installed\": \"yesterday\"}", "\xff"}) {
    EXPECT_FALSE(StoreRecord::find(text)) << text;
  }
  const auto sparse =
      StoreRecord::find("{\"installed\": \"2026-05-01T12:00:00Z\", \"source\": 7, \"roots\": -1}");
  ASSERT_TRUE(sparse);
  EXPECT_EQ(sparse->source, "");
  EXPECT_EQ(sparse->roots, 0U);
  EXPECT_FALSE(sparse->speaks_of(pki::sha256("")));
}

TEST(StoreRecord, IsLookedForInTheStateFolder) {
  const test::TemporaryFolder folder;
  const auto places = ipm::places(folder.path());
  EXPECT_FALSE(find_store_record(places));
  write_file({store_record_file(places), record().text()});
  EXPECT_EQ(store_record_file(places), folder / "var/lib/ipm/trust.json");
  EXPECT_TRUE(find_store_record(places));
}

}  // namespace
}  // namespace ipm::trust
