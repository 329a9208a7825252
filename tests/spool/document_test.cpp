// Documents: small ones stay in memory and in their row, large ones become whole files; whatever is
// abandoned, too large or unwritable leaves nothing behind.

#include "spool/document.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>

#include "spool_fixture.h"

namespace ipm::spool::test {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class DocumentTest : public SpoolTest {};

TEST_F(DocumentTest, ASmallDocumentTouchesNoDisk) {
  options_.limits.inline_bytes_max = 1000;
  const auto spool = open();
  DocumentWriter writer = spool->new_document(1000);
  EXPECT_TRUE(writer.stays_inline(1000));
  EXPECT_FALSE(writer.stays_inline(1001));
  writer.append(std::string(600, 'a'));
  EXPECT_TRUE(writer.stays_inline(400));
  EXPECT_FALSE(writer.stays_inline(401));
  writer.append(std::string(400, 'b'));
  const StoredDocument document = writer.finish();
  EXPECT_TRUE(document.is_inline());
  EXPECT_EQ(document.bytes(), 1000U);
  EXPECT_EQ(document.inline_bytes(), std::string(600, 'a') + std::string(400, 'b'));
  EXPECT_THAT(files(), IsEmpty());
}

TEST_F(DocumentTest, OneByteMoreIsAWholePrivateFile) {
  options_.limits.inline_bytes_max = 1000;
  const auto spool = open();
  DocumentWriter writer = spool->new_document();
  writer.append(std::string(1000, 'a'));
  writer.append("b");
  ASSERT_THAT(files(), SizeIs(1));
  EXPECT_THAT(files()[0], HasSubstr(".part"));
  const StoredDocument document = writer.finish();
  EXPECT_FALSE(document.is_inline());
  EXPECT_EQ(document.bytes(), 1001U);
  ASSERT_THAT(files(), SizeIs(1));
  EXPECT_THAT(files()[0], ::testing::Not(HasSubstr(".part")));
  struct stat status{};
  ASSERT_EQ(::stat((options_.documents / files()[0]).c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0600U);
  EXPECT_EQ(status.st_size, 1001);
  ASSERT_EQ(::stat(options_.documents.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0700U);
}

TEST_F(DocumentTest, PiecesOfAnySizeComeOutAsTheyWentIn) {
  const auto spool = open();
  for (const std::size_t piece : {1UL, 7UL, 4095UL, 65536UL, 262144UL, 700000UL}) {
    const std::size_t bytes = piece == 1 ? 70'000 : 1'000'003;
    const JobId id = spool->next_job_id();
    const std::string body = body_of(id, 1, bytes);
    DocumentWriter writer = spool->new_document();
    for (std::size_t at = 0; at < bytes; at += piece) {
      writer.append(std::string_view(body).substr(at, piece));
    }
    EXPECT_EQ(writer.bytes(), bytes);
    NewDocument document;
    document.document = writer.finish();
    ASSERT_FALSE(submit(*spool, job_of(id), one(std::move(document))));
    EXPECT_TRUE(find_body(*spool, id) == body) << piece;
  }
}

// Far enough that pieces go past the page cache where they can: aligned ones, those that begin in
// the middle of a block, and those that end there.
TEST_F(DocumentTest, ALargeDocumentComesOutAsItWentInHoweverItsPiecesLie) {
  struct alignas(kDocumentAlignment) Piece {
    std::array<char, kDocumentPieceBytes> bytes;
  };
  const auto piece = std::make_unique_for_overwrite<Piece>();
  const auto spool = open();
  const JobId id = spool->next_job_id();
  constexpr std::size_t kBytes = (22U << 20U) + 12'345;
  const std::string body = body_of(id, 1, kBytes);
  DocumentWriter writer = spool->new_document();
  std::size_t at = 0;
  const auto append = [&](std::size_t size, std::size_t from) {
    size = std::min({size, kBytes - at, piece->bytes.size() - from});
    body.copy(piece->bytes.data() + from, size, at);
    writer.append(std::string_view(piece->bytes.data() + from, size));
    at += size;
  };
  while (at < (12U << 20U)) append(kDocumentPieceBytes, 0);
  append(kDocumentPieceBytes - 1, 0);  // ends within a block
  append(kDocumentPieceBytes, 0);      // begins there
  append(300'000, 8);                  // and lies askew in memory
  append(kDocumentAlignment - at % kDocumentAlignment, 0);
  while (at < kBytes) append(kDocumentPieceBytes, 0);
  NewDocument document;
  document.document = writer.finish();
  EXPECT_EQ(document.document.bytes(), kBytes);
  ASSERT_FALSE(submit(*spool, job_of(id), one(std::move(document))));
  EXPECT_TRUE(find_body(*spool, id) == body);
}

TEST_F(DocumentTest, AnEmptyDocumentIsADocument) {
  const auto spool = open();
  const JobId id = submitted(*spool, 0);
  EXPECT_EQ(find_body(*spool, id), "");
}

TEST_F(DocumentTest, AnAbandonedWriterRemovesItsFile) {
  const auto spool = open();
  {
    DocumentWriter writer = spool->new_document();
    writer.append(std::string(100'000, 'a'));
    const DocumentWriter moved = std::move(writer);
    EXPECT_THAT(files(), SizeIs(1));
  }
  EXPECT_THAT(files(), IsEmpty());
}

TEST_F(DocumentTest, AWholeDocumentThatIsNeverSubmittedRemovesItsFile) {
  const auto spool = open();
  {
    DocumentWriter writer = spool->new_document();
    writer.append(std::string(100'000, 'a'));
    StoredDocument first = writer.finish();
    StoredDocument second = std::move(first);
    EXPECT_THAT(files(), SizeIs(1));
    second = StoredDocument();
    EXPECT_THAT(files(), IsEmpty());
  }
  EXPECT_THAT(files(), IsEmpty());
}

TEST_F(DocumentTest, AnUnwritableFolderIsReportedWithTheMend) {
  const auto spool = open();
  std::filesystem::remove(options_.documents);
  DocumentWriter writer = spool->new_document();
  const Error error = error_of([&] { writer.append(std::string(100'000, 'a')); });
  EXPECT_EQ(error.message(), Message::SpoolWriteFailed);
  EXPECT_THAT(error.mend(), HasSubstr("df -h"));
}

TEST_F(DocumentTest, AFileThatShrankOrVanishedIsDamageNotAnEnd) {
  const auto spool = open();
  const JobId id = submitted(*spool, 300'000);
  const auto path = options_.documents / files().at(0);
  auto reader = spool->find_document(id, 1);
  std::filesystem::resize_file(path, 70'000);
  std::string space(kPieceBytes, '\0');
  EXPECT_EQ(reader->read(space), kPieceBytes);
  const Error shrank = error_of([&] { static_cast<void>(reader->read(space)); });
  EXPECT_EQ(shrank.message(), Message::SpoolDamaged);
  EXPECT_THAT(shrank.happened(), HasSubstr("ends after 70000 of 300000"));
  EXPECT_EQ(error_of([&] { static_cast<void>(spool->find_document(id, 1)); }).message(),
            Message::SpoolDamaged);
  std::filesystem::remove(path);
  EXPECT_EQ(error_of([&] { static_cast<void>(spool->find_document(id, 1)); }).message(),
            Message::SpoolDamaged);
}

}  // namespace
}  // namespace ipm::spool::test
