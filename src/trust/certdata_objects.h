#pragma once
// The lexical half of certdata.txt: lines to objects, each with the attributes that matter here.
// What the objects say together is judged in certdata.cpp.
//
//   CKA_NAME TYPE VALUE            one attribute; "# …" behind the value is a comment
//   CKA_NAME MULTILINE_OCTAL       lines of \ooo up to a line END
//   CKA_CLASS CK_OBJECT_CLASS X    begins an object

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "trust/certdata.h"
#include "trust/purposes.h"

namespace ipm::trust {

struct CertdataObject {
  enum class Kind { Certificate, Trust, Other };

  Kind kind = Kind::Other;
  std::size_t line = 0;
  std::string label;
  std::string value;  // DER of the certificate
  std::string issuer;
  std::string serial;  // DER; plain octets in some very old files
  std::string sha1;
  std::string md5;
  TrustStatements statements;
  std::optional<TimePoint> server_distrust_after;
  std::optional<TimePoint> email_distrust_after;
  std::vector<std::string_view> names;  // of all its attributes
  std::vector<std::string_view> comments;
  bool has_unknown_purpose = false;

  bool has(std::string_view name) const;
};

[[noreturn]] void throw_malformed(std::string_view origin, std::size_t line,
                                  std::string_view happened, std::string_view expected,
                                  std::string mend = {});

class CertdataReader {
 public:
  CertdataReader(std::string_view text, std::string_view origin);

  // The next object; nothing at the end. Throws Error{CertdataMalformed}.
  std::optional<CertdataObject> next();

  // The line last read; behind the end, the last of the file.
  std::size_t line() const { return line_; }
  std::vector<Remark> take_remarks() { return std::move(remarks_); }

 private:
  bool read_line();  // into current_; blanks at both ends are cut off
  [[noreturn]] void fail(std::string_view happened, std::string_view expected) const;
  [[noreturn]] void fail_on_line() const;
  void remark(std::string text);
  void begin_object(CertdataObject& object, std::string_view rest);
  void add_attribute(CertdataObject& object);
  void add_trust(CertdataObject& object, std::string_view name, std::string_view rest);
  void add_distrust_date(CertdataObject& object, std::string_view name, std::string_view type,
                         std::string_view rest);
  std::string_view single_value(std::string_view rest) const;
  std::string read_string(std::string_view rest) const;
  std::string read_octal(std::string_view name);

  std::string_view text_;
  std::string origin_;
  char line_end_ = '\n';
  std::size_t at_ = 0;
  std::size_t line_ = 0;
  std::string_view current_;
  bool held_back_ = false;   // current_ begins the next object
  bool begun_ = false;       // an object has begun
  bool data_begun_ = false;  // BEGINDATA was there
  std::vector<std::string_view> comments_;
  std::vector<Remark> remarks_;
};

}  // namespace ipm::trust
