#pragma once
// A prepared statement and the rows it yields, over SQLite's C API. Failures are thrown as Error,
// with the message that the database's owner chose for their kind (see database.h).

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

struct sqlite3_stmt;

namespace ipm::sql {

class Database;

// Marks bytes that are not text.
struct Blob {
  std::string_view bytes;
};

// Steps through a result. While it lives, its statement must not be used otherwise; when it goes,
// the statement is ready for its next use. Columns count from 0 and are valid until the next
// next().
class Rows {
 public:
  Rows(const Database& database, sqlite3_stmt* statement)
      : database_(&database), statement_(statement) {}
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;
  Rows(Rows&& other) noexcept;
  Rows& operator=(Rows&&) = delete;
  ~Rows();

  bool next();

  std::int64_t integer(int column) const;   // 0 for NULL
  std::string_view text(int column) const;  // empty for NULL; may hold any bytes, NUL too
  std::string_view blob(int column) const;  // likewise
  bool is_null(int column) const;
  std::optional<std::int64_t> find_integer(int column) const;

 private:
  const Database* database_;
  sqlite3_stmt* statement_;
};

// Prepared once, used often. Belongs to one thread at a time, as its Database does; goes before it.
//
//   auto insert = database.prepare("INSERT INTO issued(serial, certificate) VALUES(?, ?)");
//   insert.run(serial, Blob{der});
//   auto rows = select.query(serial);
//   while (rows.next()) use(rows.text(0));
class Statement {
 public:
  Statement(const Database& database, sqlite3_stmt* statement);
  Statement(Statement&&) noexcept = default;
  Statement& operator=(Statement&&) noexcept = default;

  // Binds the values in order and runs to the end. Text and blobs are not copied.
  template <typename... Values>
  void run(const Values&... values) {
    bind_all(false, values...);
    finish();
  }

  // Binds copies of the values; the rows come one by one.
  template <typename... Values>
  Rows query(const Values&... values) {
    bind_all(true, values...);
    return Rows(*database_, statement_.get());
  }

 private:
  struct Finalizer {
    void operator()(sqlite3_stmt* statement) const;
  };

  template <typename... Values>
  void bind_all(bool copy, const Values&... values) {
    int index = 0;
    (bind(++index, values, copy), ...);
    check_count(index);
  }

  template <typename Value>
  void bind(int index, const Value& value, bool copy) {
    if constexpr (std::is_same_v<Value, Blob>) {
      bind_blob(index, value.bytes, copy);
    } else if constexpr (std::is_enum_v<Value>) {
      bind_integer(index, static_cast<std::int64_t>(value));
    } else if constexpr (std::is_integral_v<Value>) {
      bind_integer(index, static_cast<std::int64_t>(value));
    } else if constexpr (std::is_same_v<Value, std::nullopt_t>) {
      bind_null(index);
    } else if constexpr (requires { value.has_value(); }) {
      if (value.has_value()) {
        bind(index, *value, copy);
      } else {
        bind_null(index);
      }
    } else {
      bind_text(index, std::string_view(value), copy);
    }
  }

  void bind_integer(int index, std::int64_t value);
  void bind_text(int index, std::string_view value, bool copy);
  void bind_blob(int index, std::string_view value, bool copy);
  void bind_null(int index);
  void check_count(int bound) const;  // A count that does not fit is a mistake of ours.
  void finish();

  const Database* database_;
  std::unique_ptr<sqlite3_stmt, Finalizer> statement_;
};

}  // namespace ipm::sql
