#include "sql/statement.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <utility>

#include "sql/database.h"

namespace ipm::sql {
namespace {

// SQLite takes a null pointer for NULL, also where an empty value is meant.
const char* start_of(std::string_view bytes) {
  return bytes.empty() ? "" : bytes.data();
}

sqlite3_destructor_type lifetime(bool copy) {
  return copy ? SQLITE_TRANSIENT : SQLITE_STATIC;
}

std::size_t size_of(sqlite3_stmt* statement, int column) {
  return static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
}

}  // namespace

Rows::Rows(Rows&& other) noexcept
    : database_(other.database_), statement_(std::exchange(other.statement_, nullptr)) {}

Rows::~Rows() {
  if (statement_ != nullptr) sqlite3_reset(statement_);
}

bool Rows::next() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) database_->fail(code, "reading");
  return false;
}

std::int64_t Rows::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

std::string_view Rows::text(int column) const {
  const auto* text = sqlite3_column_text(statement_, column);
  if (text == nullptr) return {};
  return {reinterpret_cast<const char*>(text), size_of(statement_, column)};
}

std::string_view Rows::blob(int column) const {
  const auto* bytes = sqlite3_column_blob(statement_, column);
  if (bytes == nullptr) return {};
  return {static_cast<const char*>(bytes), size_of(statement_, column)};
}

bool Rows::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

std::optional<std::int64_t> Rows::find_integer(int column) const {
  if (is_null(column)) return std::nullopt;
  return integer(column);
}

Statement::Statement(const Database& database, sqlite3_stmt* statement)
    : database_(&database), statement_(statement) {}

void Statement::Finalizer::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

void Statement::bind_integer(int index, std::int64_t value) {
  const int code = sqlite3_bind_int64(statement_.get(), index, value);
  if (code != SQLITE_OK) database_->fail(code, "binding a number");
}

void Statement::bind_text(int index, std::string_view value, bool copy) {
  const int code = sqlite3_bind_text64(statement_.get(), index, start_of(value), value.size(),
                                       lifetime(copy), SQLITE_UTF8);
  if (code != SQLITE_OK) database_->fail(code, "binding a text");
}

void Statement::bind_blob(int index, std::string_view value, bool copy) {
  const int code =
      sqlite3_bind_blob64(statement_.get(), index, start_of(value), value.size(), lifetime(copy));
  if (code != SQLITE_OK) database_->fail(code, "binding bytes");
}

void Statement::bind_null(int index) {
  const int code = sqlite3_bind_null(statement_.get(), index);
  if (code != SQLITE_OK) database_->fail(code, "binding nothing");
}

void Statement::check_count(int bound) const {
  const int wanted = sqlite3_bind_parameter_count(statement_.get());
  if (bound == wanted) return;
  throw Error(Message::Unexpected,
              fmt::format("{} values for {}", bound, sqlite3_sql(statement_.get())),
              fmt::format("{} values", wanted));
}

void Statement::finish() {
  int code = SQLITE_ROW;
  while (code == SQLITE_ROW) code = sqlite3_step(statement_.get());
  sqlite3_reset(statement_.get());
  if (code != SQLITE_DONE) database_->fail(code, "writing");
}

}  // namespace ipm::sql
