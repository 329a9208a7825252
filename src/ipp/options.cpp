#include "ipp/options.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "ipp/attribute_types.h"
#include "ipp/limits.h"

namespace ipm::ipp {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

[[noreturn]] void refuse(std::string_view happened, std::string_view expected) {
  throw Error(ipm::Message::UsageWrong, std::string(happened), std::string(expected),
              "ipm print --help shows how options are written.");
}

bool is_digits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<std::int32_t> read_integer(std::string_view text) {
  std::int32_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// "4", "1-4", "3-" (to the end), "-4" (from the first).
std::optional<Range> read_range(std::string_view text) {
  const auto dash = text.find('-');
  const std::string_view low = text.substr(0, dash);
  const std::string_view high = dash == std::string_view::npos ? low : text.substr(dash + 1);
  if (low.empty() && high.empty()) return std::nullopt;
  if ((!low.empty() && !is_digits(low)) || (!high.empty() && !is_digits(high))) return std::nullopt;
  const auto lower = low.empty() ? std::optional(1) : read_integer(low);
  const auto upper =
      high.empty() ? std::optional(std::numeric_limits<std::int32_t>::max()) : read_integer(high);
  if (!lower || !upper || *lower > *upper) return std::nullopt;
  return Range{*lower, *upper};
}

// "600dpi", "600x300dpi", "240dpcm".
std::optional<Resolution> read_resolution(std::string_view text) {
  const bool metric = text.ends_with("dpcm");
  if (!metric && !text.ends_with("dpi")) return std::nullopt;
  text.remove_suffix(metric ? 4 : 3);
  const auto cross = text.find('x');
  const std::string_view across = text.substr(0, cross);
  const std::string_view along = cross == std::string_view::npos ? across : text.substr(cross + 1);
  if (!is_digits(across) || !is_digits(along)) return std::nullopt;
  const auto cross_feed = read_integer(across);
  const auto feed = read_integer(along);
  if (!cross_feed || !feed || *cross_feed == 0 || *feed == 0) return std::nullopt;
  return Resolution{*cross_feed, *feed,
                    metric ? Resolution::DotsPerCentimetre : Resolution::DotsPerInch};
}

std::optional<bool> read_boolean(std::string_view text) {
  for (const std::string_view yes : {"true", "yes", "on"}) {
    if (text == yes) return true;
  }
  for (const std::string_view no : {"false", "no", "off"}) {
    if (text == no) return false;
  }
  return std::nullopt;
}

bool is_keyword(std::string_view text) {
  return !text.empty() && text.size() <= kKeywordBytesMax &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_' || c == '.';
         });
}

std::size_t string_bytes_max(Tag tag) {
  switch (tag) {
    case Tag::Name:
      return kNameValueBytesMax;
    case Tag::Keyword:
      return kKeywordBytesMax;
    case Tag::MimeMediaType:
      return kMimeMediaTypeBytesMax;
    case Tag::Charset:
      return kCharsetBytesMax;
    case Tag::NaturalLanguage:
      return kNaturalLanguageBytesMax;
    default:
      return kTextBytesMax;
  }
}

// What an attribute of that type takes, for the person who wrote something else.
std::string_view what_fits(Tag tag) {
  switch (tag) {
    case Tag::Integer:
      return "a whole number";
    case Tag::Enum:
      return "a number, or one of its names (print-quality: draft, normal, high)";
    case Tag::Boolean:
      return "true or false";
    case Tag::Range:
      return "ranges such as 1-4,7";
    case Tag::Resolution:
      return "a resolution such as 600dpi or 600x300dpi";
    case Tag::DateTime:
      return "a time such as 2029-05-21T10:33:41Z";
    case Tag::Collection:
      return "a collection such as {media-type=stationery}";
    case Tag::Keyword:
      return "a keyword: letters, digits and \"-_.\", at most 255";
    default:
      return "a text in UTF-8, not longer than its type allows";
  }
}

std::optional<Value> known_value(const AttributeType& type, const std::string& text) {
  switch (type.tag) {
    case Tag::Integer:
      if (const auto number = read_integer(text)) return Value::integer(*number);
      return std::nullopt;
    case Tag::Enum: {
      const auto number = find_enum(type.name, text);
      const auto value = number ? number : read_integer(text);
      return value ? std::optional(Value::integer(*value, Tag::Enum)) : std::nullopt;
    }
    case Tag::Boolean:
      if (const auto boolean = read_boolean(text)) return Value::boolean(*boolean);
      return std::nullopt;
    case Tag::Range:
      if (const auto range = read_range(text)) return Value::range(range->lower, range->upper);
      return std::nullopt;
    case Tag::Resolution:
      if (const auto resolution = read_resolution(text)) return Value::resolution(*resolution);
      return std::nullopt;
    case Tag::DateTime:
      if (const auto time = parse_rfc3339(text)) return Value::date_time(DateTime::from(*time));
      return std::nullopt;
    case Tag::Collection:
      return std::nullopt;
    default:
      break;
  }
  Tag tag = type.tag;
  if (tag == Tag::Keyword && !is_keyword(text)) {
    if (!type.name_too || text.empty()) return std::nullopt;
    tag = Tag::Name;
  }
  if (text.size() > string_bytes_max(tag) || !is_utf8(text)) return std::nullopt;
  return Value::string(tag, text);
}

std::optional<Value> guessed_value(const std::string& text, bool quoted) {
  if (!is_utf8(text) || text.size() > kTextBytesMax) return std::nullopt;
  if (!quoted) {
    if (const auto number = read_integer(text)) return Value::integer(*number);
    if (text == "true" || text == "false") return Value::boolean(text == "true");
    const auto dash = text.find('-');
    if (dash != std::string::npos && is_digits(text.substr(0, dash)) &&
        is_digits(text.substr(dash + 1))) {
      if (const auto range = read_range(text)) return Value::range(range->lower, range->upper);
    }
    if (const auto resolution = read_resolution(text)) return Value::resolution(*resolution);
    if (is_keyword(text)) return Value::string(Tag::Keyword, text);
  }
  return Value::string(text.size() > kNameValueBytesMax ? Tag::Text : Tag::Name, text);
}

// Walks over one or several options.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {
    if (text.size() > kOptionBytesMax) {
      refuse("an option is too long", fmt::format("at most {} bytes", kOptionBytesMax));
    }
  }

  // name, or name=value; `stops` end an unquoted value.
  Attribute read_option(std::string_view stops, std::size_t depth) {
    const auto end = std::min(rest_.find_first_of(" \t\r\n=}"), rest_.size());
    const std::string_view name = rest_.substr(0, end);
    if (!is_keyword(name)) {
      refuse(fmt::format("\"{}\" does not begin with an attribute's name", printable(rest_, 64)),
             "name=value, the name of letters, digits and \"-_.\"");
    }
    rest_.remove_prefix(end);
    const AttributeType* type = find_attribute_type(name);
    Attribute attribute{std::string(name), {}};
    if (!rest_.starts_with('=')) {
      attribute.values.push_back(bare_value(attribute.name, type));
      return attribute;
    }
    const bool splits = !type || type->set;
    const std::string with_comma = std::string(stops) + ",";
    do {
      rest_.remove_prefix(1);  // "=" or ","
      attribute.values.push_back(
          read_value(attribute.name, type, splits ? with_comma : stops, depth));
    } while (splits && rest_.starts_with(','));
    return attribute;
  }

  AttributeList read_options(std::string_view stops, std::size_t depth) {
    AttributeList list;
    for (;;) {
      skip_blanks();
      if (rest_.empty() || rest_.front() == '}') return list;
      Attribute attribute = read_option(stops, depth);
      if (!rest_.empty() &&
          std::string_view(" \t\r\n}").find(rest_.front()) == std::string_view::npos) {
        refuse(fmt::format("\"{}\" follows the value of {}", printable(rest_, 64), attribute.name),
               "a blank between options");
      }
      list.remove(attribute.name);
      list.add(std::move(attribute));
    }
  }

  std::string_view rest() const { return rest_; }

 private:
  void skip_blanks() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(kBlanks), rest_.size()));
  }

  static Value bare_value(const std::string& name, const AttributeType* type) {
    if (type && type->tag != Tag::Boolean)
      refuse(fmt::format("{} has no value", name), what_fits(type->tag));
    return Value::boolean(true);
  }

  Value read_value(const std::string& name, const AttributeType* type, std::string_view stops,
                   std::size_t depth) {
    if (rest_.starts_with('{') && (!type || type->tag == Tag::Collection))
      return read_collection(name, depth);
    const auto [text, quoted] = read_text(stops);
    auto value = type ? known_value(*type, text) : guessed_value(text, quoted);
    if (value) return std::move(*value);
    refuse(fmt::format("{} cannot be \"{}\"", name, printable(text, 64)),
           what_fits(type ? type->tag : Tag::Text));
  }

  Value read_collection(const std::string& name, std::size_t depth) {
    if (depth == kCollectionDepthMax) {
      refuse(fmt::format("{} nests collections too deep", name),
             fmt::format("at most {} levels", kCollectionDepthMax));
    }
    rest_.remove_prefix(1);
    Collection members = read_options(" \t\r\n}", depth + 1);
    if (!rest_.starts_with('}'))
      refuse(fmt::format("{} has a collection that does not end", name), "a closing }");
    rest_.remove_prefix(1);
    return Value::collection(std::move(members));
  }

  // Up to an unquoted stop; whether any of it was quoted.
  std::pair<std::string, bool> read_text(std::string_view stops) {
    std::string text;
    bool quoted = false;
    char quote = '\0';
    while (!rest_.empty()) {
      const char c = rest_.front();
      if (quote == '\0' && stops.find(c) != std::string_view::npos) break;
      rest_.remove_prefix(1);
      if (c == '\\' && !rest_.empty()) {
        text += rest_.front();
        rest_.remove_prefix(1);
      } else if (quote == '\0' && (c == '\'' || c == '"')) {
        quote = c;
        quoted = true;
      } else if (c == quote && quote != '\0') {
        quote = '\0';
      } else {
        text += c;
      }
    }
    if (quote != '\0')
      refuse("an option has a quote that does not end", fmt::format("a closing {}", quote));
    return {std::move(text), quoted};
  }

  std::string_view rest_;
};

}  // namespace

Attribute parse_option(std::string_view option) {
  Reader reader(option);
  Attribute attribute = reader.read_option({}, 0);
  if (!reader.rest().empty()) {
    refuse(
        fmt::format("\"{}\" follows the option {}", printable(reader.rest(), 64), attribute.name),
        "one option: name=value");
  }
  return attribute;
}

AttributeList parse_options(std::string_view options) {
  Reader reader(options);
  AttributeList list = reader.read_options(kBlanks, 0);
  if (!reader.rest().empty())
    refuse("an option has a } that nothing opens", "name=value, with braces in pairs");
  return list;
}

}  // namespace ipm::ipp
