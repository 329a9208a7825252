#include "trust/certdata_objects.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/error.h"
#include "base/text.h"

namespace ipm::trust {
namespace {

constexpr std::size_t kAttributesMax = 64;  // of one object; Mozilla's have up to 14
constexpr std::size_t kCommentsMax = 1000;  // of one object
constexpr std::size_t kLabelBytesMax = 4096;
constexpr std::string_view kBlanks = " \t\f\v\r";

constexpr std::array<std::string_view, 3> kTrustClasses = {"CKO_NSS_TRUST", "CKO_NETSCAPE_TRUST",
                                                           "CKO_TRUST"};
constexpr std::array<std::string_view, 5> kOtherClasses = {
    "CKO_NSS_BUILTIN_ROOT_LIST", "CKO_NETSCAPE_BUILTIN_ROOT_LIST", "CKO_NSS_CRL",
    "CKO_NETSCAPE_CRL", "CKO_DATA"};

// Cuts the first word off `rest`, and the blanks behind it.
std::string_view take_word(std::string_view& rest) {
  const auto end = std::min(rest.find_first_of(kBlanks), rest.size());
  const auto word = rest.substr(0, end);
  rest.remove_prefix(end);
  rest.remove_prefix(std::min(rest.find_first_not_of(kBlanks), rest.size()));
  return word;
}

bool is_nothing(std::string_view rest) {
  return rest.empty() || rest.front() == '#';
}

int octal_digit(char c) {
  return c >= '0' && c <= '7' ? c - '0' : -1;
}

// A date as ASN.1 writes it: YYMMDDHHMMSSZ (RFC 5280, 4.1.2.5.1: 50 means 1950), or with four
// digits for the year.
std::optional<TimePoint> parse_asn1_time(std::string_view text) {
  constexpr std::size_t kShort = 13;
  constexpr std::size_t kLong = 15;
  if (text.size() != kShort && text.size() != kLong) return std::nullopt;
  if (!std::all_of(text.begin(), text.end() - 1, [](char c) { return c >= '0' && c <= '9'; })) {
    return std::nullopt;
  }
  std::string year(text.substr(0, text.size() - (kShort - 2)));
  if (year.size() == 2) year.insert(0, year >= "50" ? "19" : "20");
  const auto rest = text.substr(text.size() - (kShort - 2));
  return parse_rfc3339(fmt::format("{}-{}-{}T{}:{}:{}{}", year, rest.substr(0, 2),
                                   rest.substr(2, 2), rest.substr(4, 2), rest.substr(6, 2),
                                   rest.substr(8, 2), rest.substr(10)));
}

// Which of the object's texts an attribute fills, if any.
std::string* octal_target(CertdataObject& object, std::string_view name) {
  if (name == "CKA_VALUE") return &object.value;
  if (name == "CKA_ISSUER") return &object.issuer;
  if (name == "CKA_SERIAL_NUMBER") return &object.serial;
  if (name == "CKA_CERT_SHA1_HASH") return &object.sha1;
  if (name == "CKA_CERT_MD5_HASH") return &object.md5;
  return nullptr;
}

bool is_hexadecimal(std::string_view text) {
  return parse_hex(text).has_value();
}

}  // namespace

bool CertdataObject::has(std::string_view name) const {
  return std::ranges::find(names, name) != names.end();
}

void throw_malformed(std::string_view origin, std::size_t line, std::string_view happened,
                     std::string_view expected, std::string mend) {
  throw Error(Message::CertdataMalformed, fmt::format("{}, line {}: {}", origin, line, happened),
              std::string(expected), std::move(mend));
}

CertdataReader::CertdataReader(std::string_view text, std::string_view origin)
    : text_(text), origin_(origin) {
  static constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text_.starts_with(kByteOrderMark)) text_.remove_prefix(kByteOrderMark.size());
  const auto end = text_.find('\n');
  if (end == std::string_view::npos && text_.find('\r') != std::string_view::npos) {
    line_end_ = '\r';  // as the classic Mac wrote text
  }
  if (line_end_ == '\r' || (end != std::string_view::npos && end > 0 && text_[end - 1] == '\r')) {
    remarks_.push_back(
        {1, "the lines end in CR, as other systems write them; they are read alike"});
  }
}

void CertdataReader::fail(std::string_view happened, std::string_view expected) const {
  throw_malformed(origin_, line_, happened, expected);
}

void CertdataReader::fail_on_line() const {
  const std::string happened =
      fmt::format("\"{}\" is no line of a certdata.txt", printable(current_, 60));
  const auto lower = to_lower_ascii(current_.substr(0, 100));
  if (lower.starts_with("<!doctype") || lower.starts_with("<html")) {
    throw_malformed(origin_, line_, "this is a web page", "Mozilla's certdata.txt",
                    "fetch the raw file: ipm trust update");
  }
  if (current_.starts_with("-----BEGIN ")) {
    throw_malformed(origin_, line_, "this is PEM already", "Mozilla's certdata.txt",
                    "ipm trust install takes PEM");
  }
  fail(happened, "an attribute, such as CKA_CLASS CK_OBJECT_CLASS CKO_CERTIFICATE");
}

void CertdataReader::remark(std::string text) {
  if (remarks_.size() < kCertdataRemarksMax) remarks_.push_back({line_, std::move(text)});
}

bool CertdataReader::read_line() {
  if (at_ >= text_.size()) return false;
  const auto end = std::min(text_.find(line_end_, at_), text_.size());
  current_ = text_.substr(at_, end - at_);
  at_ = end + 1;
  ++line_;
  current_.remove_prefix(std::min(current_.find_first_not_of(kBlanks), current_.size()));
  current_ = current_.substr(0, current_.find_last_not_of(kBlanks) + 1);
  return true;
}

std::optional<CertdataObject> CertdataReader::next() {
  std::optional<CertdataObject> object;
  while (std::exchange(held_back_, false) || read_line()) {
    if (current_.empty()) {
      comments_.clear();
      continue;
    }
    if (current_.front() == '#') {
      if (current_.size() > 1 && comments_.size() < kCommentsMax) comments_.push_back(current_);
      continue;
    }
    if (!begun_ && current_.starts_with("CVS_ID")) continue;
    if (current_ == "BEGINDATA") {
      if (std::exchange(data_begun_, true) || begun_) {
        fail("BEGINDATA stands behind data", "one file, whole");
      }
      continue;
    }
    if (!current_.starts_with("CKA_")) fail_on_line();
    auto rest = current_;
    if (take_word(rest) == "CKA_CLASS") {
      if (object) {
        held_back_ = true;
        return object;
      }
      begin_object(object.emplace(), rest);
      continue;
    }
    if (!object) fail("an attribute stands before the first CKA_CLASS", "CKA_CLASS first");
    if (object->comments.size() < kCommentsMax) {
      object->comments.insert(object->comments.end(), comments_.begin(), comments_.end());
    }
    comments_.clear();
    add_attribute(*object);
  }
  return object;
}

void CertdataReader::begin_object(CertdataObject& object, std::string_view rest) {
  begun_ = true;
  object.line = line_;
  object.comments = std::exchange(comments_, {});
  object.names.emplace_back("CKA_CLASS");
  if (take_word(rest) != "CK_OBJECT_CLASS") {
    fail("CKA_CLASS without its type", "CKA_CLASS CK_OBJECT_CLASS and a class");
  }
  const auto word = single_value(rest);
  if (word == "CKO_CERTIFICATE") {
    object.kind = CertdataObject::Kind::Certificate;
  } else if (std::ranges::find(kTrustClasses, word) != kTrustClasses.end()) {
    object.kind = CertdataObject::Kind::Trust;
  } else if (std::ranges::find(kOtherClasses, word) == kOtherClasses.end()) {
    fail(fmt::format("the class {} is not known", printable(word, 60)),
         "CKO_CERTIFICATE, CKO_NSS_TRUST or CKO_NETSCAPE_TRUST");
  }
}

void CertdataReader::add_attribute(CertdataObject& object) {
  auto rest = current_;
  const auto name = take_word(rest);
  const auto type = take_word(rest);
  if (type.empty()) fail("an attribute without type and value", "CKA_NAME TYPE VALUE");
  if (object.has(name)) {
    fail(fmt::format("{} stands twice in the object of line {}", printable(name, 60), object.line),
         "each attribute once, and CKA_CLASS before each object");
  }
  if (object.names.size() == kAttributesMax) {
    fail(fmt::format("more than {} attributes in one object", kAttributesMax), "fewer");
  }
  object.names.push_back(name);
  if (name.ends_with("_DISTRUST_AFTER")) return add_distrust_date(object, name, type, rest);
  std::string* const target = octal_target(object, name);
  if (type == "MULTILINE_OCTAL") {
    if (!is_nothing(rest)) fail("something stands behind MULTILINE_OCTAL", "the end of the line");
    std::string bytes = read_octal(name);
    if (target != nullptr) *target = std::move(bytes);
  } else if (target != nullptr) {
    fail(fmt::format("{} is no MULTILINE_OCTAL", name), "octal digits");
  } else if (type == "UTF8" || type == "ASCII7") {
    std::string text = read_string(rest);
    if (name == "CKA_LABEL") object.label = std::move(text);
  } else if (type == "CK_TRUST") {
    add_trust(object, name, rest);
  } else {
    const auto value = single_value(rest);
    if (type == "CK_BBOOL" && value != "CK_TRUE" && value != "CK_FALSE") {
      fail(fmt::format("{} is no CK_BBOOL", printable(value, 60)), "CK_TRUE or CK_FALSE");
    }
    if (name == "CKA_CERTIFICATE_TYPE" && value != "CKC_X_509") {
      fail(fmt::format("a certificate of the type {}", printable(value, 60)), "CKC_X_509");
    }
  }
}

void CertdataReader::add_trust(CertdataObject& object, std::string_view name,
                               std::string_view rest) {
  static constexpr std::string_view kPrefix = "CKA_TRUST_";
  if (object.kind != CertdataObject::Kind::Trust) {
    fail(fmt::format("{} in an object that is no trust object", printable(name, 60)),
         "CKO_NSS_TRUST or CKO_NETSCAPE_TRUST as its class");
  }
  const auto purpose =
      name.starts_with(kPrefix) ? find_purpose(name.substr(kPrefix.size())) : std::nullopt;
  // Two levels may stand together: CKT_NSS_TRUSTED|CKT_NSS_TRUSTED_DELEGATOR.
  for (const auto value : split(single_value(rest), '|')) {
    const auto level = find_level_value(value);
    if (!level) {
      fail(fmt::format("{} is no trust level", printable(value, 60)),
           "CKT_NSS_TRUSTED_DELEGATOR, CKT_NSS_MUST_VERIFY_TRUST or CKT_NSS_NOT_TRUSTED");
    }
    if (purpose) object.statements.push_back({*purpose, *level});
  }
  if (!purpose) {
    object.has_unknown_purpose = true;
    remark(fmt::format("the purpose {} is not known; it is passed over", printable(name, 60)));
  }
}

void CertdataReader::add_distrust_date(CertdataObject& object, std::string_view name,
                                       std::string_view type, std::string_view rest) {
  const bool server = name.ends_with("_SERVER_DISTRUST_AFTER");
  auto& date = server ? object.server_distrust_after : object.email_distrust_after;
  const std::size_t line = line_;
  if (type == "CK_BBOOL") {
    if (single_value(rest) != "CK_FALSE") fail("a distrust date that is no date", "CK_FALSE");
    return;
  }
  if (type != "MULTILINE_OCTAL" || !is_nothing(rest)) {
    fail("a distrust date that is no date", "MULTILINE_OCTAL, or CK_BBOOL CK_FALSE");
  }
  const auto read = parse_asn1_time(read_octal(name));
  if (!read) {
    throw_malformed(origin_, line, fmt::format("{} holds no date", name), "YYMMDDHHMMSSZ in octal");
  }
  if (!server && !name.ends_with("_EMAIL_DISTRUST_AFTER")) {
    remark(fmt::format("the date {} is not known; it is passed over", printable(name, 60)));
    return;
  }
  date = read;
}

std::string_view CertdataReader::single_value(std::string_view rest) const {
  const auto value = take_word(rest);
  if (value.empty() || value.front() == '#') fail("a value is missing", "CKA_NAME TYPE VALUE");
  if (!is_nothing(rest)) {
    fail(fmt::format("\"{}\" stands behind the value", printable(rest, 60)),
         "one value, perhaps a comment");
  }
  return value;
}

// "text" with C's escapes as NSS's own generator reads them; a quote inside that is not escaped
// stands for itself.
std::string CertdataReader::read_string(std::string_view rest) const {
  if (rest.size() > kLabelBytesMax) {
    fail(fmt::format("a text of more than {} bytes", kLabelBytesMax), "a label");
  }
  if (!rest.starts_with('"')) return std::string(single_value(rest));
  rest.remove_prefix(1);
  std::string text;
  while (!rest.empty()) {
    const char c = rest.front();
    if (c == '"') {
      const auto behind = trim(rest.substr(1));
      if (is_nothing(behind)) return text;
    }
    if (c != '\\') {
      text += c;
      rest.remove_prefix(1);
      continue;
    }
    rest.remove_prefix(1);
    if (rest.starts_with('x') && rest.size() >= 3 && is_hexadecimal(rest.substr(1, 2))) {
      text += static_cast<char>(parse_hex(rest.substr(1, 2))->front());
      rest.remove_prefix(3);
    } else if (rest.starts_with('"') || rest.starts_with('\\') || rest.starts_with('\'')) {
      text += rest.front();
      rest.remove_prefix(1);
    } else {
      fail(fmt::format("the escape \\{} is not understood", printable(rest.substr(0, 3))),
           "\\xNN with two hexadecimal digits, \\\\ or \\\"");
    }
  }
  fail("a text without its closing quote", "\"text\"");
}

std::string CertdataReader::read_octal(std::string_view name) {
  const std::size_t begin = line_;
  std::string bytes;
  while (read_line()) {
    if (current_ == "END") {
      if (bytes.empty()) fail(fmt::format("{} is empty", name), "octal digits");
      return bytes;
    }
    if (current_.starts_with("CKA_") || current_.empty()) {
      fail(fmt::format("{} of line {} has no END", name, begin), "END behind the octal digits");
    }
    auto digits = current_;
    while (!digits.empty()) {
      const bool whole = digits.size() >= 4 && digits[0] == '\\';
      const int high = whole ? octal_digit(digits[1]) : -1;
      const int middle = whole ? octal_digit(digits[2]) : -1;
      const int low = whole ? octal_digit(digits[3]) : -1;
      if (high < 0 || high > 3 || middle < 0 || low < 0) {
        fail(fmt::format("\"{}\" is no octal byte ({} of line {})", printable(digits.substr(0, 4)),
                         name, begin),
             "\\ooo, from \\000 to \\377, and END behind the last");
      }
      bytes += static_cast<char>(high * 64 + middle * 8 + low);
      digits.remove_prefix(4);
    }
    if (bytes.size() > kCertdataValueBytesMax) {
      fail(fmt::format("{} of line {} has more than {} bytes", name, begin, kCertdataValueBytesMax),
           "a certificate");
    }
  }
  fail(fmt::format("the file ends inside {} of line {}", name, begin), "the whole file");
}

}  // namespace ipm::trust
