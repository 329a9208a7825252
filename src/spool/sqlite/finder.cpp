#include "spool/sqlite/finder.h"

#include <fmt/format.h>

#include <memory>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/error.h"
#include "os/error.h"
#include "spool/sqlite/document_file.h"
#include "spool/sqlite/job_rows.h"
#include "spool/sqlite/schema.h"

namespace ipm::spool::sqlite {
namespace {

Error damaged(JobId job, std::int64_t number, std::string_view what) {
  return {Message::SpoolDamaged, fmt::format("document {} of job {} {}", number, job, what),
          "the document as it was acknowledged"};
}

}  // namespace

Finder::Finder(const sql::Options& options, const DocumentFolder& folder)
    : folder_(folder),
      database_(options),
      select_(database_.prepare(
          "SELECT d.id, d.format, d.name, d.bytes, d.file, d.sums, b.bytes"
          " FROM documents d LEFT JOIN bodies b ON b.id = d.id WHERE d.id = ?")) {}

std::optional<Finder::Row> Finder::read(JobId job, std::int64_t number) {
  const std::lock_guard guard(mutex_);
  auto rows = select_.query(document_key(job, number));
  if (!rows.next()) return std::nullopt;
  Row row;
  row.document.info = read_document(rows);
  if (!rows.is_null(4)) row.file = rows.text(4);
  if (!rows.is_null(5)) row.document.sums = rows.blob(5);
  row.document.inline_bytes = rows.blob(6);
  return row;
}

std::optional<FoundDocument> Finder::find(JobId job, std::int64_t number) {
  auto row = read(job, number);
  if (!row) return std::nullopt;
  if (!row->file) return std::move(row->document);
  if (!DocumentFolder::is_document_name(*row->file)) {
    throw damaged(job, number, "has a file whose name is not a document's");
  }
  const std::filesystem::path path = folder_.file(*row->file);
  std::error_code failure;
  os::File file = os::File::open(path, os::Intent::ReadOwn, failure);
  if (!file) {
    // It may have been removed between the two looks.
    if (failure == std::errc::no_such_file_or_directory && !read(job, number)) return std::nullopt;
    throw damaged(job, number,
                  fmt::format("cannot be opened: {}: {}", path.string(), os::text_of(failure)));
  }
  const os::Facts facts = file.facts(failure);
  if (failure || facts.bytes != row->document.info.bytes) {
    throw damaged(job, number, fmt::format("has another size: {}", path.string()));
  }
  row->document.source = std::make_unique<FileSource>(std::move(file));
  return std::move(row->document);
}

}  // namespace ipm::spool::sqlite
