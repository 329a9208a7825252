#include "print/operations/media.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "base/text.h"

namespace ipm::print {
namespace {

struct ShortName {
  std::string_view name;  // lower case
  std::string_view medium;
};

// RFC 8011's predecessors named media like "iso-a4"; PPDs (Adobe TN 5003, B.1) like "A4".
constexpr std::array kShortNames = {
    ShortName{"a2", "iso_a2_420x594mm"},
    ShortName{"a3", "iso_a3_297x420mm"},
    ShortName{"a4", "iso_a4_210x297mm"},
    ShortName{"a5", "iso_a5_148x210mm"},
    ShortName{"a6", "iso_a6_105x148mm"},
    ShortName{"b4", "jis_b4_257x364mm"},
    ShortName{"b5", "jis_b5_182x257mm"},
    ShortName{"isob5", "iso_b5_176x250mm"},
    ShortName{"jisb4", "jis_b4_257x364mm"},
    ShortName{"jisb5", "jis_b5_182x257mm"},
    ShortName{"letter", "na_letter_8.5x11in"},
    ShortName{"legal", "na_legal_8.5x14in"},
    ShortName{"tabloid", "na_ledger_11x17in"},
    ShortName{"ledger", "na_ledger_11x17in"},
    ShortName{"11x17", "na_ledger_11x17in"},
    ShortName{"executive", "na_executive_7.25x10.5in"},
    ShortName{"statement", "na_invoice_5.5x8.5in"},
    ShortName{"invoice", "na_invoice_5.5x8.5in"},
    ShortName{"folio", "om_folio_210x330mm"},
    ShortName{"foolscap", "na_foolscap_8.5x13in"},
    ShortName{"4x6", "na_index-4x6_4x6in"},
    ShortName{"index-4x6", "na_index-4x6_4x6in"},
    ShortName{"5x7", "na_5x7_5x7in"},
    ShortName{"env10", "na_number-10_4.125x9.5in"},
    ShortName{"com10", "na_number-10_4.125x9.5in"},
    ShortName{"comm10", "na_number-10_4.125x9.5in"},
    ShortName{"number-10", "na_number-10_4.125x9.5in"},
    ShortName{"envmonarch", "na_monarch_3.875x7.5in"},
    ShortName{"monarch", "na_monarch_3.875x7.5in"},
    ShortName{"envdl", "iso_dl_110x220mm"},
    ShortName{"dl", "iso_dl_110x220mm"},
    ShortName{"envc5", "iso_c5_162x229mm"},
    ShortName{"c5", "iso_c5_162x229mm"},
    ShortName{"envc6", "iso_c6_114x162mm"},
    ShortName{"postcard", "jpn_hagaki_100x148mm"},
    ShortName{"hagaki", "jpn_hagaki_100x148mm"},
};

// "210x297mm", "8.5x11in": dimensions with their unit.
std::optional<MediaSize> read_dimensions(std::string_view text) {
  double unit = 0;
  if (text.ends_with("mm")) unit = 100;
  if (text.ends_with("in")) unit = 2540;
  if (unit == 0) return std::nullopt;
  text.remove_suffix(2);
  const auto times = text.find('x');
  if (times == std::string_view::npos) return std::nullopt;
  const auto read = [&](std::string_view part) -> int {
    double value = 0;
    const auto [end, failed] =
        std::from_chars(part.data(), part.data() + part.size(), value, std::chars_format::fixed);
    constexpr double kHundredthsMax = 10'000'000;  // 100 m
    if (failed != std::errc() || end != part.data() + part.size()) return 0;
    if (!(value > 0) || value * unit > kHundredthsMax) return 0;
    return static_cast<int>(std::lround(value * unit));
  };
  const MediaSize size{read(text.substr(0, times)), read(text.substr(times + 1))};
  if (size.width == 0 || size.length == 0) return std::nullopt;
  return size;
}

std::string_view without_prefix(std::string_view text, std::string_view prefix) {
  return text.starts_with(prefix) ? text.substr(prefix.size()) : text;
}

// "Tray2" and "tray-2" are "tray-2"; "ManualFeed" is "manual". Empty for what is no source.
std::string source_of(std::string_view text) {
  const std::string word = to_lower_ascii(text);
  for (const auto& [name, source] : {std::pair{"manual", "manual"},
                                     {"manualfeed", "manual"},
                                     {"auto", "auto"},
                                     {"main", "main"},
                                     {"upper", "top"},
                                     {"top", "top"},
                                     {"middle", "middle"},
                                     {"lower", "bottom"},
                                     {"bottom", "bottom"},
                                     {"multipurpose", "by-pass-tray"},
                                     {"by-pass-tray", "by-pass-tray"},
                                     {"largecapacity", "large-capacity"},
                                     {"large-capacity", "large-capacity"},
                                     {"envelope", "envelope"},
                                     {"photo", "photo"}}) {
    if (word == name) return source;
  }
  std::string_view number = word;
  if (!number.starts_with("tray")) return {};
  number = without_prefix(number.substr(4), "-");
  if (number.empty() || number.size() > 2 ||
      number.find_first_not_of("0123456789") != std::string_view::npos) {
    return {};
  }
  return fmt::format("tray-{}", number);
}

// "Custom.100x200mm", and without a unit points (as PPDs have it).
std::string custom_name(std::string_view dimensions) {
  if (read_dimensions(dimensions)) return fmt::format("custom_any_{}", dimensions);
  const auto times = dimensions.find('x');
  if (times == std::string_view::npos) return {};
  const auto inches = [](std::string_view part) -> double {
    double points = 0;
    const auto [end, failed] =
        std::from_chars(part.data(), part.data() + part.size(), points, std::chars_format::fixed);
    return failed == std::errc() && end == part.data() + part.size() ? points / 72 : 0;
  };
  const std::string text = fmt::format("{:.3f}x{:.3f}in", inches(dimensions.substr(0, times)),
                                       inches(dimensions.substr(times + 1)));
  return read_dimensions(text) ? fmt::format("custom_any_{}", text) : std::string();
}

}  // namespace

std::optional<MediaSize> find_media_size(std::string_view name) {
  const auto parts = split(name, '_');
  if (parts.size() != 3 || parts[0].empty() || parts[1].empty()) return std::nullopt;
  return read_dimensions(parts[2]);
}

std::string_view find_standard_medium(std::string_view short_name) {
  const std::string lower = to_lower_ascii(short_name);
  std::string_view name = lower;
  for (const std::string_view colour : {"-white", "-transparent", "-colored"}) {
    if (name.ends_with(colour)) name.remove_suffix(colour.size());
  }
  for (const std::string_view body : {"iso-", "na-", "jis-"}) name = without_prefix(name, body);
  for (const ShortName& row : kShortNames) {
    if (row.name == name) return row.medium;
  }
  return {};
}

MediaWish read_media(std::string_view text) {
  MediaWish wish;
  for (const std::string_view part : split(text, ',')) {
    const auto dot = part.find('.');
    const bool custom = equal_ascii_nocase(part.substr(0, dot), "custom");
    std::string name;
    std::string_view rest;
    if (find_media_size(part)) {
      name = part;
    } else if (custom && dot != std::string_view::npos) {
      name = custom_name(part.substr(dot + 1));
    } else {
      name = find_standard_medium(part.substr(0, dot));
      if (!name.empty() && dot != std::string_view::npos) rest = part.substr(dot + 1);
    }
    if (!name.empty() && wish.name.empty()) {
      wish.name = name;
    } else if (auto source = source_of(part); !source.empty() && wish.source.empty()) {
      wish.source = std::move(source);
    } else {
      rest = part;
    }
    if (!rest.empty()) {
      if (!wish.rest.empty()) wish.rest += ',';
      wish.rest += rest;
    }
  }
  return wish;
}

}  // namespace ipm::print
